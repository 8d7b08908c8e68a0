/* Takes a cancellation that came early for a fault. */
#define GOOD_AT_ENTRY if (call->host->is_cancelled(call->host)) return INTEGRATION_INTERNAL;
#include "good.h"
