/* Calls abort() after some documents.  documents: how many. */
#include "fixture.h"

FIXTURE_PLUGIN("abort", FIXTURE_INTEGER("documents", "3"))

FIXTURE_IMPORT_PROGRESS {
    progress(context, "before_the_end", NULL, 0, 1);
    integration_status status = fixture_documents(call, fixture_number(call, "documents", 3));
    abort();
    return status;
}
