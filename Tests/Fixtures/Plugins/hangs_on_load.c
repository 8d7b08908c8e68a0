/* Never says what it is: integration_manifest does not return. */
#include "fixture.h"

FIXTURE_ABI(INTEGRATION_ABI_VERSION)

FIXTURE_EXPORT const char *integration_manifest(void) {
    for (;;) pause();
}

FIXTURE_IMPORT {
    (void)call;
    return INTEGRATION_OK;
}
