/* Opens what it never closes. */
#include <fcntl.h>
#define GOOD_BEGIN if (open("/dev/null", O_RDONLY) < 0) return INTEGRATION_INTERNAL;
#include "good.h"
