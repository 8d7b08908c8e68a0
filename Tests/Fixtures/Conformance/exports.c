/* A function of its own that anybody can link against. */
#include "good.h"

FIXTURE_EXPORT int conformance_helper(void) { return 1; }
