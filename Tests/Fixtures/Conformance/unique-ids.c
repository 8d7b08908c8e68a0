/* Item 1 is emitted twice, and differs. */
#define GOOD_BEFORE_DOCUMENT                                                                      \
    if (number == 1 && GOOD_ASKS && !known_before(call)) upsert(call, "items", id, "\"First\"", "Other text.");
#include "fixture.h"

FIXTURE_HELPER int known_before(const integration_call *call) {
    return call->host->known(call->host, "items", "1", "1") != 0;
}
#include "good.h"
