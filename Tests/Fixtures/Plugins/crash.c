/* Dies of SIGSEGV after some documents.  documents: how many. */
#include "fixture.h"

/* A wild pointer that no compiler sees through. */
static int *volatile nowhere = (int *)16;

FIXTURE_PLUGIN("crash", FIXTURE_INTEGER("documents", "3"))

FIXTURE_IMPORT_PROGRESS {
    progress(context, "before_the_end", NULL, 0, 1);
    integration_status status = fixture_documents(call, fixture_number(call, "documents", 3));
    *nowhere = 1;
    return status;
}
