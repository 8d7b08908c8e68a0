/* Says a step and stores a document before a gate and another after it: `gate` is the path of a file; the gate is open
 * once that file is there.  Closed for ever without one. */
#include "fixture.h"

FIXTURE_PLUGIN("gated", FIXTURE_STRING("gate", ""))

FIXTURE_IMPORT_PROGRESS {
    char path[4096];
    const char *gate = fixture_text(call, "gate", "", path, sizeof path);
    progress(context, "before_the_gate", "Before the gate", 1, 2);
    integration_status status = fixture_document(call, "before", "Before", "Before.");
    if (status != INTEGRATION_OK) return status;
    while (access(gate, F_OK) != 0)
        if (fixture_wait(call, 2)) return INTEGRATION_CANCELLED;
    progress(context, "after_the_gate", "After the gate", 2, 2);
    return fixture_document(call, "after", "After", "After.");
}
