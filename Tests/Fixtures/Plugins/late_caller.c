/* A thread of the plugin goes on calling the host for 200 ms after the entry returned: the host
 * reports the violation and ignores the calls. */
#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>

FIXTURE_PLUGIN("late-caller", "")

static atomic_int has_returned;

/* Kept beyond the entry's return, as a faulty plugin would. */
static const integration_call *late_call;
static integration_progress_fn late_progress;
static void *late_context;

static void *call_late(void *unused) {
    while (!atomic_load(&has_returned)) poll(NULL, 0, 1);
    const integration_host *host = late_call->host;
    for (int i = 0; i < 200; i++, poll(NULL, 0, 1)) {
        late_progress(late_context, "late", "Too late", i, 200);
        host->upsert(host, "items", "late", "{\"title\":\"late\"}", 16);
        host->log(host, INTEGRATION_LOG_INFO, "Too late.", NULL);
        host->checkpoint(host, "late", 4);
        host->is_cancelled(host);
    }
    return unused;
}

FIXTURE_IMPORT_PROGRESS {
    pthread_t thread;
    late_call = call;
    late_progress = progress;
    late_context = context;
    if (pthread_create(&thread, NULL, call_late, NULL) != 0) return INTEGRATION_INTERNAL;
    pthread_detach(thread);
    integration_status status = fixture_documents(call, 3);
    atomic_store(&has_returned, 1);
    return status;
}
