/* Takes a moment, and goes on from where it was: emits items/1 … items/<documents>, says `emitting` with each, a step
 * of its own with every 25th, and offers a checkpoint with every 10th.  Says at its end that this was all.  Waits a
 * millisecond with every other document, so that there is time to be killed in. */
#include "fixture.h"

FIXTURE_PLUGIN("goes_on", FIXTURE_INTEGER("documents", "300"))

/* The number in the checkpoint, 0 without one. */
static int64_t done_before(const integration_call *call) {
    char text[32] = "";
    if (!call->checkpoint || call->checkpoint_size >= sizeof text) return 0;
    memcpy(text, call->checkpoint, call->checkpoint_size);
    return strtoll(text, NULL, 10);
}

static integration_status emit(const integration_call *call, int64_t number) {
    char text[32];
    int size = snprintf(text, sizeof text, "%lld", (long long)number);
    integration_status status = fixture_document(call, text, text, "Emitted again if need be.");
    if (status != INTEGRATION_OK || number % 10 != 0) return status;
    return call->host->checkpoint(call->host, text, (size_t)size);
}

FIXTURE_IMPORT_PROGRESS {
    const int64_t documents = fixture_number(call, "documents", 300);
    for (int64_t number = done_before(call) + 1; number <= documents; number++) {
        integration_status status = emit(call, number);
        if (status == INTEGRATION_OK) status = progress(context, "emitting", NULL, number, documents);
        if (status == INTEGRATION_OK && number % 25 == 0) {
            char step[32];
            snprintf(step, sizeof step, "part_%lld", (long long)(number / 25));
            status = progress(context, step, NULL, number, documents);
        }
        if (status != INTEGRATION_OK) return status;
        if (number % 2 == 0 && fixture_wait(call, 1)) return INTEGRATION_CANCELLED;
    }
    integration_status status = call->host->complete(call->host, "items", NULL);
    return status == INTEGRATION_OK ? call->host->checkpoint(call->host, NULL, 0) : status;
}
