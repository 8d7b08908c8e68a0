/* A password that is not marked. */
#define GOOD_MORE_SETTINGS ",\"password\":{\"type\":\"string\"}"
#include "good.h"
