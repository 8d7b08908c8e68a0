/* No integration_manifest: not a plugin. */
#include "fixture.h"

FIXTURE_ABI(INTEGRATION_ABI_VERSION)

FIXTURE_IMPORT {
    return fixture_documents(call, 1);
}
