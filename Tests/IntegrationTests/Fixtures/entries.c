/* Has all entries.  test and structure do what `behaviour` says: "good", "unauthorized", "silent" (no reply), "crash",
 * "hang" or "garbage" (a reply that is no JSON).  webhook takes a request whose header x-signature is the secret
 * `token`, and then replies its body.  An import stores its own settings as the document items/settings, and whether
 * it was given a checkpoint as items/checkpoint; then it waits for the file `gate`, if that is set. */
#include "fixture.h"

FIXTURE_ABI(INTEGRATION_ABI_VERSION)
FIXTURE_MANIFEST(
    "{\"id\":\"com.example.fixture.entries\",\"name\":\"Fixture entries\",\"version\":\"1.0.0\",\"settings_schema\":{"
    "\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
    "\"behaviour\":{\"type\":\"string\",\"default\":\"good\"},\"gate\":{\"type\":\"string\",\"default\":\"\"},"
    "\"token\":{\"type\":\"string\",\"x-secret\":true},"
    "\"ids\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"x-run-option\":true}}},"
    "\"collections\":[{\"name\":\"items\",\"title\":\"Items\"}]}")

static integration_status reply(const integration_call *call, const char *text) {
    return call->host->reply(call->host, "application/json", text, strlen(text));
}

static integration_status behave(const integration_call *call, const char *good) {
    char buffer[64];
    const char *behaviour = fixture_text(call, "behaviour", "good", buffer, sizeof buffer);
    /* Neither belongs here; the host takes no notice. */
    fixture_document(call, "forbidden", "Forbidden", "");
    if (call->host->known(call->host, "items", "1", "1") != 0) return INTEGRATION_INTERNAL;
    if (strcmp(behaviour, "unauthorized") == 0) {
        call->host->fail(call->host, "upstream-unauthorized", "The token is not valid.", NULL, 0);
        return INTEGRATION_AUTH_FAILED;
    }
    if (strcmp(behaviour, "silent") == 0) return INTEGRATION_OK;
    if (strcmp(behaviour, "crash") == 0) abort();
    if (strcmp(behaviour, "hang") == 0) fixture_wait(call, -1);
    if (strcmp(behaviour, "garbage") == 0) return reply(call, "[1,");
    return reply(call, good);
}

INTEGRATION_EXPORT integration_status integration_test_v1(const integration_call *call) {
    return behave(call, "{\"account\":\"me\",\"details\":{\"plan\":\"free\"}}");
}

INTEGRATION_EXPORT integration_status integration_structure_v1(const integration_call *call) {
    return behave(call, "{\"nodes\":[{\"id\":\"1\",\"name\":\"One\",\"kind\":\"space\",\"count\":3}]}");
}

INTEGRATION_EXPORT integration_status
integration_webhook_v1(const integration_call *call, const integration_webhook_request *request) {
    char token[64] = "";
    call->host->secret(call->host, "token", token, sizeof token - 1);
    const char *signature = "";
    for (uint32_t i = 0; i < request->header_count; i++)
        if (strcmp(request->headers[i].name, "x-signature") == 0) signature = request->headers[i].value;
    if (strcmp(signature, token) != 0) {
        call->host->fail(call->host, "signature", "The signature does not match.", NULL, 0);
        return INTEGRATION_AUTH_FAILED;
    }
    if (strcmp(request->method, "POST") != 0 || strcmp(request->path, "/") != 0) return INTEGRATION_INVALID_SETTINGS;
    if (request->body_size == 0) return strcmp(request->query, "empty") == 0 ? INTEGRATION_OK : INTEGRATION_PERMANENT;
    return call->host->reply(call->host, "application/json", request->body, request->body_size);
}

FIXTURE_IMPORT_PROGRESS {
    const integration_host *host = call->host;
    char json[2048], path[4096];
    progress(context, "reading", "Reading", -1, -1);
    int size = snprintf(json, sizeof json, "{\"title\":\"Settings\",\"settings\":%s}", call->settings_json);
    host->upsert(host, "items", "settings", json, (size_t)size);
    size = snprintf(json, sizeof json, "{\"title\":\"%s\"}", call->checkpoint ? (const char *)call->checkpoint : "none");
    host->upsert(host, "items", "checkpoint", json, (size_t)size);
    size = snprintf(json, sizeof json, "of run %.8s", call->run_id + strlen(call->run_id) - 8);
    host->checkpoint(host, json, (size_t)size + 1);
    const char *gate = fixture_text(call, "gate", "", path, sizeof path);
    while (*gate && access(gate, F_OK) != 0)
        if (fixture_wait(call, 2)) return INTEGRATION_CANCELLED;
    return INTEGRATION_OK;
}
