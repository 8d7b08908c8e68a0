/* A thread that logs when the entry has returned, and ends. */
#define GOOD_END                                                                                  \
    pthread_t thread;                                                                             \
    if (pthread_create(&thread, NULL, log_late, (void *)call->host) == 0) pthread_detach(thread);
#include "fixture.h"

#include <pthread.h>

static void *log_late(void *context) {
    const integration_host *host = (const integration_host *)context;
    usleep(20000);
    host->log(host, INTEGRATION_LOG_INFO, "still here", NULL);
    return NULL;
}
#include "good.h"
