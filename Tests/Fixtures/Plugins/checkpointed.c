/*
 * Resumes.  Emits items/1 … items/<documents> with a checkpoint after every `every`; dies of
 * SIGSEGV after `crash_at` documents (0 = never) unless it began from a checkpoint.  The log says
 * where it began.  keep: 1 leaves the last checkpoint, 0 clears it at the end.  refuse: 1 finds
 * any checkpoint invalid.
 */
#include "fixture.h"

FIXTURE_PLUGIN("checkpointed", FIXTURE_INTEGER("documents", "100") ","
               FIXTURE_INTEGER("every", "10") "," FIXTURE_INTEGER("crash_at", "0") ","
               FIXTURE_INTEGER("keep", "0") "," FIXTURE_INTEGER("refuse", "0"))

static int *volatile nowhere = (int *)16;

/* The number in the checkpoint, 0 without one. */
static int64_t begin(const integration_call *call) {
    char text[32] = "";
    if (!call->checkpoint || call->checkpoint_size >= sizeof text) return 0;
    memcpy(text, call->checkpoint, call->checkpoint_size);
    return strtoll(text, NULL, 10);
}

static integration_status offer(const integration_call *call, int64_t done) {
    char text[32];
    int size = snprintf(text, sizeof text, "%lld", (long long)done);
    return call->host->checkpoint(call->host, text, (size_t)size);
}

static integration_status emit(const integration_call *call, int64_t number) {
    char id[32];
    snprintf(id, sizeof id, "%lld", (long long)number);
    integration_status status = fixture_document(call, id, id, "Resumable.");
    int64_t every = fixture_number(call, "every", 10);
    if (status != INTEGRATION_OK || every == 0 || number % every != 0) return status;
    return offer(call, number);
}

FIXTURE_IMPORT_PROGRESS {
    const int64_t documents = fixture_number(call, "documents", 100);
    const int64_t crash_at = fixture_number(call, "crash_at", 0);
    const int64_t start = begin(call);
    char text[64];
    if (start > 0 && fixture_number(call, "refuse", 0)) return INTEGRATION_CHECKPOINT_INVALID;
    snprintf(text, sizeof text, "Began after %lld.", (long long)start);
    call->host->log(call->host, INTEGRATION_LOG_INFO, text, NULL);

    for (int64_t number = start + 1; number <= documents; number++) {
        integration_status status = emit(call, number);
        if (status == INTEGRATION_OK)
            status = progress(context, "emitting", NULL, number, documents);
        if (status != INTEGRATION_OK) return status;
        if (start == 0 && number == crash_at) *nowhere = 1;
    }
    if (fixture_number(call, "keep", 0)) return offer(call, documents);
    return call->host->checkpoint(call->host, NULL, 0);
}
