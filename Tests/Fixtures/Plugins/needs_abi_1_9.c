/* Needs a newer minor version than any host here has: the error says which side is older. */
#include "fixture.h"

FIXTURE_ABI(UINT32_C(1) << 16 | 9)
FIXTURE_MANIFEST(FIXTURE_JSON("needs-abi-1-9", "1.9", ""))

FIXTURE_IMPORT {
    return fixture_documents(call, 1);
}
