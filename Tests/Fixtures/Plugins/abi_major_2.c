/* Made for another major version: nothing but integration_abi_version may be called.  The
 * manifest ends the process to prove it. */
#include "fixture.h"

FIXTURE_ABI(UINT32_C(2) << 16)
FIXTURE_MANIFEST((abort(), ""))

FIXTURE_IMPORT {
    return fixture_documents(call, 1);
}
