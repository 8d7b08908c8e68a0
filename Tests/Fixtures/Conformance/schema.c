/* A keyword that the daemon does not know. */
#define GOOD_MORE_SCHEMA ",\"oneOf\":[]"
#include "good.h"
