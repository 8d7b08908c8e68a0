/*
 * Emits `documents` documents and then does what no plugin should:
 *   crash         writes to address 0
 *   thread        the same, on a thread of its own
 *   exit          exit(0)
 *   abort         abort()
 *   overflow      recursion without an end
 *   loop          computes for ever, and hears nothing
 *   stop          SIGSTOP to itself
 *   memory        takes and uses `bytes`, and does not ask whether it got them
 *   cpu           computes on four threads until its CPU time is up
 *   fork_bomb     forks for ever; where that is refused it gives up and crashes
 *   close_socket  closes every descriptor from 3 on
 *   file          writes a file in its temporary folder until it is not let
 */
#include "fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>

FIXTURE_PLUGIN("ends-badly", FIXTURE_STRING("kind", "crash") "," FIXTURE_INTEGER("documents", "2") ","
                             FIXTURE_INTEGER("bytes", "1073741824"))

static void crash(void) { *(volatile int *)0 = 1; }

static void *crash_there(void *unused) {
    crash();
    return unused;
}

static void crash_on_a_thread(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, crash_there, NULL) == 0) pthread_join(thread, NULL);
}

/* Not a loop in disguise: each call keeps something on the stack. */
static int overflow(volatile char *above) {
    volatile char mine[4096];
    mine[0] = above ? above[0] : 1;
    return overflow(mine) + mine[0];
}

static void *loop(void *unused) {
    for (volatile unsigned long count = 0;; count++) {}
    return unused;
}

static void compute_on_threads(void) {
    pthread_t thread;
    for (int i = 0; i < 3; i++) pthread_create(&thread, NULL, loop, NULL);
    loop(NULL);
}

static void take_memory(size_t bytes) {
    char *memory = malloc(bytes);
    memset(memory, 1, bytes);
}

static void fork_for_ever(void) {
    while (fork() >= 0) {}
    crash();
}

static void write_for_ever(const integration_call *call) {
    static char block[1 << 16];
    char path[4096];
    snprintf(path, sizeof path, "%s/large", call->temp_dir);
    int file = open(path, O_CREAT | O_WRONLY, 0600);
    while (write(file, block, sizeof block) > 0) {}
}

FIXTURE_IMPORT_PROGRESS {
    char buffer[32];
    const char *kind = fixture_text(call, "kind", "crash", buffer, sizeof buffer);
    progress(context, "before_the_end", kind, 0, INTEGRATION_UNKNOWN);
    fixture_documents(call, fixture_number(call, "documents", 2));
    fprintf(stderr, "last words of %s\n", kind);
    fflush(stderr);
    if (!strcmp(kind, "crash")) crash();
    if (!strcmp(kind, "thread")) crash_on_a_thread();
    if (!strcmp(kind, "exit")) exit(0);
    if (!strcmp(kind, "abort")) abort();
    if (!strcmp(kind, "overflow")) overflow(NULL);
    if (!strcmp(kind, "loop")) loop(NULL);
    if (!strcmp(kind, "stop")) raise(SIGSTOP), pause();
    if (!strcmp(kind, "memory")) take_memory((size_t)fixture_number(call, "bytes", 1 << 30));
    if (!strcmp(kind, "cpu")) compute_on_threads();
    if (!strcmp(kind, "fork_bomb")) fork_for_ever();
    if (!strcmp(kind, "close_socket")) closefrom(3), pause();
    if (!strcmp(kind, "file")) write_for_ever(call);
    return INTEGRATION_OK;
}
