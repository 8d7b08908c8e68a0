/* A thread that stays. */
#define GOOD_END                                                                                  \
    pthread_t thread;                                                                             \
    if (pthread_create(&thread, NULL, wait_for_ever, NULL) == 0) pthread_detach(thread);
#include "fixture.h"

#include <pthread.h>

static void *wait_for_ever(void *context) {
    for (;;) pause();
    return context;
}
#include "good.h"
