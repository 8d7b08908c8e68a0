/* entry.c -- from a file to a returned status, on the entry thread. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "system.h"

struct plugin {
    uint32_t (*abi_version)(void);
    const char *(*manifest)(void);
    integration_status (*import_progress)(const integration_call *, integration_progress_fn, void *);
    integration_status (*import)(const integration_call *);
    integration_status (*test)(const integration_call *);
    integration_status (*structure)(const integration_call *);
    integration_status (*webhook)(const integration_call *, const integration_webhook_request *);
    void (*cancel)(const integration_call *);
    uint32_t symbols; /* enum frame_symbol */
};

static void *find(struct plugin *plugin, void *library, const char *name, enum frame_symbol symbol) {
    void *address = dlsym(library, name);
    if (address) plugin->symbols |= symbol;
    return address;
}

/* The only casts from data to function pointers, which POSIX allows for dlsym. */
#define FIND(MEMBER, NAME, SYMBOL) *(void **)&plugin->MEMBER = find(plugin, library, NAME, SYMBOL)

static void resolve(struct plugin *plugin, void *library) {
    *plugin = (struct plugin){0};
    FIND(abi_version, "integration_abi_version", FRAME_SYMBOL_ABI_VERSION);
    FIND(manifest, "integration_manifest", FRAME_SYMBOL_MANIFEST);
    FIND(import_progress, "integration_import_progress_v1", FRAME_SYMBOL_IMPORT_PROGRESS);
    FIND(import, "integration_import_v1", FRAME_SYMBOL_IMPORT);
    FIND(cancel, "integration_cancel_v1", FRAME_SYMBOL_CANCEL);
    FIND(test, "integration_test_v1", FRAME_SYMBOL_TEST);
    FIND(structure, "integration_structure_v1", FRAME_SYMBOL_STRUCTURE);
    FIND(webhook, "integration_webhook_v1", FRAME_SYMBOL_WEBHOOK);
}

/* Never closed again: unloading code that left threads or type metadata behind crashes. */
static bool load(struct call *call, struct plugin *plugin) {
    void *library = dlopen(call->start.plugin, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *reason = dlerror();
        call_say_text(call, FRAME_LOAD_FAILED, reason ? reason : "dlopen failed");
        return false;
    }
    resolve(plugin, library);
    return true;
}

struct loading {
    struct call *call;
    struct plugin *plugin;
    bool is_loaded;
};

static void *load_run(void *context) {
    struct loading *loading = context;
    loading->is_loaded = load(loading->call, loading->plugin);
    return NULL;
}

/* On a thread that ends before anything is called: libdispatch takes the thread that loads it for
 * the main one, and has others serve its main queue, Swift's main actor, only when that has ended. */
static bool load_on_own_thread(struct call *call, struct plugin *plugin) {
    struct loading loading = {call, plugin, false};
    pthread_t thread;
    int problem = pthread_create(&thread, NULL, load_run, &loading);
    if (problem) call_say_text(call, FRAME_LOAD_FAILED, strerror(problem));
    else pthread_join(thread, NULL);
    return loading.is_loaded;
}

static void say_u32(struct call *call, unsigned char type, uint32_t value) {
    unsigned char frame[WIRE_HEADER + WIRE_U32];
    struct wire_writer writer = {frame};
    wire_put_header(&writer, type, WIRE_U32);
    wire_put_u32(&writer, value);
    outbox_send(&call->outbox, frame, sizeof frame, NULL, 0);
}

/* What is missing or does not match is for the host to judge; a manifest is only asked of a
 * plugin of this ABI's major version. */
static void describe(struct call *call, struct plugin *plugin) {
    uint32_t version = plugin->abi_version ? plugin->abi_version() : 0;
    const char *manifest = plugin->manifest && version >> 16 == INTEGRATION_ABI_MAJOR
                               ? plugin->manifest() : NULL;
    size_t size = manifest ? strnlen(manifest, 1024 * 1024) : 0;
    unsigned char head[WIRE_HEADER + 3 * WIRE_U32];
    struct wire_writer writer = {head};
    wire_put_header(&writer, FRAME_DESCRIPTION, 2 * WIRE_U32 + WIRE_DATA(size));
    wire_put_u32(&writer, version);
    wire_put_u32(&writer, plugin->symbols);
    wire_put_data_size(&writer, size);
    outbox_send(&call->outbox, head, sizeof head, manifest ? manifest : "", size);
}

static void send_kept(struct call *call, struct kept_frame *kept) {
    pthread_mutex_lock(&call->lock);
    struct kept_frame frame = *kept;
    *kept = (struct kept_frame){0};
    pthread_mutex_unlock(&call->lock);
    if (frame.bytes) outbox_send(&call->outbox, frame.bytes, frame.size, NULL, 0);
    free(frame.bytes);
}

/* The symbol that serves what FRAME_START asks for; 0 and a reason when there is none. */
static enum frame_symbol entry_symbol(const struct plugin *plugin, uint32_t entry,
                                      const char **missing) {
    switch (entry) {
    case FRAME_ENTRY_IMPORT:
        *missing = "it exports neither integration_import_progress_v1 nor integration_import_v1";
        return plugin->import_progress ? FRAME_SYMBOL_IMPORT_PROGRESS
               : plugin->import        ? FRAME_SYMBOL_IMPORT : 0;
    case FRAME_ENTRY_TEST:
        *missing = "it does not export integration_test_v1";
        return plugin->test ? FRAME_SYMBOL_TEST : 0;
    case FRAME_ENTRY_STRUCTURE:
        *missing = "it does not export integration_structure_v1";
        return plugin->structure ? FRAME_SYMBOL_STRUCTURE : 0;
    case FRAME_ENTRY_WEBHOOK:
        *missing = "it does not export integration_webhook_v1";
        return plugin->webhook ? FRAME_SYMBOL_WEBHOOK : 0;
    default:
        *missing = "the host asks for an entry that this worker does not know";
        return 0;
    }
}

static integration_status enter(struct call *call, const struct plugin *plugin,
                                enum frame_symbol symbol) {
    const integration_call *given = &call->start.call;
    switch (symbol) {
    case FRAME_SYMBOL_IMPORT_PROGRESS: return plugin->import_progress(given, host_progress, call);
    case FRAME_SYMBOL_IMPORT: return plugin->import(given);
    case FRAME_SYMBOL_TEST: return plugin->test(given);
    case FRAME_SYMBOL_STRUCTURE: return plugin->structure(given);
    case FRAME_SYMBOL_WEBHOOK: return plugin->webhook(given, &call->start.request);
    default: return INTEGRATION_UNSUPPORTED;
    }
}

static void close_to_plugin(struct call *call) {
    pthread_mutex_lock(&call->lock);
    atomic_store(&call->is_open, false);
    pthread_mutex_unlock(&call->lock);
}

static void make_call(struct call *call, struct plugin *plugin) {
    const char *missing = NULL;
    enum frame_symbol symbol = entry_symbol(plugin, call->start.entry, &missing);
    if (!symbol) {
        call_say_text(call, FRAME_LOAD_FAILED, missing);
        return;
    }
    say_u32(call, FRAME_ENTERED, symbol);
    pthread_mutex_lock(&call->lock);
    call->cancel_entry = plugin->cancel;
    pthread_mutex_unlock(&call->lock);
    atomic_store(&call->is_open, true);
    integration_status status = enter(call, plugin, symbol);
    close_to_plugin(call);
    /* What it printed waits in its buffers, and this process will not run exit(). */
    if (call->place == WORKER_IN_OWN_PROCESS) {
        fflush(stdout);
        fflush(stderr);
    }
    manners_tell(call);
    send_kept(call, &call->reply);
    send_kept(call, &call->failure);
    outbox_flush_progress(&call->outbox);
    say_u32(call, FRAME_RETURNED, (uint32_t)status);
}

/* Also when the plugin ends this thread instead of returning. */
static void finish(void *context) {
    struct call *call = context;
    call->has_lost_entry = atomic_load(&call->is_open);
    close_to_plugin(call);
    system_raise(call->done_fd);
}

void *entry_run(void *context) {
    struct call *call = context;
    pthread_cleanup_push(finish, call);
    struct plugin plugin;
    if (load_on_own_thread(call, &plugin)) {
        if (call->start.entry == FRAME_ENTRY_DESCRIBE) describe(call, &plugin);
        else make_call(call, &plugin);
    }
    pthread_cleanup_pop(1);
    return NULL;
}
