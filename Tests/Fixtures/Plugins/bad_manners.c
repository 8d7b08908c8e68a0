/*
 * Does too much of something, and then goes on: items/good comes last.
 *   descriptors  opens files until it is not let, and closes none
 *   stdout       writes 100,000 lines
 *   document     a document of 100 MB
 *   rejected     a document that is no JSON, and reports it itself if `reports` is 1
 *   utf8         a document with bytes that are no UTF-8
 */
#include "fixture.h"

#include <fcntl.h>

FIXTURE_PLUGIN("bad-manners", FIXTURE_STRING("kind", "stdout") "," FIXTURE_INTEGER("reports", "0"))

static void open_files(void) {
    while (open("/dev/null", O_RDONLY) >= 0) {}
}

static void write_lines(void) {
    for (int i = 0; i < 100000; i++) printf("line %d of a flood\n", i);
}

static void emit_large(const integration_call *call) {
    const size_t size = 100u << 20;
    char *json = malloc(size);
    if (!json) return;
    memset(json, 'x', size);
    memcpy(json, "{\"title\":\"", 10);
    memcpy(json + size - 2, "\"}", 2);
    call->host->upsert(call->host, "items", "large", json, size);
    free(json);
}

FIXTURE_IMPORT_PROGRESS {
    (void)progress;
    (void)context;
    char buffer[32];
    const char *kind = fixture_text(call, "kind", "stdout", buffer, sizeof buffer);
    const integration_host *host = call->host;
    if (!strcmp(kind, "descriptors")) open_files();
    if (!strcmp(kind, "stdout")) write_lines();
    if (!strcmp(kind, "document")) emit_large(call);
    if (!strcmp(kind, "rejected")) {
        host->upsert(host, "items", "bad", "no JSON", 7);
        if (fixture_number(call, "reports", 0))
            host->report(host, INTEGRATION_REPORT_FAILED, "items", "bad", "own-words", "It was bad.");
    }
    if (!strcmp(kind, "utf8")) host->upsert(host, "items", "torn", "{\"title\":\"a\xFF\xC0z\"}", 16);
    return fixture_document(call, "good", "Good", "The run went on.");
}
