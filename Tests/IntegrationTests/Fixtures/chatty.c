/* Long progress, as fast as the host takes it, until it is cancelled. */
#include "fixture.h"

FIXTURE_PLUGIN("chatty", "")

FIXTURE_IMPORT_PROGRESS {
    char message[1000];
    memset(message, 'x', sizeof message - 1);
    message[sizeof message - 1] = 0;
    for (int64_t i = 1;; i++) {
        if (progress(context, "talking", message, i, INTEGRATION_UNKNOWN) != INTEGRATION_OK)
            return INTEGRATION_CANCELLED;
        if (fixture_wait(call, 2)) return INTEGRATION_CANCELLED;
    }
}
