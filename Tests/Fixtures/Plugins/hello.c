/* The smallest useful plugin: one step of progress, three documents. */
#include "fixture.h"

FIXTURE_PLUGIN("hello", "")

FIXTURE_IMPORT_PROGRESS {
    static const char *const ids[] = {"one", "two", "three"};
    for (int64_t i = 0; i < 3; i++) {
        if (progress(context, "greeting", "Saying hello", i, 3) != INTEGRATION_OK)
            return INTEGRATION_CANCELLED;
        integration_status status = fixture_document(call, ids[i], ids[i], "Hello.");
        if (status != INTEGRATION_OK) return status;
    }
    progress(context, "greeting", "Said hello", 3, 3);
    return INTEGRATION_OK;
}
