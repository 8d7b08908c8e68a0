#include <stdlib.h>

#include "probe_call.h"
#include "request.h"

/* The checker sends no such thing. */
#define MAX_LIST (1u << 20)

static bool read_secrets(struct plan *plan, struct wire_reader *reader) {
    plan->secret_count = wire_u32(reader);
    if (plan->secret_count > MAX_LIST) return false;
    plan->secrets = calloc(plan->secret_count + 1, sizeof *plan->secrets);
    for (uint32_t i = 0; plan->secrets && i < plan->secret_count; i++) {
        plan->secrets[i].name = wire_text(reader);
        plan->secrets[i].value = wire_data(reader);
    }
    return plan->secrets != NULL;
}

static bool read_known(struct plan *plan, struct wire_reader *reader) {
    plan->known_count = wire_u32(reader);
    if (plan->known_count > MAX_LIST) return false;
    plan->known = calloc(plan->known_count + 1, sizeof *plan->known);
    for (uint32_t i = 0; plan->known && i < plan->known_count; i++) {
        plan->known[i].collection = wire_text(reader);
        plan->known[i].id = wire_text(reader);
        plan->known[i].revision = wire_text(reader);
    }
    return plan->known != NULL;
}

static bool read_collections(integration_call *call, struct wire_reader *reader) {
    uint32_t count = wire_u32(reader);
    if (count == 0) return true;
    const char **names = count > MAX_LIST ? NULL : calloc(count, sizeof *names);
    for (uint32_t i = 0; names && i < count; i++) names[i] = wire_text(reader);
    call->collections = names;
    call->collection_count = count;
    return names != NULL;
}

static bool read_call(integration_call *call, struct wire_reader *reader) {
    call->struct_size = sizeof *call;
    call->flags = wire_u32(reader);
    call->run_id = wire_text(reader);
    call->integration = wire_text(reader);
    struct wire_data settings = wire_data(reader);
    call->settings_json = settings.bytes;
    call->settings_size = settings.size;
    if (wire_u8(reader)) {
        struct wire_data checkpoint = wire_data(reader);
        call->checkpoint = checkpoint.bytes;
        call->checkpoint_size = checkpoint.size;
    }
    if (!read_collections(call, reader)) return false;
    call->data_dir = wire_text(reader);
    call->temp_dir = wire_text(reader);
    return true;
}

bool plan_read(struct plan *plan, void *frame, size_t size) {
    *plan = (struct plan){0};
    struct wire_reader reader = {frame, size, false};
    plan->entry = wire_u32(&reader);
    plan->options = wire_u32(&reader);
    plan->plugin = wire_text(&reader);
    plan->abi_version = wire_u32(&reader);
    plan->table_size = wire_u32(&reader);
    if (!read_call(&plan->call, &reader) || !read_secrets(plan, &reader) ||
        !read_known(plan, &reader)) return false;
    plan->refused_function = wire_u32(&reader);
    plan->refused_at = wire_u32(&reader);
    plan->refused_status = (int32_t)wire_u32(&reader);
    plan->cancel_at = wire_u32(&reader);
    plan->stay_ms = wire_u32(&reader);
    if (plan->entry == PROBE_WEBHOOK && !request_read(&plan->request, &reader)) return false;
    return !reader.bad && reader.left == 0;
}
