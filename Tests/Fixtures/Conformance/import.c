/* Never works. */
#define GOOD_END return INTEGRATION_PERMANENT;
#include "good.h"
