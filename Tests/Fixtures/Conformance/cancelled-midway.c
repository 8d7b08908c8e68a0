/* Takes its time when it is cancelled. */
#define GOOD_WHEN_CANCELLED return sleep(3), INTEGRATION_CANCELLED;
#include "good.h"
