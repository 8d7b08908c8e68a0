/*
 * Reads the secret `token` and gives it away wherever a plugin can: log, log fields, progress,
 * stdout, stderr, report, fail.  The host masks it everywhere.  The document `settings` holds the
 * settings as they came: the secret must not be in it.  status: what to return, 0 = OK.
 */
#include "fixture.h"

FIXTURE_PLUGIN("secrets", "\"token\":{\"type\":\"string\",\"x-secret\":true},"
               FIXTURE_INTEGER("status", "0"))

static void tell(const integration_call *call, const char *secret) {
    char text[600];
    const integration_host *host = call->host;
    snprintf(text, sizeof text, "The token is %s.", secret);
    host->log(host, INTEGRATION_LOG_INFO, text, NULL);
    host->report(host, INTEGRATION_REPORT_NOTE, NULL, NULL, "told", text);
    host->fail(host, "told", text, NULL, 0);
    printf("%s\n", text);
    fflush(stdout);
    fprintf(stderr, "%s\n", text);
    snprintf(text, sizeof text, "{\"token\":\"%s\"}", secret);
    host->log(host, INTEGRATION_LOG_INFO, "The token is in the fields.", text);
}

/* The settings as a document's metadata: they are JSON already. */
static integration_status emit_settings(const integration_call *call) {
    char json[4096];
    int size = snprintf(json, sizeof json,
                        "{\"title\":\"settings\",\"metadata\":{\"settings\":%s}}",
                        call->settings_json);
    if (size < 0 || (size_t)size >= sizeof json) return INTEGRATION_PERMANENT;
    return call->host->upsert(call->host, "items", "settings", json, (size_t)size);
}

/* NULL, or what is wrong with how the host hands over secrets. */
static const char *read_token(const integration_host *host, char *secret, int64_t capacity) {
    int64_t size = host->secret(host, "token", secret, (size_t)capacity - 1);
    if (size < 0) return "There is no secret called token.";
    if (size >= capacity) return "The secret is longer than the fixture expects.";
    secret[size] = '\0';
    if (host->secret(host, "token", NULL, 0) != size) return "Its size is not told beforehand.";
    if (host->secret(host, "other", NULL, 0) != -1) return "There is a secret called other.";
    return NULL;
}

FIXTURE_IMPORT_PROGRESS {
    char secret[512];
    const char *wrong = read_token(call->host, secret, sizeof secret);
    if (wrong) {
        call->host->fail(call->host, "secret", wrong, NULL, 0);
        return INTEGRATION_INVALID_SETTINGS;
    }
    progress(context, "telling", secret, 1, 1);
    tell(call, secret);
    explicit_bzero(secret, sizeof secret);
    integration_status status = emit_settings(call);
    if (status != INTEGRATION_OK) return status;
    return (integration_status)fixture_number(call, "status", 0);
}
