/* Dies when it is asked for its manifest. */
#include "fixture.h"

FIXTURE_ABI(INTEGRATION_ABI_VERSION)

FIXTURE_EXPORT const char *integration_manifest(void) {
    abort();
}

FIXTURE_IMPORT { return fixture_documents(call, 1); }
