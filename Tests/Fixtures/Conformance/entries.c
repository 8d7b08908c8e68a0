/* Has no import. */
#define GOOD_NO_IMPORTS
#include "good.h"
