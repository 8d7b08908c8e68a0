/*
 * `events` progress events once the file `gate` is there, `interval_us` apart, or `busy_us` apart without
 * sleeping, each with a message of `size` bytes; then waits for the file `hold`, if one is named. With `opens`, an event
 * that is not counted begins the step before that.
 */
#include "fixture.h"
#include <stdbool.h>
#include <time.h>

FIXTURE_PLUGIN("ticker", FIXTURE_STRING("gate", "") "," FIXTURE_STRING("hold", "") "," FIXTURE_INTEGER(
                   "events", "1000") "," FIXTURE_INTEGER("interval_us", "10000") "," FIXTURE_INTEGER(
                   "busy_us", "0") "," FIXTURE_INTEGER("size", "32") "," FIXTURE_INTEGER("opens", "0"))

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* False: cancelled. */
static bool wait_for(const integration_call *call, const char *path) {
    while (*path && access(path, F_OK) != 0)
        if (fixture_wait(call, 20)) return false;
    return true;
}

static void sleep_until(int64_t due) {
    struct timespec time = {.tv_sec = due / 1000000000, .tv_nsec = due % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

FIXTURE_IMPORT_PROGRESS {
    char gate[4096], hold[4096];
    static char message[1024];
    const int64_t events = fixture_number(call, "events", 1000);
    const int64_t interval = fixture_number(call, "interval_us", 10000) * 1000;
    const int64_t busy = fixture_number(call, "busy_us", 0) * 1000;
    const size_t size = (size_t)fixture_number(call, "size", 32);
    memset(message, '.', sizeof message);
    message[size < sizeof message ? size : sizeof message - 1] = 0;
    if (fixture_number(call, "opens", 0)) progress(context, "ticking", "", 0, events);
    if (!wait_for(call, fixture_text(call, "gate", "", gate, sizeof gate))) return INTEGRATION_CANCELLED;
    /* Runs that were started at once do not tick at once. */
    int64_t due = now_ns() + (int64_t)((uint64_t)getpid() * 2654435761u % (uint64_t)(interval + 1));
    if (!busy) sleep_until(due);
    for (int64_t i = 1; i <= events; i++) {
        char mark[32];
        const int length = snprintf(mark, sizeof mark, "t=%019lld ", (long long)now_ns());
        memcpy(message, mark, (size_t)length);
        if (progress(context, "ticking", message, i, events) != INTEGRATION_OK) return INTEGRATION_CANCELLED;
        due += busy ? busy : interval;
        if (busy) while (now_ns() < due) continue;
        else sleep_until(due);
    }
    return wait_for(call, fixture_text(call, "hold", "", hold, sizeof hold)) ? INTEGRATION_OK
                                                                             : INTEGRATION_CANCELLED;
}
