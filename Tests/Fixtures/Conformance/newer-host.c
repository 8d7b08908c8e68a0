/* Wants the host to be exactly its own version. */
#define GOOD_BEGIN                                                                                \
    if (call->host->struct_size != sizeof(integration_host)) return INTEGRATION_UNSUPPORTED;
#include "good.h"
