/* Fails if the entry runs on the process's main thread. */
#include "fixture.h"

FIXTURE_PLUGIN("main-thread", "")

FIXTURE_IMPORT {
    if (gettid() != getpid()) return fixture_documents(call, 1);
    call->host->fail(call->host, "main-thread", "The entry runs on the main thread.", NULL, 0);
    return INTEGRATION_PERMANENT;
}
