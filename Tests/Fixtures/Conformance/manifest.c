/* An id without a domain. */
#define GOOD_ID "Conformance"
#include "good.h"
