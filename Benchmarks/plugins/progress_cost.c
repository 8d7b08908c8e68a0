/*
 * Times its own progress() calls, in nanoseconds, and emits the result as items/cost.
 * calls: how many; pause_us: between two calls, 0 for as fast as it goes; gate: a file to wait for first.
 */
#include "fixture.h"

FIXTURE_PLUGIN("progress-cost", FIXTURE_STRING("gate", "") "," FIXTURE_INTEGER("calls", "100000") "," FIXTURE_INTEGER("pause_us", "0"))

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Busy: a thread that sleeps would pay for waking up instead. */
static void pause_for(uint64_t nanoseconds) {
    for (const uint64_t end = now_ns() + nanoseconds; now_ns() < end;) continue;
}

static int ascending(const void *left, const void *right) {
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* p50, p99, p99.9 and the longest, of sorted values. */
static integration_status emit(const integration_call *call, const uint64_t *cost, size_t count,
                               uint64_t whole) {
    char content[256];
    snprintf(content, sizeof content, "%llu %llu %llu %llu %llu",
             (unsigned long long)cost[count / 2], (unsigned long long)cost[count * 99 / 100],
             (unsigned long long)cost[count * 999 / 1000], (unsigned long long)cost[count - 1],
             (unsigned long long)whole);
    return fixture_document(call, "cost", "Cost of progress()", content);
}

FIXTURE_IMPORT_PROGRESS {
    char gate[4096];
    fixture_text(call, "gate", "", gate, sizeof gate);
    while (*gate && access(gate, F_OK) != 0)
        if (fixture_wait(call, 20)) return INTEGRATION_CANCELLED;
    const size_t calls = (size_t)fixture_number(call, "calls", 100000);
    const uint64_t pause = (uint64_t)fixture_number(call, "pause_us", 0) * 1000;
    uint64_t *cost = calls > 0 ? malloc(calls * sizeof *cost) : NULL;
    if (!cost) return INTEGRATION_PERMANENT;
    memset(cost, 0, calls * sizeof *cost); /* no page faults while it is timed */
    integration_status status = INTEGRATION_OK;
    const uint64_t started = now_ns();
    for (size_t i = 0; i < calls && status == INTEGRATION_OK; i++) {
        const uint64_t before = now_ns();
        status = progress(context, "counting", "Counting what a call costs", (int64_t)i,
                          (int64_t)calls);
        cost[i] = now_ns() - before;
        if (pause > 0) pause_for(pause);
    }
    const uint64_t whole = now_ns() - started;
    qsort(cost, calls, sizeof *cost, ascending);
    if (status == INTEGRATION_OK) status = emit(call, cost, calls, whole);
    free(cost);
    return status;
}
