/* Large documents.  documents: how many; bytes: of content in each, 2 MB; characters of one to
 * four bytes. */
#include "fixture.h"

FIXTURE_PLUGIN("big", FIXTURE_INTEGER("documents", "3") "," FIXTURE_INTEGER("bytes", "2000000"))

static size_t write_document(char *json, int64_t number, size_t bytes) {
    /* The line break is JSON's, two bytes. */
    static const char line[] = "plain, \u00e9\u00df, \u6f22\u5b57, \U0001F600\\n";
    const size_t line_size = sizeof line - 1;
    int size = sprintf(json, "{\"title\":\"Big %lld\",\"content\":\"", (long long)number);
    char *at = json + size;
    for (size_t done = 0; done + line_size <= bytes; done += line_size, at += line_size)
        memcpy(at, line, line_size);
    memcpy(at, "\"}", 2);
    return (size_t)(at - json) + 2;
}

FIXTURE_IMPORT_PROGRESS {
    const int64_t documents = fixture_number(call, "documents", 3);
    const size_t bytes = (size_t)fixture_number(call, "bytes", 2000000);
    char *json = malloc(bytes + 128);
    integration_status status = json ? INTEGRATION_OK : INTEGRATION_PERMANENT;
    for (int64_t number = 1; number <= documents && status == INTEGRATION_OK; number++) {
        char id[32];
        snprintf(id, sizeof id, "%lld", (long long)number);
        status = call->host->upsert(call->host, "items", id, json,
                                    write_document(json, number, bytes));
        progress(context, "big", NULL, number, documents);
    }
    free(json);
    return status;
}
