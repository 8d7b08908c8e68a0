/* Item 40 of 39. */
#define GOOD_TOTAL count - 1
#include "good.h"
