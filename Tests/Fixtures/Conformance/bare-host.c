/* Does not work without a descriptor. */
#define GOOD_BEGIN                                                                                \
    if (call->host->cancel_fd(call->host) < 0) return INTEGRATION_INTERNAL;
#include "good.h"
