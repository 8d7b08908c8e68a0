/* No integration_abi_version: not a plugin. */
#include "fixture.h"

FIXTURE_MANIFEST(FIXTURE_JSON("no-version", "1.0", ""))

FIXTURE_IMPORT {
    return fixture_documents(call, 1);
}
