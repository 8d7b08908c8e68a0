/* Logs its token. */
#define GOOD_BEGIN                                                                                \
    char line[128];                                                                               \
    snprintf(line, sizeof line, "signing in with %.20s", token);                                  \
    call->host->log(call->host, INTEGRATION_LOG_INFO, line, NULL);
#include "good.h"
