/* __TITLE__: imports a few notes.  include/integration_plugin.h has every function used here. */
#include "integration_plugin.h"

#include "json.h"

INTEGRATION_EXPORT uint32_t integration_abi_version(void) { return INTEGRATION_ABI_VERSION; }

/* A secret is {"type":"string","x-secret":true}: ask for it with call->host->secret. */
INTEGRATION_EXPORT const char *integration_manifest(void) {
    return "{\"id\":\"com.example.__NAME__\",\"name\":\"__TITLE__\",\"version\":\"0.1.0\",\"min_abi\":\"1.0\","
           "\"settings_schema\":{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
           "\"greeting\":{\"type\":\"string\",\"default\":\"Hello\",\"maxLength\":100},"
           "\"count\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":1000,\"default\":3}}},"
           "\"collections\":[{\"name\":\"notes\",\"title\":\"Notes\"}],\"network\":[]}";
}

struct settings {
    char greeting[512]; /* with its quotes */
    long count;
    char revision[32];
};

/* Changes when the notes do; a source has dates or etags for that. */
static void make_revision(struct settings *settings) {
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (const char *at = settings->greeting; *at; at++) hash = (hash ^ (unsigned char)*at) * 16777619u;
    snprintf(settings->revision, sizeof settings->revision, "1-%08x", (unsigned)hash);
}

/* The host has checked them against the schema; what only the plugin can know is checked here. */
static bool read_settings(const integration_call *call, struct settings *settings) {
    return json_string(json_member(call->settings_json, "greeting"), settings->greeting,
                       sizeof settings->greeting) &&
           json_integer(json_member(call->settings_json, "count"), &settings->count);
}

/* One document, by the source's own id; not again if it is stored with this revision. */
static integration_status store_note(const integration_call *call, const struct settings *settings,
                                     long number) {
    const integration_host *host = call->host;
    char id[32], json[1024];
    snprintf(id, sizeof id, "%ld", number);
    if (!(call->flags & INTEGRATION_FLAG_FULL_REFRESH)) {
        int32_t known = host->known(host, "notes", id, settings->revision);
        if (known != 0) return known < 0 ? INTEGRATION_CANCELLED : INTEGRATION_OK;
    }
    int size = snprintf(json, sizeof json,
                        "{\"title\":\"Note %ld\",\"content\":%s,\"contentType\":\"text/markdown\","
                        "\"revision\":\"%s\"}",
                        number, settings->greeting, settings->revision);
    return host->upsert(host, "notes", id, json, (size_t)size);
}

INTEGRATION_EXPORT integration_status
integration_import_progress_v1(const integration_call *call, integration_progress_fn progress,
                               void *progress_context) {
    const integration_host *host = call->host;
    struct settings settings;
    if (!read_settings(call, &settings)) {
        host->fail(host, "settings-invalid", "greeting must be a string, count a number.", NULL, 0);
        return INTEGRATION_INVALID_SETTINGS;
    }
    make_revision(&settings);
    for (long number = 1; number <= settings.count; number++) {
        integration_status status = store_note(call, &settings, number);
        if (status == INTEGRATION_REJECTED || status == INTEGRATION_TOO_LARGE) {
            char id[32];
            snprintf(id, sizeof id, "%ld", number);
            host->report(host, INTEGRATION_REPORT_FAILED, "notes", id, "refused",
                         "The host refused this note.");
        } else if (status != INTEGRATION_OK) {
            return status;
        }
        if (progress(progress_context, "storing_note", "Storing notes", number, settings.count) !=
            INTEGRATION_OK)
            return INTEGRATION_CANCELLED;
    }
    return host->complete(host, "notes", NULL);
}
