/* A manifest that is NULL, which the contract forbids. */
#include "fixture.h"

static const char *volatile nothing = NULL;

FIXTURE_ABI(INTEGRATION_ABI_VERSION)
FIXTURE_MANIFEST(nothing)

FIXTURE_IMPORT {
    return fixture_documents(call, 1);
}
