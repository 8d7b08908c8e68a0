/* Blocks where neither is_cancelled nor cancel_fd reaches; only integration_cancel_v1 frees it, and
 * must be given the same call on another thread. */
#include "fixture.h"

#include <pthread.h>
#include <semaphore.h>

FIXTURE_PLUGIN("cancel-entry", "")

static const integration_call *running;
static pthread_t runner;
static sem_t freed;
/* Set before `freed` is posted and read after: the semaphore orders them. */
static int wrongly_called;

__attribute__((constructor)) static void prepare(void) {
    sem_init(&freed, 0, 0);
}

FIXTURE_EXPORT void integration_cancel_v1(const integration_call *call) {
    wrongly_called = call != running || pthread_equal(pthread_self(), runner);
    sem_post(&freed);
}

FIXTURE_IMPORT_PROGRESS {
    running = call;
    runner = pthread_self();
    progress(context, "blocked", "Blocked", 0, 1);
    while (sem_wait(&freed) != 0) continue;
    if (!wrongly_called) return INTEGRATION_CANCELLED;
    call->host->fail(call->host, "wrong-cancel", "Other call, or the same thread.", NULL, 0);
    return INTEGRATION_PERMANENT;
}
