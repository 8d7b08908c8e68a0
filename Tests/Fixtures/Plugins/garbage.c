/*
 * Says what a plugin must not say.  `kind` picks one sort, "all" does each except the last:
 *   documents  JSON that is none, an array, cut short, empty, nested 100,000 deep
 *   text       invalid UTF-8 in every text and in a document
 *   nulls      NULL wherever the contract allows it
 *   long       ids, collections, steps, messages and codes over their limits, one of 1 MB
 *   steps      the steps that are the host's own, and malformed ones
 *   many_steps 200 different steps
 *   numbers    counts and totals that make no sense, unknown log levels and report kinds
 *   forbidden  NULL where the contract forbids it: may end the worker, never the daemon
 * One good document, items/good, comes last.  status: what is returned; 4711 is no status.
 */
#include "fixture.h"

FIXTURE_PLUGIN("garbage", FIXTURE_STRING("kind", "all") "," FIXTURE_INTEGER("status", "4711"))

typedef struct talk {
    const integration_call *call;
    const integration_host *host;
    integration_progress_fn progress;
    void *context;
} talk;

static void upsert(const talk *talk, const char *id, const char *json, size_t size) {
    talk->host->upsert(talk->host, "items", id, json, size);
}

static void say_documents(const talk *talk) {
    static const char *const documents[] = {
        "", "not json", "{", "{\"title\":\"cut", "[]", "null", "42", "\"text\"", "{} {}",
        "{\"title\":1}", "{\"title\":\"a\",\"title\":\"b\"}", "{\"a\":\"\\ud800\"}",
        "{\"a\":1e999}"};
    char id[32];
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        snprintf(id, sizeof id, "bad-%zu", i);
        upsert(talk, id, documents[i], strlen(documents[i]));
    }
    upsert(talk, "bad-nul", "{\"a\":\"\0\"}", 9);
    static char deep[100000];
    memset(deep, '[', sizeof deep);
    memcpy(deep, "{\"a\":", 5);
    upsert(talk, "bad-deep", deep, sizeof deep);
}

static void say_text(const talk *talk) {
    static const char bad[] = "bad \xFF\xFE\xC0\x80 \xED\xA0\x80 \xF5\x80\x80\x80 cut \xE2\x82";
    const integration_host *host = talk->host;
    upsert(talk, "bad-text", "{\"title\":\"\xFF\xC0\"}", 14);
    upsert(talk, bad, "{}", 2);
    talk->progress(talk->context, "text", bad, 1, 1);
    talk->progress(talk->context, bad, bad, 1, 1);
    host->log(host, INTEGRATION_LOG_INFO, bad, bad);
    host->log(host, INTEGRATION_LOG_INFO, "line one\nline two\r\x1B[31m", "{\"fields\":");
    host->report(host, INTEGRATION_REPORT_NOTE, bad, bad, bad, bad);
    host->waiting(host, 1, bad);
    host->fail(host, bad, bad, bad, -1);
    host->checkpoint(host, bad, sizeof bad);
    host->complete(host, bad, bad);
}

static void say_nulls(const talk *talk) {
    const integration_host *host = talk->host;
    talk->progress(talk->context, "nulls", NULL, INTEGRATION_UNKNOWN, INTEGRATION_UNKNOWN);
    host->log(host, INTEGRATION_LOG_INFO, "No fields.", NULL);
    host->report(host, INTEGRATION_REPORT_NOTE, NULL, NULL, "note", "A note about nothing.");
    host->checkpoint(host, NULL, 0);
    host->secret(host, "none", NULL, 0);
    host->fail(host, "none", "No details.", NULL, 0);
}

static void say_long(const talk *talk) {
    const size_t size = 1000000;
    const integration_host *host = talk->host;
    char *text = (char *)malloc(size + 1);
    if (!text) return;
    memset(text, 'x', size);
    text[size] = '\0';
    upsert(talk, text, "{}", 2);
    host->upsert(host, text, "long", "{}", 2);
    host->known(host, "items", text, text);
    host->remove(host, text, text);
    talk->progress(talk->context, text, text, 1, 2);
    host->log(host, INTEGRATION_LOG_INFO, text, text);
    host->report(host, INTEGRATION_REPORT_FAILED, text, text, text, text);
    host->fail(host, text, text, text, INT64_MAX);
    text[1025] = '\0'; /* one over an id's limit */
    upsert(talk, text, "{}", 2);
    text[65] = '\0'; /* one over a step's limit */
    talk->progress(talk->context, text, NULL, 1, 2);
    free(text);
}

static void say_steps(const talk *talk) {
    static const char *const steps[] = {
        "starting", "queued", "waiting", "resumed", "importing", "complete", "error",
        "document_failed", "", " ", "Upper", "with space", "dash-ed", "line\nbreak", "data: {}",
        "\xC3\xA9"};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        talk->progress(talk->context, steps[i], "A step that is not the plugin's", 1, 1);
}

static void say_many_steps(const talk *talk) {
    char step[32];
    for (int i = 0; i < 200; i++) {
        snprintf(step, sizeof step, "step_%d", i);
        talk->progress(talk->context, step, NULL, i, 200);
    }
}

static void say_numbers(const talk *talk) {
    static const int64_t numbers[] = {INT64_MIN, -2, 0, 5, INT64_MAX};
    const integration_host *host = talk->host;
    for (size_t i = 0; i < 25; i++)
        talk->progress(talk->context, "numbers", NULL, numbers[i / 5], numbers[i % 5]);
    host->log(host, -7, "A level below all.", NULL);
    host->log(host, 99, "A level above all.", NULL);
    host->report(host, 99, "items", "x", "kind", "A kind that there is not.");
    host->waiting(host, INT64_MIN, "since the beginning");
    host->waiting(host, INT64_MAX, "for ever");
    host->waiting(host, 0, "");
    host->extension(host, "no.such.extension/1");
}

static const char *volatile nothing = NULL; /* no compiler sees through it */

static void say_forbidden(const talk *talk) {
    const integration_host *host = talk->host;
    host->upsert(host, nothing, nothing, nothing, 10);
    talk->progress(talk->context, nothing, nothing, 1, 1);
    host->log(host, INTEGRATION_LOG_INFO, nothing, nothing);
    host->report(host, INTEGRATION_REPORT_FAILED, nothing, nothing, nothing, nothing);
    host->known(host, nothing, nothing, nothing);
    host->remove(host, nothing, nothing);
    host->complete(host, nothing, nothing);
    host->fail(host, nothing, nothing, nothing, 0);
}

static const struct {
    const char *kind;
    void (*say)(const talk *);
} sorts[] = {{"documents", say_documents}, {"text", say_text},
             {"nulls", say_nulls},         {"long", say_long},
             {"steps", say_steps},         {"many_steps", say_many_steps},
             {"numbers", say_numbers},     {"forbidden", say_forbidden}};

FIXTURE_IMPORT_PROGRESS {
    char buffer[32];
    const talk talk = {call, call->host, progress, context};
    const char *kind = fixture_text(call, "kind", "all", buffer, sizeof buffer);
    const size_t count = sizeof sorts / sizeof *sorts;
    for (size_t i = 0; i < count; i++) {
        int is_asked = strcmp(kind, sorts[i].kind) == 0;
        int is_in_all = strcmp(kind, "all") == 0 && i + 1 < count;
        if (is_asked || is_in_all) sorts[i].say(&talk);
    }
    fixture_document(call, "good", "Good", "The run went on.");
    return (integration_status)fixture_number(call, "status", 4711);
}
