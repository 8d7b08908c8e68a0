/* Logs in Latin-1. */
#define GOOD_BEGIN call->host->log(call->host, INTEGRATION_LOG_INFO, "caf\xE9", NULL);
#include "good.h"
