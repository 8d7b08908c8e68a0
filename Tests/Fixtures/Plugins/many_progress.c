/* Progress as fast as a plugin can: `calls` of them over three steps.  First and last of each
 * step must arrive; documents are not to be crowded out: ten come in between. */
#include "fixture.h"

FIXTURE_PLUGIN("many-progress", FIXTURE_INTEGER("calls", "100000"))

FIXTURE_IMPORT_PROGRESS {
    static const char *const steps[] = {"first", "second", "third"};
    const int64_t calls = fixture_number(call, "calls", 100000);
    for (size_t step = 0; step < 3; step++) {
        char message[32];
        for (int64_t i = 1; i <= calls / 3; i++) {
            snprintf(message, sizeof message, "Call %lld", (long long)i);
            if (progress(context, steps[step], message, i, calls / 3) != INTEGRATION_OK)
                return INTEGRATION_CANCELLED;
            if (step == 1 && i == calls / 6 && fixture_documents(call, 10) != INTEGRATION_OK)
                return INTEGRATION_CANCELLED;
        }
        progress(context, steps[step], "Last", calls, calls);
    }
    return INTEGRATION_OK;
}
