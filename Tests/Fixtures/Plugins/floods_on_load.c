/* Prints without an end as soon as it is loaded. */
#include "fixture.h"

FIXTURE_PLUGIN("floods-on-load", "")

__attribute__((constructor)) static void flood(void) {
    while (printf("flood\n") > 0 && fflush(stdout) == 0) {}
}

FIXTURE_IMPORT {
    (void)call;
    return INTEGRATION_OK;
}
