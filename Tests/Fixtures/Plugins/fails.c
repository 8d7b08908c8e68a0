/*
 * Returns a status with an explanation.  status, code, message, retry_after_ms: of the failure;
 * documents: how many come first; attempts: so many attempts of a run fail and the next
 * succeeds, 0 = all fail (counted in data_dir); silent: 1 = never calls fail().
 */
#include "fixture.h"

FIXTURE_PLUGIN("fails", FIXTURE_INTEGER("status", "4") ","
               FIXTURE_STRING("code", "fixture-failed") ","
               FIXTURE_STRING("message", "The fixture was told to fail.") ","
               FIXTURE_INTEGER("retry_after_ms", "0") "," FIXTURE_INTEGER("documents", "0") ","
               FIXTURE_INTEGER("attempts", "0") "," FIXTURE_INTEGER("silent", "0"))

/* Which attempt of the run this is: one byte is added to a file at each. */
static int64_t this_attempt(const integration_call *call) {
    char path[4096];
    snprintf(path, sizeof path, "%s/attempts-%s", call->data_dir, call->run_id);
    FILE *file = fopen(path, "a");
    if (!file) return 1;
    fputc('.', file);
    long attempt = ftell(file);
    fclose(file);
    return attempt;
}

FIXTURE_IMPORT {
    char code[128], message[1024];
    const integration_host *host = call->host;
    const int64_t attempts = fixture_number(call, "attempts", 0);
    integration_status emitted = fixture_documents(call, fixture_number(call, "documents", 0));
    if (emitted != INTEGRATION_OK) return emitted;
    if (attempts > 0 && this_attempt(call) > attempts) return INTEGRATION_OK;
    if (!fixture_number(call, "silent", 0))
        host->fail(host, fixture_text(call, "code", "fixture-failed", code, sizeof code),
                   fixture_text(call, "message", "The fixture was told to fail.", message,
                                sizeof message),
                   "{\"from\":\"fixture\"}", fixture_number(call, "retry_after_ms", 0));
    return (integration_status)fixture_number(call, "status", 4);
}
