/* `events` progress events of about 200 bytes, `interval_us` apart, once the file `gate` is there. */
#include "fixture.h"
#include <time.h>

FIXTURE_PLUGIN("ticker", FIXTURE_STRING("gate", "") "," FIXTURE_INTEGER("events", "1000") "," FIXTURE_INTEGER(
                   "interval_us", "10000"))

FIXTURE_IMPORT_PROGRESS {
    char path[4096], message[128];
    const char *gate = fixture_text(call, "gate", "", path, sizeof path);
    const int64_t events = fixture_number(call, "events", 1000);
    const int64_t interval = fixture_number(call, "interval_us", 10000) * 1000;
    while (access(gate, F_OK) != 0)
        if (fixture_wait(call, 2)) return INTEGRATION_CANCELLED;
    struct timespec due;
    clock_gettime(CLOCK_MONOTONIC, &due);
    for (int64_t i = 1; i <= events; i++) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        snprintf(message, sizeof message, "t=%019lld and so on", (long long)now.tv_sec * 1000000000 + now.tv_nsec);
        if (progress(context, "ticking", message, i, events) != INTEGRATION_OK) return INTEGRATION_CANCELLED;
        due.tv_nsec += interval;
        due.tv_sec += due.tv_nsec / 1000000000;
        due.tv_nsec %= 1000000000;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
    }
    return INTEGRATION_OK;
}
