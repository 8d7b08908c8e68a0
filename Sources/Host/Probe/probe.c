/* probe.c -- from the plan to a returned status. */
#include "probe.h"

#include <dlfcn.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "frame.h"
#include "probe_call.h"
#include "system.h"

/* What the contract promises a plugin, and not a byte more. */
#define ENTRY_STACK_SIZE (8u * 1024 * 1024)

static const char *const symbol_names[] = {
    "integration_abi_version", "integration_manifest", "integration_import_progress_v1",
    "integration_import_v1", "integration_test_v1", "integration_structure_v1",
    "integration_webhook_v1", "integration_cancel_v1",
};

/* Bits as in the worker's enum frame_symbol. */
static uint32_t find_symbols(void *library) {
    uint32_t symbols = 0;
    for (uint32_t i = 0; i < sizeof symbol_names / sizeof *symbol_names; i++)
        if (dlsym(library, symbol_names[i])) symbols |= 1u << i;
    return symbols;
}

static void describe(struct probe *probe, void *library) {
    uint32_t (*abi_version)(void);
    const char *(*manifest)(void);
    *(void **)&abi_version = dlsym(library, "integration_abi_version");
    *(void **)&manifest = dlsym(library, "integration_manifest");
    uint32_t versions[2] = {0};
    char *copies[2] = {0};
    for (int i = 0; i < 2; i++) {
        if (abi_version) versions[i] = abi_version();
        const char *text = manifest && versions[i] >> 16 == INTEGRATION_ABI_MAJOR ? manifest() : NULL;
        copies[i] = text ? strndup(text, 1024 * 1024) : NULL;
    }
    record_description(probe, find_symbols(library), versions, (const char *const *)copies);
    free(copies[0]);
    free(copies[1]);
}

static void stay(uint32_t milliseconds) {
    struct timespec left = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0) {}
}

/* By enum probe_entry. */
static const char *const entry_names[] = {
    [PROBE_IMPORT_PROGRESS] = "integration_import_progress_v1",
    [PROBE_IMPORT] = "integration_import_v1",
    [PROBE_TEST] = "integration_test_v1",
    [PROBE_STRUCTURE] = "integration_structure_v1",
    [PROBE_WEBHOOK] = "integration_webhook_v1",
};

static integration_status enter(struct probe *probe, void *entry) {
    integration_status (*with_progress)(const integration_call *, integration_progress_fn, void *);
    integration_status (*with_request)(const integration_call *, const integration_webhook_request *);
    integration_status (*plain)(const integration_call *);
    switch (probe->plan.entry) {
    case PROBE_IMPORT_PROGRESS:
        *(void **)&with_progress = entry;
        return with_progress(probe->call, probe_progress, probe);
    case PROBE_WEBHOOK:
        *(void **)&with_request = entry;
        return with_request(probe->call, &probe->plan.request);
    default: *(void **)&plain = entry; return plain(probe->call);
    }
}

static void call(struct probe *probe, void *library) {
    uint32_t number = probe->plan.entry;
    const char *name = number < sizeof entry_names / sizeof *entry_names ? entry_names[number] : NULL;
    void *entry = name ? dlsym(library, name) : NULL;
    if (!entry) {
        record_text(probe, PROBE_LOAD_FAILED, "it does not export this entry");
        return;
    }
    *(void **)&probe->cancel_entry = dlsym(library, "integration_cancel_v1");
    record_surroundings(probe, PROBE_BEFORE_ENTRY);
    atomic_store(&probe->is_open, true);
    if (probe->plan.cancel_at == 1) probe_cancel(probe);
    integration_status status = enter(probe, entry);
    atomic_store(&probe->is_open, false);
    record_returned(probe, status);
    if (atomic_load(&probe->has_canceller)) pthread_join(probe->canceller, NULL);
    record_surroundings(probe, PROBE_AFTER_RETURN);
    if (probe->plan.stay_ms > 0) {
        stay(probe->plan.stay_ms);
        record_surroundings(probe, PROBE_AT_END);
    }
}

/* On a thread that ends before anything is called, as in the worker. */
static void *load(void *context) {
    struct probe *probe = context;
    probe->loader = gettid();
    void *library = dlopen(probe->plan.plugin, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *reason = dlerror();
        record_text(probe, PROBE_LOAD_FAILED, reason ? reason : "dlopen failed");
    }
    return library;
}

/* A thread that was joined is among the process's threads for a moment more, and would be counted. */
static void wait_until_gone(pid_t thread) {
    for (int i = 0; i < 1000 && syscall(SYS_tgkill, getpid(), thread, 0) == 0; i++) poll(NULL, 0, 1);
}

static void *run_entry(void *context) {
    struct probe *probe = context;
    pthread_t loader;
    void *library = NULL;
    record_surroundings(probe, PROBE_BEFORE_LOAD);
    if (pthread_create(&loader, NULL, load, probe) == 0) {
        pthread_join(loader, &library);
        wait_until_gone(probe->loader);
    }
    if (!library) return NULL;
    record_surroundings(probe, PROBE_LOADED);
    if (probe->plan.entry == PROBE_DESCRIBE) describe(probe, library);
    else call(probe, library);
    return NULL;
}

/* The plan in pages of its own, which no plugin can write if it is to be so. */
static bool receive_plan(struct probe *probe) {
    uint32_t length;
    unsigned char type;
    if (wire_receive(probe->fd, &length, sizeof length) <= 0 || length < 1 ||
        length > FRAME_MAX_SIZE || wire_receive(probe->fd, &type, 1) <= 0 || type != PROBE_PLAN)
        return false;
    void *pages = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || wire_receive(probe->fd, pages, length - 1) <= 0) return false;
    bool is_good = plan_read(&probe->plan, pages, length - 1);
    if (is_good && probe->plan.options & PROBE_READ_ONLY) mprotect(pages, length, PROT_READ);
    return is_good;
}

int probe_serve(int fd) {
    static struct probe probe; /* a thread that the plugin left behind may call to the very end */
    probe.fd = fd;
    pthread_mutex_init(&probe.wire, NULL);
    probe.cancel_fd = system_event();
    if (probe.cancel_fd < 0 || !receive_plan(&probe) || !probe_host_make(&probe)) return -1;
    if (probe.plan.options & PROBE_NO_NETWORK && !no_network()) return -1;
    pthread_attr_t attributes;
    pthread_t entry;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, ENTRY_STACK_SIZE);
    if (pthread_create(&entry, &attributes, run_entry, &probe) != 0) return -1;
    pthread_join(entry, NULL);
    return 0;
}
