/* host_table.c -- the functions that a plugin finds in its integration_host. */
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "json_text.h"
#include "text.h"

#define MAX_DOCUMENT_ID 1024u
#define MAX_DOCUMENT    (16u * 1024 * 1024)
#define MAX_CHECKPOINT  (1024u * 1024)
#define MAX_REPLY       (4u * 1024 * 1024)
#define MAX_LOG_MESSAGE (8u * 1024)
#define MAX_LOG_FIELDS  (8u * 1024)
#define MAX_CODE        128u
#define MAX_MESSAGE     4096u
#define MAX_REVISION    1024u
#define MAX_ACCOUNT     128u

static struct call *call_of(const integration_host *host) { return host->impl; }

/* Outside the entry call nothing may be said; it is ignored. */
static struct call *open_call(const integration_host *host) {
    struct call *call = call_of(host);
    if (atomic_load(&call->is_open)) return call;
    manners_note_call(&call->manners);
    return NULL;
}

static bool is_cancelled(const struct call *call) { return atomic_load(&call->is_cancelled); }

static integration_status status_of(const struct call *call, bool sent) {
    return sent && !is_cancelled(call) ? INTEGRATION_OK : INTEGRATION_CANCELLED;
}

/* ---- fields of frames */

struct field {
    const char *text; /* NULL: an optional that is absent */
    size_t size;
    bool is_optional;
};

static struct field required(const char *text, size_t limit) {
    if (!text) text = "";
    return (struct field){text, text_cut(text, limit), false};
}

static struct field optional(const char *text, size_t limit) {
    return (struct field){text, text ? text_cut(text, limit) : 0, true};
}

static size_t field_size(const struct field *field) {
    return (field->is_optional ? WIRE_OPTIONAL : 0) + (field->text ? WIRE_DATA(field->size) : 0);
}

static void put_field(struct wire_writer *writer, const struct field *field) {
    if (field->is_optional) wire_put_u8(writer, field->text != NULL);
    if (!field->text) return;
    wire_put_data(writer, field->text, field->size);
}

static size_t fields_size(const struct field *fields, size_t count) {
    size_t size = 0;
    for (size_t i = 0; i < count; i++) size += field_size(&fields[i]);
    return size;
}

/* Frames of quick calls are small and stand on the caller's stack. */
#define QUICK_FRAME (24u * 1024)

static void append(struct call *call, enum outbox_kind kind, unsigned char type, uint32_t first,
                   const struct field *fields, size_t count) {
    unsigned char frame[QUICK_FRAME];
    struct wire_writer writer = {frame};
    wire_put_header(&writer, type, WIRE_U32 + fields_size(fields, count));
    wire_put_u32(&writer, first);
    for (size_t i = 0; i < count; i++) put_field(&writer, &fields[i]);
    outbox_append(&call->outbox, kind, frame, (size_t)(writer.at - frame));
}

static bool send_fields(struct call *call, unsigned char type, const struct field *fields,
                        size_t count) {
    unsigned char frame[4096];
    struct wire_writer writer = {frame};
    wire_put_header(&writer, type, fields_size(fields, count));
    for (size_t i = 0; i < count; i++) put_field(&writer, &fields[i]);
    return outbox_send(&call->outbox, frame, (size_t)(writer.at - frame), NULL, 0);
}

static bool is_key(const char *collection, const char *id) {
    return collection && id && text_is_collection(collection) && *id &&
           strnlen(id, MAX_DOCUMENT_ID + 1) <= MAX_DOCUMENT_ID;
}

/* ---- the table */

static void host_log(const integration_host *host, integration_log_level level,
                     const char *message, const char *fields_json) {
    struct call *call = open_call(host);
    if (!call) return;
    struct field fields[] = {
        required(message, MAX_LOG_MESSAGE),
        optional(fields_json && strlen(fields_json) <= MAX_LOG_FIELDS ? fields_json : NULL,
                 MAX_LOG_FIELDS),
    };
    append(call, OUTBOX_LOG, FRAME_LOG, (uint32_t)level, fields, 2);
}

/* A document that the host did not take must not vanish without a word: the plugin may not give one. */
static integration_status refuse(struct call *call, const char *collection, const char *id,
                                 size_t size, integration_status status) {
    bool is_named = is_key(collection, id);
    struct field fields[] = {optional(is_named ? collection : NULL, 64),
                             optional(is_named ? id : NULL, MAX_DOCUMENT_ID)};
    unsigned char frame[4096];
    struct wire_writer writer = {frame};
    wire_put_header(&writer, FRAME_REFUSED, WIRE_U32 + WIRE_I64 + fields_size(fields, 2));
    wire_put_u32(&writer, (uint32_t)status);
    wire_put_i64(&writer, (int64_t)size);
    for (size_t i = 0; i < 2; i++) put_field(&writer, &fields[i]);
    outbox_append(&call->outbox, OUTBOX_REPORT, frame, (size_t)(writer.at - frame));
    return status;
}

static integration_status host_upsert(const integration_host *host, const char *collection,
                                      const char *id, const void *json, size_t json_size) {
    struct call *call = open_call(host);
    if (!call || is_cancelled(call)) return INTEGRATION_CANCELLED;
    if (json_size > MAX_DOCUMENT)
        return refuse(call, collection, id, json_size, INTEGRATION_TOO_LARGE);
    if (!json || !is_key(collection, id) || !json_is_object(json, json_size))
        return refuse(call, collection, id, json_size, INTEGRATION_REJECTED);
    manners_note_document(&call->manners, json, json_size);
    struct field fields[] = {required(collection, 64), required(id, MAX_DOCUMENT_ID)};
    unsigned char head[WIRE_HEADER + WIRE_DATA(64) + WIRE_DATA(MAX_DOCUMENT_ID) + WIRE_U32];
    struct wire_writer writer = {head};
    wire_put_header(&writer, FRAME_UPSERT, fields_size(fields, 2) + WIRE_DATA(json_size));
    put_field(&writer, &fields[0]);
    put_field(&writer, &fields[1]);
    wire_put_data_size(&writer, json_size);
    return status_of(call, outbox_send(&call->outbox, head, (size_t)(writer.at - head), json,
                                       json_size));
}

/* Waits for the host's answer to a frame that has been sent; -1 once there will be none. */
static int64_t await_answer(struct call *call, struct question *question) {
    pthread_mutex_lock(&call->lock);
    while (!question->answered && !call->host_is_gone && !is_cancelled(call))
        pthread_cond_wait(&call->answered, &call->lock);
    for (struct question **at = &call->questions; *at; at = &(*at)->next) {
        if (*at != question) continue;
        *at = question->next;
        break;
    }
    int64_t value = question->answered ? question->value : -1;
    pthread_mutex_unlock(&call->lock);
    return value;
}

static void ask(struct call *call, struct question *question) {
    pthread_mutex_lock(&call->lock);
    question->id = ++call->last_question;
    question->next = call->questions;
    call->questions = question;
    pthread_mutex_unlock(&call->lock);
}

static int32_t host_known(const integration_host *host, const char *collection, const char *id,
                          const char *revision) {
    struct call *call = open_call(host);
    if (!call || is_cancelled(call)) return -1;
    if (!is_key(collection, id) || !revision ||
        strnlen(revision, MAX_REVISION + 1) > MAX_REVISION)
        return 0;
    struct question question = {0};
    ask(call, &question);
    struct field fields[] = {required(collection, 64), required(id, MAX_DOCUMENT_ID),
                             required(revision, MAX_REVISION)};
    unsigned char frame[4096];
    struct wire_writer writer = {frame};
    wire_put_header(&writer, FRAME_KNOWN, WIRE_U32 + fields_size(fields, 3));
    wire_put_u32(&writer, question.id);
    for (size_t i = 0; i < 3; i++) put_field(&writer, &fields[i]);
    if (!outbox_send(&call->outbox, frame, (size_t)(writer.at - frame), NULL, 0))
        call_answer(call, question.id, -1);
    return (int32_t)await_answer(call, &question);
}

static integration_status host_complete(const integration_host *host, const char *collection,
                                        const char *scope) {
    struct call *call = open_call(host);
    if (!call || is_cancelled(call)) return INTEGRATION_CANCELLED;
    if (!collection || !text_is_collection(collection)) return INTEGRATION_REJECTED;
    if (scope && strnlen(scope, MAX_DOCUMENT_ID + 1) > MAX_DOCUMENT_ID)
        return INTEGRATION_TOO_LARGE;
    struct field fields[] = {required(collection, 64), optional(scope, MAX_DOCUMENT_ID)};
    return status_of(call, send_fields(call, FRAME_COMPLETE, fields, 2));
}

static void host_report(const integration_host *host, integration_report_kind kind,
                        const char *collection, const char *id, const char *code,
                        const char *message) {
    struct call *call = open_call(host);
    if (!call) return;
    if (collection && !text_is_collection(collection)) collection = NULL;
    struct field fields[] = {optional(collection, 64), optional(id, MAX_DOCUMENT_ID),
                             required(code, MAX_CODE), required(message, MAX_MESSAGE)};
    append(call, OUTBOX_REPORT, FRAME_REPORT, (uint32_t)kind, fields, 4);
}

static void host_waiting(const integration_host *host, int64_t until_unix_ms, const char *reason) {
    struct call *call = open_call(host);
    if (!call) return;
    unsigned char frame[WIRE_HEADER + WIRE_I64 + WIRE_DATA(OUTBOX_MESSAGE_SIZE)];
    struct field field = required(reason, OUTBOX_MESSAGE_SIZE);
    struct wire_writer writer = {frame};
    wire_put_header(&writer, FRAME_WAITING, WIRE_I64 + field_size(&field));
    wire_put_i64(&writer, until_unix_ms);
    put_field(&writer, &field);
    outbox_append(&call->outbox, OUTBOX_OTHER, frame, (size_t)(writer.at - frame));
}

static integration_status host_remove(const integration_host *host, const char *collection,
                                      const char *id) {
    struct call *call = open_call(host);
    if (!call || is_cancelled(call)) return INTEGRATION_CANCELLED;
    if (!is_key(collection, id)) return INTEGRATION_REJECTED;
    struct field fields[] = {required(collection, 64), required(id, MAX_DOCUMENT_ID)};
    return status_of(call, send_fields(call, FRAME_REMOVE, fields, 2));
}

static integration_status host_checkpoint(const integration_host *host, const void *data,
                                          size_t size) {
    struct call *call = open_call(host);
    if (!call || is_cancelled(call)) return INTEGRATION_CANCELLED;
    if (size > MAX_CHECKPOINT) return INTEGRATION_TOO_LARGE;
    unsigned char head[WIRE_HEADER + WIRE_U32];
    struct wire_writer writer = {head};
    wire_put_header(&writer, FRAME_CHECKPOINT, WIRE_DATA(size));
    wire_put_data_size(&writer, size);
    return status_of(call, outbox_send(&call->outbox, head, sizeof head, size > 0 ? data : "", size));
}

/* Replaces what the plugin said before by a new frame. */
static bool keep(struct call *call, struct kept_frame *slot, unsigned char *bytes, size_t size) {
    if (!bytes) return false;
    pthread_mutex_lock(&call->lock);
    free(slot->bytes);
    *slot = (struct kept_frame){bytes, size};
    pthread_mutex_unlock(&call->lock);
    return true;
}

static integration_status host_reply(const integration_host *host, const char *content_type,
                                     const void *data, size_t size) {
    struct call *call = open_call(host);
    if (!call || is_cancelled(call)) return INTEGRATION_CANCELLED;
    if (size > MAX_REPLY) return INTEGRATION_TOO_LARGE;
    struct field type = required(content_type, MAX_CODE);
    size_t payload = field_size(&type) + WIRE_DATA(size);
    unsigned char *frame = malloc(WIRE_HEADER + payload);
    struct wire_writer writer = {frame};
    if (frame) {
        wire_put_header(&writer, FRAME_REPLY, payload);
        put_field(&writer, &type);
        wire_put_data(&writer, data, size);
    }
    return keep(call, &call->reply, frame, WIRE_HEADER + payload) ? INTEGRATION_OK
                                                                 : INTEGRATION_INTERNAL;
}

static void host_fail(const integration_host *host, const char *code, const char *message,
                      const char *details_json, int64_t retry_after_ms) {
    struct call *call = open_call(host);
    if (!call) return;
    bool fits = details_json && strlen(details_json) <= MAX_LOG_FIELDS;
    struct field fields[] = {required(code, MAX_CODE), required(message, MAX_MESSAGE),
                             optional(fits ? details_json : NULL, MAX_LOG_FIELDS)};
    size_t payload = fields_size(fields, 3) + WIRE_I64;
    unsigned char *frame = malloc(WIRE_HEADER + payload);
    if (!frame) return;
    struct wire_writer writer = {frame};
    wire_put_header(&writer, FRAME_FAIL, payload);
    for (size_t i = 0; i < 3; i++) put_field(&writer, &fields[i]);
    wire_put_i64(&writer, retry_after_ms);
    keep(call, &call->failure, frame, WIRE_HEADER + payload);
}

static int32_t host_is_cancelled(const integration_host *host) {
    return is_cancelled(call_of(host));
}

static int32_t host_cancel_fd(const integration_host *host) { return call_of(host)->cancel_fd; }

static int64_t host_secret(const integration_host *host, const char *name, void *buffer,
                           size_t capacity) {
    struct call *call = open_call(host);
    for (uint32_t i = 0; call && name && i < call->start.secret_count; i++) {
        if (strcmp(call->start.secret_names[i], name) != 0) continue;
        struct wire_data value = call->start.secret_values[i];
        if (value.size <= capacity && buffer) memcpy(buffer, value.bytes, value.size);
        return (int64_t)value.size;
    }
    return -1;
}

/* ---- the extension for rate limits */

static bool is_account(const char *account) {
    return account && *account && strnlen(account, MAX_ACCOUNT + 1) <= MAX_ACCOUNT;
}

static int64_t host_reserve(const integration_host *host, const char *account, int64_t cost) {
    struct call *call = open_call(host);
    if (!call || is_cancelled(call)) return -1;
    if (!is_account(account) || cost < 1) return 0;
    struct question question = {0};
    ask(call, &question);
    struct field field = required(account, MAX_ACCOUNT);
    unsigned char frame[WIRE_HEADER + WIRE_U32 + WIRE_DATA(MAX_ACCOUNT) + WIRE_I64];
    struct wire_writer writer = {frame};
    wire_put_header(&writer, FRAME_RESERVE, WIRE_U32 + field_size(&field) + WIRE_I64);
    wire_put_u32(&writer, question.id);
    put_field(&writer, &field);
    wire_put_i64(&writer, cost);
    if (!outbox_send(&call->outbox, frame, (size_t)(writer.at - frame), NULL, 0))
        call_answer(call, question.id, -1);
    return await_answer(call, &question);
}

/* An account and up to three numbers, said without waiting. */
static void append_account(const integration_host *host, unsigned char type, const char *account,
                           const int64_t *numbers, size_t count) {
    struct call *call = open_call(host);
    if (!call || !is_account(account)) return;
    struct field field = required(account, MAX_ACCOUNT);
    unsigned char frame[WIRE_HEADER + WIRE_DATA(MAX_ACCOUNT) + 3 * WIRE_I64];
    struct wire_writer writer = {frame};
    wire_put_header(&writer, type, field_size(&field) + count * WIRE_I64);
    put_field(&writer, &field);
    for (size_t i = 0; i < count; i++) wire_put_i64(&writer, numbers[i]);
    outbox_append(&call->outbox, OUTBOX_OTHER, frame, (size_t)(writer.at - frame));
}

static void host_release(const integration_host *host, const char *account, int64_t cost) {
    if (cost > 0) append_account(host, FRAME_RELEASE, account, &cost, 1);
}

static void host_observe(const integration_host *host, const char *account, int64_t limit,
                         int64_t remaining, int64_t reset_unix_ms) {
    int64_t numbers[] = {limit, remaining, reset_unix_ms};
    append_account(host, FRAME_OBSERVE, account, numbers, 3);
}

static const integration_rate_limit rate_limit = {
    .struct_size = sizeof(integration_rate_limit),
    .reserve = host_reserve,
    .release = host_release,
    .observe = host_observe,
};

static const void *host_extension(const integration_host *host, const char *id) {
    if (!open_call(host) || !id) return NULL;
    return strcmp(id, INTEGRATION_EXT_RATE_LIMIT) == 0 ? &rate_limit : NULL;
}

integration_status host_progress(void *context, const char *step, const char *message,
                                 int64_t count, int64_t total) {
    struct call *call = context;
    if (!atomic_load(&call->is_open)) {
        manners_note_call(&call->manners);
        return INTEGRATION_CANCELLED;
    }
    char name[OUTBOX_STEP_SIZE + 1];
    text_step(step ? step : "", name);
    outbox_progress(&call->outbox, name, message, count, total);
    return is_cancelled(call) ? INTEGRATION_CANCELLED : INTEGRATION_OK;
}

void host_table_fill(struct call *call) {
    call->host.table = (integration_host){
        .struct_size = sizeof(integration_host),
        .abi_version = INTEGRATION_ABI_VERSION,
        .impl = call,
        .log = host_log,
        .upsert = host_upsert,
        .known = host_known,
        .complete = host_complete,
        .report = host_report,
        .waiting = host_waiting,
        .remove = host_remove,
        .checkpoint = host_checkpoint,
        .reply = host_reply,
        .fail = host_fail,
        .is_cancelled = host_is_cancelled,
        .cancel_fd = host_cancel_fd,
        .secret = host_secret,
        .extension = host_extension,
    };
}
