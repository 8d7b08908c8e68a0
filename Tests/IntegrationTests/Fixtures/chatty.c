/* Long progress until it is cancelled: every 2 ms, or every `pause_us`. */
#include "fixture.h"

FIXTURE_PLUGIN("chatty", FIXTURE_INTEGER("pause_us", "2000"))

FIXTURE_IMPORT_PROGRESS {
    const useconds_t pause = (useconds_t)fixture_number(call, "pause_us", 2000);
    char message[1000];
    memset(message, 'x', sizeof message - 1);
    message[sizeof message - 1] = 0;
    for (int64_t i = 1;; i++) {
        if (progress(context, "talking", message, i, INTEGRATION_UNKNOWN) != INTEGRATION_OK)
            return INTEGRATION_CANCELLED;
        usleep(pause);
    }
}
