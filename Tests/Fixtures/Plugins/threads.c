/* Eight threads that emit documents and report progress at once, each in a step of its own.
 * documents: how many each. */
#include "fixture.h"

#include <pthread.h>

#define THREADS 8

FIXTURE_PLUGIN("threads", FIXTURE_INTEGER("documents", "100"))

typedef struct worker {
    const integration_call *call;
    integration_progress_fn progress;
    void *context;
    int number;
    integration_status status;
} worker;

static void *work(void *argument) {
    worker *self = argument;
    const int64_t documents = fixture_number(self->call, "documents", 100);
    char step[16], id[48];
    snprintf(step, sizeof step, "thread_%d", self->number);
    for (int64_t i = 1; i <= documents && self->status == INTEGRATION_OK; i++) {
        snprintf(id, sizeof id, "%d-%lld", self->number, (long long)i);
        self->status = fixture_document(self->call, id, id, "From a thread.");
        if (self->status == INTEGRATION_OK)
            self->status = self->progress(self->context, step, NULL, i, documents);
    }
    return NULL;
}

FIXTURE_IMPORT_PROGRESS {
    pthread_t threads[THREADS];
    worker workers[THREADS];
    int started = 0;
    integration_status status = INTEGRATION_OK;
    for (; started < THREADS; started++) {
        workers[started] = (worker){call, progress, context, started, INTEGRATION_OK};
        if (pthread_create(&threads[started], NULL, work, &workers[started]) != 0) break;
    }
    if (started < THREADS) status = INTEGRATION_INTERNAL;
    for (int i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
        if (status == INTEGRATION_OK) status = workers[i].status;
    }
    return status;
}
