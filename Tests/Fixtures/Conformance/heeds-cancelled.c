/* Goes on, whatever the host answers. */
#define GOOD_WHEN_CANCELLED
#define GOOD_ASKS 0
#include "good.h"
