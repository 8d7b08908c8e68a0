/* A checkpoint that makes no sense is a bug to it. */
#define GOOD_WITH_BAD_CHECKPOINT return INTEGRATION_INTERNAL;
#include "good.h"
