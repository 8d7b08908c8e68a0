/* Needs a later ABI than it was built against. */
#define GOOD_MIN_ABI "1.7"
#include "good.h"
