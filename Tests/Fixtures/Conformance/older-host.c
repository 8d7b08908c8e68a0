/* Looks at a member that this contract does not have. */
#define GOOD_BEGIN                                                                                \
    void *const volatile *newer = (void *const volatile *)(call->host + 1);                       \
    if (*newer) call->host->log(call->host, INTEGRATION_LOG_INFO, "a newer host", NULL);
#include "good.h"
