/* A network that is down is given up for good. */
#define GOOD_WITHOUT_NETWORK INTEGRATION_PERMANENT
#include "good.h"
