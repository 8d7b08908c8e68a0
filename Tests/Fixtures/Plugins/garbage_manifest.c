/* A manifest that is not JSON, nor UTF-8. */
#include "fixture.h"

FIXTURE_ABI(INTEGRATION_ABI_VERSION)
FIXTURE_MANIFEST("{\"id\": \xFF\xFE not json")

FIXTURE_IMPORT {
    return fixture_documents(call, 1);
}
