/* An import with everything that a person may want to see: a wide title, a document that fails, a wait that was
 * announced, and a gate: it goes on once the file `gate` is there.  `rows`: documents, `fails`: how many fail. */
#include "fixture.h"

FIXTURE_PLUGIN("troubled", FIXTURE_STRING("gate", "") "," FIXTURE_INTEGER("rows", "4") ","
               FIXTURE_INTEGER("fails", "1") "," FIXTURE_INTEGER("announce_ms", "0"))

static int wait_for(const integration_call *call, const char *gate) {
    while (*gate && access(gate, F_OK) != 0)
        if (fixture_wait(call, 2)) return 1;
    return 0;
}

FIXTURE_IMPORT_PROGRESS {
    char path[4096];
    const char *gate = fixture_text(call, "gate", "", path, sizeof path);
    const int64_t rows = fixture_number(call, "rows", 4);
    for (int64_t number = 1; number <= rows; number++) {
        char id[32];
        snprintf(id, sizeof id, "%lld", (long long)number);
        integration_status status = fixture_document(call, id, "Title", "Text.");
        if (status != INTEGRATION_OK) return status;
        progress(context, "storing_item", "Storing item: \xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E", number, rows + 1);
    }
    for (int64_t number = 1; number <= fixture_number(call, "fails", 1); number++) {
        char id[32];
        snprintf(id, sizeof id, "bad-%lld", (long long)number);
        call->host->report(call->host, INTEGRATION_REPORT_FAILED, "items", id, "too-strange", "It cannot be read.");
    }
    const int64_t announced = fixture_number(call, "announce_ms", 0);
    if (announced > 0) call->host->waiting(call->host, fixture_now_ms() + announced, "The source asks for a pause");
    if (wait_for(call, gate)) return INTEGRATION_CANCELLED;
    progress(context, "storing_item", "Storing the last", rows + 1, rows + 1);
    return fixture_document(call, "last", "Last", "Text.");
}
