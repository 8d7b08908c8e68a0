/* Polite: waits on cancel_fd, for ever, and returns CANCELLED.  announce_ms: tells the host that it
 * waits until then (0: does not). */
#include "fixture.h"

FIXTURE_PLUGIN("waits", FIXTURE_INTEGER("announce_ms", "0"))

FIXTURE_IMPORT_PROGRESS {
    const int64_t announced = fixture_number(call, "announce_ms", 0);
    progress(context, "waiting_for_cancel", "Waiting to be cancelled", 0, 1);
    if (announced > 0)
        call->host->waiting(call->host, fixture_now_ms() + announced, "the fixture was told to");
    while (!fixture_wait(call, -1)) continue;
    return INTEGRATION_CANCELLED;
}
