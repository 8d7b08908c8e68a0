/* Says nothing of documents that the host refuses. */
#define GOOD_WHEN_REFUSED
#include "good.h"
