/* probe_host.c -- the host table that a probed plugin finds, and how it answers. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "json_text.h"
#include "probe_call.h"
#include "system.h"
#include "text.h"

static struct probe *probe_of(const integration_host *host) { return host->impl; }

static struct probe_text text_of(const char *text) {
    return (struct probe_text){text, text ? strlen(text) : 0};
}

#define TEXT(T) text_of(T)
#define DATA(BYTES, SIZE) ((struct probe_text){BYTES, SIZE})
#define COUNT(ARRAY) (sizeof(ARRAY) / sizeof *(ARRAY))

/* ---- cancelling */

static void *call_cancel_entry(void *context) {
    struct probe *probe = context;
    probe->cancel_entry(probe->call);
    return NULL;
}

void probe_cancel(struct probe *probe) {
    if (atomic_exchange(&probe->is_cancelled, true)) return;
    record_time(probe, PROBE_CANCELLED);
    system_raise(probe->cancel_fd);
    if (probe->cancel_entry && atomic_load(&probe->is_open) &&
        pthread_create(&probe->canceller, NULL, call_cancel_entry, probe) == 0)
        atomic_store(&probe->has_canceller, true);
}

/* ---- answering */

struct verdict {
    bool is_late, is_refused;
    int32_t status; /* if it is refused */
};

/* Counts one call that says something, and finds out whether the plan wants it refused. */
static struct verdict judge(struct probe *probe, enum probe_function function) {
    if (!atomic_load(&probe->is_open)) return (struct verdict){true, true, INTEGRATION_CANCELLED};
    struct plan *plan = &probe->plan;
    unsigned number = atomic_fetch_add(&probe->counts[function], 1) + 1;
    unsigned said = atomic_fetch_add(&probe->said, 1) + 1;
    bool is_refused = plan->refused_function == function && plan->refused_at == number;
    if ((plan->cancel_at > 1 && said == plan->cancel_at - 2) ||
        (is_refused && plan->refused_status == INTEGRATION_CANCELLED))
        probe_cancel(probe);
    if (is_refused) return (struct verdict){false, true, plan->refused_status};
    if (atomic_load(&probe->is_cancelled))
        return (struct verdict){false, true, INTEGRATION_CANCELLED};
    return (struct verdict){false, false, INTEGRATION_OK};
}

static integration_status answer(struct probe *probe, enum probe_function function,
                                 integration_status usual, int64_t first, int64_t second,
                                 const struct probe_text *texts, uint32_t count) {
    struct verdict verdict = judge(probe, function);
    integration_status status = verdict.is_refused ? verdict.status : usual;
    record_call(probe, function, verdict.is_late, status, first, second, texts, count);
    return status;
}

static bool is_key(const char *collection, const char *id) {
    return collection && id && text_is_collection(collection) && *id && strnlen(id, 1025) <= 1024;
}

/* ---- the table */

static void probe_log(const integration_host *host, integration_log_level level,
                      const char *message, const char *fields_json) {
    struct probe_text texts[] = {TEXT(message), TEXT(fields_json)};
    answer(probe_of(host), PROBE_LOG, 0, level, 0, texts, COUNT(texts));
}

static integration_status probe_upsert(const integration_host *host, const char *collection,
                                       const char *id, const void *json, size_t json_size) {
    struct probe_text texts[] = {TEXT(collection), TEXT(id), DATA(json, json_size)};
    integration_status usual = INTEGRATION_OK;
    if (json_size > 16u * 1024 * 1024) {
        usual = INTEGRATION_TOO_LARGE;
        texts[2] = DATA("", 0);
    } else if (!json || !is_key(collection, id) || !json_is_object(json, json_size)) {
        usual = INTEGRATION_REJECTED;
    }
    return answer(probe_of(host), PROBE_UPSERT, usual, (int64_t)json_size, 0, texts, COUNT(texts));
}

static bool is_known(const struct plan *plan, const char *collection, const char *id,
                     const char *revision) {
    for (uint32_t i = 0; collection && id && revision && i < plan->known_count; i++)
        if (strcmp(plan->known[i].collection, collection) == 0 &&
            strcmp(plan->known[i].id, id) == 0 && strcmp(plan->known[i].revision, revision) == 0)
            return true;
    return false;
}

static int32_t probe_known(const integration_host *host, const char *collection, const char *id,
                           const char *revision) {
    struct probe *probe = probe_of(host);
    struct probe_text texts[] = {TEXT(collection), TEXT(id), TEXT(revision)};
    struct verdict verdict = judge(probe, PROBE_KNOWN);
    int32_t known = verdict.is_refused ? -1 : is_known(&probe->plan, collection, id, revision);
    record_call(probe, PROBE_KNOWN, verdict.is_late, known, 0, 0, texts, COUNT(texts));
    return known;
}

static integration_status probe_complete(const integration_host *host, const char *collection,
                                         const char *scope) {
    struct probe_text texts[] = {TEXT(collection), TEXT(scope)};
    bool is_good = collection && text_is_collection(collection);
    return answer(probe_of(host), PROBE_COMPLETE, is_good ? INTEGRATION_OK : INTEGRATION_REJECTED,
                  0, 0, texts, COUNT(texts));
}

static void probe_report(const integration_host *host, integration_report_kind kind,
                         const char *collection, const char *id, const char *code,
                         const char *message) {
    struct probe_text texts[] = {TEXT(collection), TEXT(id), TEXT(code), TEXT(message)};
    answer(probe_of(host), PROBE_REPORT, 0, kind, 0, texts, COUNT(texts));
}

static void probe_waiting(const integration_host *host, int64_t until_unix_ms,
                          const char *reason) {
    struct probe_text texts[] = {TEXT(reason)};
    answer(probe_of(host), PROBE_WAITING, 0, until_unix_ms, 0, texts, COUNT(texts));
}

static integration_status probe_remove(const integration_host *host, const char *collection,
                                       const char *id) {
    struct probe_text texts[] = {TEXT(collection), TEXT(id)};
    return answer(probe_of(host), PROBE_REMOVE,
                  is_key(collection, id) ? INTEGRATION_OK : INTEGRATION_REJECTED, 0, 0, texts,
                  COUNT(texts));
}

static integration_status probe_checkpoint(const integration_host *host, const void *data,
                                           size_t size) {
    struct probe_text texts[] = {size > 0 ? DATA(data, size) : DATA("", 0)};
    integration_status usual = size > 1024u * 1024 ? INTEGRATION_TOO_LARGE : INTEGRATION_OK;
    return answer(probe_of(host), PROBE_CHECKPOINT, usual, 0, 0, texts, COUNT(texts));
}

static integration_status probe_reply(const integration_host *host, const char *content_type,
                                      const void *data, size_t size) {
    struct probe_text texts[] = {TEXT(content_type), DATA(data, size)};
    return answer(probe_of(host), PROBE_REPLY, INTEGRATION_OK, 0, 0, texts, COUNT(texts));
}

static void probe_fail(const integration_host *host, const char *code, const char *message,
                       const char *details_json, int64_t retry_after_ms) {
    struct probe_text texts[] = {TEXT(code), TEXT(message), TEXT(details_json)};
    answer(probe_of(host), PROBE_FAIL, 0, retry_after_ms, 0, texts, COUNT(texts));
}

static int32_t probe_is_cancelled(const integration_host *host) {
    struct probe *probe = probe_of(host);
    return atomic_load(&probe->is_cancelled);
}

static int32_t probe_cancel_fd(const integration_host *host) {
    struct probe *probe = probe_of(host);
    return probe->plan.options & PROBE_NO_CANCEL_FD ? -1 : probe->cancel_fd;
}

static int64_t probe_secret(const integration_host *host, const char *name, void *buffer,
                            size_t capacity) {
    struct probe *probe = probe_of(host);
    struct probe_text texts[] = {TEXT(name)};
    struct verdict verdict = judge(probe, PROBE_SECRET);
    int64_t size = -1;
    for (uint32_t i = 0; !verdict.is_late && name && i < probe->plan.secret_count; i++) {
        if (strcmp(probe->plan.secrets[i].name, name) != 0) continue;
        struct wire_data value = probe->plan.secrets[i].value;
        if (value.size <= capacity && buffer) memcpy(buffer, value.bytes, value.size);
        size = (int64_t)value.size;
    }
    record_call(probe, PROBE_SECRET, verdict.is_late, size < 0 ? -1 : 0, 0, 0, texts,
                COUNT(texts));
    return size;
}

static const void *probe_extension(const integration_host *host, const char *id) {
    struct probe_text texts[] = {TEXT(id)};
    answer(probe_of(host), PROBE_EXTENSION, 0, 0, 0, texts, COUNT(texts));
    return NULL;
}

integration_status probe_progress(void *context, const char *step, const char *message,
                                  int64_t count, int64_t total) {
    struct probe_text texts[] = {TEXT(step), TEXT(message)};
    return answer(context, PROBE_PROGRESS, INTEGRATION_OK, count, total, texts, COUNT(texts));
}

/* ---- memory */

static void newer_member(void) {
    static const char message[] =
        "a member of integration_host that this version of the contract does not have was called\n";
    if (write(STDERR_FILENO, message, sizeof message - 1) < 0) {}
    abort();
}

/* `size` bytes that end where the page ends, with no page behind it. */
static void *guarded(size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE) != 0) return NULL;
    return pages + page - size;
}

/* `size` bytes and zeros up to 512 behind them, in a page of their own. */
static void *padded(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *bytes = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return bytes == MAP_FAILED ? NULL : bytes;
}

static void seal(const struct plan *plan, void *bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (plan->options & PROBE_READ_ONLY)
        mprotect((void *)((uintptr_t)bytes & ~(page - 1)), page, PROT_READ);
}

bool probe_host_make(struct probe *probe) {
    struct plan *plan = &probe->plan;
    bool is_guarded = plan->options & PROBE_GUARDED;
    integration_host *host = is_guarded ? guarded(sizeof *host) : padded();
    integration_call *call = is_guarded ? guarded(sizeof *call) : padded();
    if (!host || !call) return false;
    *host = (integration_host){
        .struct_size = plan->table_size ? plan->table_size : sizeof *host,
        .abi_version = plan->abi_version ? plan->abi_version : INTEGRATION_ABI_VERSION,
        .impl = probe,
        .log = probe_log,
        .upsert = probe_upsert,
        .known = probe_known,
        .complete = probe_complete,
        .report = probe_report,
        .waiting = probe_waiting,
        .remove = probe_remove,
        .checkpoint = probe_checkpoint,
        .reply = probe_reply,
        .fail = probe_fail,
        .is_cancelled = probe_is_cancelled,
        .cancel_fd = probe_cancel_fd,
        .secret = probe_secret,
        .extension = probe_extension,
    };
    *call = plan->call;
    call->host = host;
    if (plan->options & PROBE_NEWER_MEMBERS) {
        void (**members)(void) = (void (**)(void))(host + 1);
        for (size_t i = 0; i < 16; i++) members[i] = newer_member;
        memset(call + 1, 0xA5, 64);
        call->struct_size += 64;
    }
    seal(plan, host);
    seal(plan, call);
    probe->host = host;
    probe->call = call;
    return true;
}
