/*
 * What a worker's process is like, as documents: environment, descriptors, working_directory,
 * signals (those not at their default, and those blocked), limits, process; one line a fact in
 * `content`.
 */
#include "fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/resource.h>

FIXTURE_PLUGIN("env-dump", "")

extern char **environ;

typedef struct page {
    char text[16384]; /* escaped for JSON; what does not fit is left out */
    size_t size;
} page;

__attribute__((format(printf, 2, 3))) static void put(page *page, const char *format, ...) {
    char line[2048];
    va_list values;
    va_start(values, format);
    vsnprintf(line, sizeof line, format, values);
    va_end(values);
    for (const char *at = line; *at && page->size + 8 < sizeof page->text; at++) {
        unsigned char byte = (unsigned char)*at;
        size_t room = sizeof page->text - page->size;
        const char *shape = byte == '"' || byte == '\\' ? "\\%c" : byte < 0x20 ? "\\u%04x" : "%c";
        page->size += (size_t)snprintf(page->text + page->size, room, shape, byte);
    }
}

static integration_status emit(const integration_call *call, const char *id, page *page) {
    static char json[sizeof page->text + 256];
    int size = snprintf(json, sizeof json, "{\"title\":\"%s\",\"content\":\"%.*s\"}", id,
                        (int)page->size, page->text);
    page->size = 0;
    return call->host->upsert(call->host, "items", id, json, (size_t)size);
}

static void put_environment(page *page) {
    for (char **variable = environ; *variable; variable++) put(page, "%s\n", *variable);
}

/* Asks for each by number, so that it needs no /proc; the names are there if /proc is.  Not
 * /proc/self: that is the main thread's, which has ended. */
static void put_descriptors(page *page) {
    for (int descriptor = 0; descriptor < 1024; descriptor++) {
        int flags = fcntl(descriptor, F_GETFD);
        if (flags < 0) continue;
        char link[64], name[512];
        snprintf(link, sizeof link, "/proc/thread-self/fd/%d", descriptor);
        ssize_t size = readlink(link, name, sizeof name);
        put(page, "%d %s %.*s\n", descriptor, flags & FD_CLOEXEC ? "cloexec" : "inherited",
            size < 0 ? 1 : (int)size, size < 0 ? "?" : name);
    }
}

static void put_working_directory(page *page) {
    char name[1024];
    put(page, "%s\n", getcwd(name, sizeof name) ? name : strerror(errno));
}

static void put_signals(page *page) {
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) != 0) continue;
        if (action.sa_handler == SIG_IGN) put(page, "%d ignored\n", number);
        else if (action.sa_handler != SIG_DFL) put(page, "%d handled\n", number);
        if (sigismember(&blocked, number) == 1) put(page, "%d blocked\n", number);
    }
}

static void put_limits(page *page) {
    static const struct {
        const char *name;
        __rlimit_resource_t resource;
    } limits[] = {{"core", RLIMIT_CORE}, {"memory", RLIMIT_AS},  {"cpu", RLIMIT_CPU},
                  {"files", RLIMIT_NOFILE}, {"stack", RLIMIT_STACK}, {"threads", RLIMIT_NPROC}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct rlimit limit;
        if (getrlimit(limits[i].resource, &limit) != 0) continue;
        if (limit.rlim_cur == RLIM_INFINITY) put(page, "%s unlimited\n", limits[i].name);
        else put(page, "%s %llu\n", limits[i].name, (unsigned long long)limit.rlim_cur);
    }
}

static void put_process(page *page) {
    int death_signal = 0;
    prctl(PR_GET_PDEATHSIG, &death_signal);
    put(page, "group_leader %d\n", getpgrp() == getpid());
    put(page, "main_thread %d\n", gettid() == getpid());
    put(page, "no_new_privileges %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    put(page, "parent_death_signal %d\n", death_signal);
    put(page, "user %d\n", (int)geteuid());
}

FIXTURE_IMPORT {
    static const struct {
        const char *id;
        void (*put)(page *);
    } pages[] = {{"environment", put_environment},
                 {"descriptors", put_descriptors},
                 {"working_directory", put_working_directory},
                 {"signals", put_signals},
                 {"limits", put_limits},
                 {"process", put_process}};
    static page page;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        pages[i].put(&page);
        integration_status status = emit(call, pages[i].id, &page);
        if (status != INTEGRATION_OK) return status;
    }
    return INTEGRATION_OK;
}
