#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "request.h"

/* An attacker cannot send this frame, but a host of another version might. */
#define MAX_LIST 4096

static const char **read_texts(struct wire_reader *reader, uint32_t count) {
    const char **names = calloc(count, sizeof *names);
    for (uint32_t i = 0; names && i < count; i++) names[i] = wire_text(reader);
    return names;
}

static bool read_limits(struct start *start, struct wire_reader *reader) {
    start->limits.memory = wire_u64(reader);
    start->limits.cpu = wire_u64(reader);
    start->limits.open_files = wire_u64(reader);
    start->limits.file_size = wire_u64(reader);
    start->readable_path_count = wire_u32(reader);
    if (start->readable_path_count > MAX_LIST) return false;
    start->readable_paths = read_texts(reader, start->readable_path_count);
    return start->readable_paths || start->readable_path_count == 0;
}

static bool read_secrets(struct start *start, struct wire_reader *reader) {
    start->secret_count = wire_u32(reader);
    if (start->secret_count > MAX_LIST) return false;
    start->secret_names = calloc(start->secret_count + 1, sizeof *start->secret_names);
    start->secret_values = calloc(start->secret_count + 1, sizeof *start->secret_values);
    if (!start->secret_names || !start->secret_values) return false;
    for (uint32_t i = 0; i < start->secret_count; i++) {
        start->secret_names[i] = wire_text(reader);
        start->secret_values[i] = wire_data(reader);
    }
    return true;
}

integration_header *request_read(integration_webhook_request *request, struct wire_reader *reader) {
    *request = (integration_webhook_request){.struct_size = sizeof *request};
    request->method = wire_text(reader);
    request->path = wire_text(reader);
    request->query = wire_text(reader);
    request->header_count = wire_u32(reader);
    if (request->header_count > MAX_LIST) return NULL;
    integration_header *headers = calloc(request->header_count + 1, sizeof *headers);
    if (!headers) return NULL;
    for (uint32_t i = 0; i < request->header_count; i++) {
        headers[i].name = wire_text(reader);
        headers[i].value = wire_text(reader);
    }
    struct wire_data body = wire_data(reader);
    request->headers = headers;
    request->body = body.bytes;
    request->body_size = body.size;
    return headers;
}

bool start_read(struct start *start, unsigned char *frame, size_t size) {
    *start = (struct start){.frame = frame};
    struct wire_reader reader = {frame, size, false};
    integration_call *call = &start->call;
    if (wire_u32(&reader) != FRAME_PROTOCOL_VERSION) return false;
    start->entry = wire_u32(&reader);
    start->plugin = wire_text(&reader);
    call->struct_size = sizeof *call;
    call->flags = wire_u32(&reader);
    call->run_id = wire_text(&reader);
    call->integration = wire_text(&reader);
    struct wire_data settings = wire_data(&reader);
    call->settings_json = settings.bytes;
    call->settings_size = settings.size;
    if (wire_u8(&reader)) {
        struct wire_data checkpoint = wire_data(&reader);
        call->checkpoint = checkpoint.bytes;
        call->checkpoint_size = checkpoint.size;
    }
    uint32_t collections = wire_u32(&reader);
    if (collections > MAX_LIST) return false;
    if (collections > 0) {
        call->collections = read_texts(&reader, collections);
        call->collection_count = collections;
        if (!call->collections) return false;
    }
    call->deadline_unix_ms = wire_i64(&reader);
    call->data_dir = wire_text(&reader);
    call->temp_dir = wire_text(&reader);
    if (!read_limits(start, &reader)) return false;
    start->progress_rate = wire_u32(&reader);
    if (!read_secrets(start, &reader)) return false;
    if (start->entry == FRAME_ENTRY_WEBHOOK &&
        !(start->headers = request_read(&start->request, &reader)))
        return false;
    return !reader.bad && reader.left == 0;
}

void start_free(struct start *start) {
    free((void *)start->call.collections);
    free(start->readable_paths);
    for (uint32_t i = 0; start->secret_values && i < start->secret_count; i++)
        explicit_bzero((void *)start->secret_values[i].bytes, start->secret_values[i].size);
    free(start->secret_names);
    free(start->secret_values);
    free(start->headers);
    free(start->frame);
}
