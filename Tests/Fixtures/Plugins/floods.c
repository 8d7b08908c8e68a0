/* Prints without an end: its import, and its integration_webhook_v1. */
#include "fixture.h"

FIXTURE_PLUGIN("floods", "")

static void flood(void) {
    while (printf("flood\n") > 0 && fflush(stdout) == 0) {}
}

FIXTURE_IMPORT {
    (void)call;
    flood();
    return INTEGRATION_OK;
}

FIXTURE_EXPORT integration_status integration_webhook_v1(const integration_call *call,
                                                         const integration_webhook_request *request) {
    (void)call;
    (void)request;
    flood();
    return INTEGRATION_OK;
}
