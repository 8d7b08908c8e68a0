/*
 * All that can be said of a document.  The source has items/1 … items/<documents> in revision
 * `revision`; those known() are not emitted.  failed: number of one that is reported as failed;
 * skipped: of one left out; removed: of one that is removed; complete: 1 ends with complete().
 * Take `documents` down to have the rest marked deleted.  The log says how many were known.
 */
#include "fixture.h"

FIXTURE_PLUGIN("known-user", FIXTURE_INTEGER("documents", "10") ","
               FIXTURE_STRING("revision", "r1") ","
               FIXTURE_INTEGER("failed", "0") "," FIXTURE_INTEGER("skipped", "0") ","
               FIXTURE_INTEGER("removed", "0") "," FIXTURE_INTEGER("complete", "1"))

typedef struct source {
    const integration_call *call;
    const char *revision;
    int64_t known;
} source;

static integration_status emit_unless_known(source *source, const char *id) {
    const integration_host *host = source->call->host;
    char json[512];
    int32_t known = host->known(host, "items", id, source->revision);
    if (known < 0) return INTEGRATION_CANCELLED;
    source->known += known;
    if (known) return INTEGRATION_OK;
    int size = snprintf(json, sizeof json,
                        "{\"title\":\"Item %s\",\"content\":\"%s\",\"revision\":\"%s\"}", id,
                        source->revision, source->revision);
    return host->upsert(host, "items", id, json, (size_t)size);
}

static integration_status import_item(source *source, int64_t number) {
    const integration_call *call = source->call;
    const integration_host *host = call->host;
    char id[32];
    snprintf(id, sizeof id, "%lld", (long long)number);
    if (number == fixture_number(call, "removed", 0)) return host->remove(host, "items", id);
    if (number == fixture_number(call, "failed", 0)) {
        host->report(host, INTEGRATION_REPORT_FAILED, "items", id, "unreadable",
                     "Could not be read.");
        return INTEGRATION_OK;
    }
    if (number == fixture_number(call, "skipped", 0)) {
        host->report(host, INTEGRATION_REPORT_SKIPPED, "items", id, "left-out", "Left out.");
        return INTEGRATION_OK;
    }
    return emit_unless_known(source, id);
}

FIXTURE_IMPORT {
    char revision[128], text[64];
    source source = {call, fixture_text(call, "revision", "r1", revision, sizeof revision), 0};
    const int64_t documents = fixture_number(call, "documents", 10);
    for (int64_t number = 1; number <= documents; number++) {
        integration_status status = import_item(&source, number);
        if (status != INTEGRATION_OK) return status;
    }
    snprintf(text, sizeof text, "Known: %lld.", (long long)source.known);
    call->host->log(call->host, INTEGRATION_LOG_INFO, text, NULL);
    if (!fixture_number(call, "complete", 1)) return INTEGRATION_OK;
    return call->host->complete(call->host, "items", NULL);
}
