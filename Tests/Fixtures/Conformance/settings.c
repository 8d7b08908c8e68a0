/* Needs a setting that nobody gives. */
#define GOOD_MORE_SCHEMA ",\"required\":[\"account\"]"
#define GOOD_MORE_SETTINGS ",\"account\":{\"type\":\"string\"}"
#include "good.h"
