/* Changes the environment of everybody in its process. */
#define GOOD_BEGIN setenv("TZ", "UTC", 1);
#include "good.h"
