/* Another manifest each time. */
#define GOOD_OWN_MANIFEST
#include "good.h"

FIXTURE_EXPORT const char *integration_manifest(void) {
    static int calls;
    return calls++ % 2 ? " " GOOD_MANIFEST : GOOD_MANIFEST;
}
