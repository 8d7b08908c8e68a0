/* Exports both imports; the document says which one was called: it must be `progress`. */
#include "fixture.h"

FIXTURE_PLUGIN("both", "")

FIXTURE_IMPORT {
    return fixture_document(call, "called", "plain", "integration_import_v1 was called.");
}

FIXTURE_IMPORT_PROGRESS {
    progress(context, "both", NULL, 1, 1);
    return fixture_document(call, "called", "progress", "The one with progress was called.");
}
