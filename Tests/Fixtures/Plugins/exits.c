/* Calls exit(0) after some documents: a success to a shell, a failed run here.  documents: how
 * many. */
#include "fixture.h"

FIXTURE_PLUGIN("exits", FIXTURE_INTEGER("documents", "3"))

FIXTURE_IMPORT_PROGRESS {
    progress(context, "before_the_end", NULL, 0, 1);
    integration_status status = fixture_documents(call, fixture_number(call, "documents", 3));
    exit(0);
    return status;
}
