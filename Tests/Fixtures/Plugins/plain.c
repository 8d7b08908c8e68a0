/* Exports the plain import only, so the host makes progress from what it sees.  documents: how
 * many. */
#include "fixture.h"

FIXTURE_PLUGIN("plain", FIXTURE_INTEGER("documents", "10"))

FIXTURE_IMPORT {
    return fixture_documents(call, fixture_number(call, "documents", 10));
}
