/*
 * A run of any size and pace, always the same documents.  documents: how many; bytes: of content
 * in each; progress: how many calls, spread evenly; delay_ms: after each document (after each
 * progress call where there are no documents), ends at once when cancelled.
 */
#include "fixture.h"

FIXTURE_PLUGIN("counts", FIXTURE_INTEGER("documents", "10") "," FIXTURE_INTEGER("bytes", "100") ","
               FIXTURE_INTEGER("progress", "10") "," FIXTURE_INTEGER("delay_ms", "0"))

/* {"title":"Item 7","content":"7 7 7 ..."}: the size it has, 0 if memory is out. */
static size_t write_document(char *json, size_t capacity, int64_t number, size_t bytes) {
    char word[32];
    int word_size = snprintf(word, sizeof word, "%lld ", (long long)number);
    int size = snprintf(json, capacity, "{\"title\":\"Item %.*s\",\"content\":\"",
                        word_size - 1, word);
    for (size_t i = 0; i < bytes; i++) json[size++] = word[i % (size_t)word_size];
    memcpy(json + size, "\"}", 2);
    return (size_t)size + 2;
}

static integration_status upsert(const integration_call *call, int64_t number, char *json,
                                 size_t bytes) {
    char id[32];
    snprintf(id, sizeof id, "%lld", (long long)number);
    return call->host->upsert(call->host, "items", id, json,
                              write_document(json, bytes + 128, number, bytes));
}

FIXTURE_IMPORT_PROGRESS {
    const int64_t documents = fixture_number(call, "documents", 10);
    const int64_t calls = fixture_number(call, "progress", 10);
    const int64_t rounds = documents > 0 ? documents : calls;
    const int delay = (int)fixture_number(call, "delay_ms", 0);
    const size_t bytes = (size_t)fixture_number(call, "bytes", 100);
    char *json = (char *)malloc(bytes + 128);
    integration_status status = json ? INTEGRATION_OK : INTEGRATION_PERMANENT;
    int64_t called = 0;
    for (int64_t number = 1; number <= rounds && status == INTEGRATION_OK; number++) {
        if (documents > 0) status = upsert(call, number, json, bytes);
        for (; status == INTEGRATION_OK && called < calls * number / rounds; called++)
            status = progress(context, "counting", "Counting", called + 1, calls);
        if (status == INTEGRATION_OK && delay > 0 && fixture_wait(call, delay))
            status = INTEGRATION_CANCELLED;
    }
    free(json);
    return status;
}
