/* Ignores cancellation and sleeps for ever.  documents: how many come first; ignore_sigterm: 1
 * leaves SIGKILL as the only end. */
#include "fixture.h"

#include <signal.h>

FIXTURE_PLUGIN("hang", FIXTURE_INTEGER("documents", "1") ","
               FIXTURE_INTEGER("ignore_sigterm", "0"))

FIXTURE_IMPORT_PROGRESS {
    if (fixture_number(call, "ignore_sigterm", 0)) signal(SIGTERM, SIG_IGN);
    fixture_documents(call, fixture_number(call, "documents", 1));
    progress(context, "hanging", "Hanging", INTEGRATION_UNKNOWN, INTEGRATION_UNKNOWN);
    call->host->log(call->host, INTEGRATION_LOG_INFO, "Nothing more to say.", NULL);
    for (;;) pause();
}
