/*
 * Compiled against a made-up 1.1, whose host has `now` and whose call has `locale`.  Says in
 * items/host whether its host has them.  NEEDS: the min_abi of its manifest.
 */
#include "fixture.h"

#include <stdbool.h>

#ifndef NEEDS
#define NEEDS "1.0"
#endif

FIXTURE_ABI(INTEGRATION_ABI_VERSION)
FIXTURE_MANIFEST(FIXTURE_JSON("newer", NEEDS, ""))

FIXTURE_IMPORT_PROGRESS {
    (void)progress;
    (void)context;
    bool has_now = INTEGRATION_HAS(call->host, integration_host, now);
    bool has_locale = INTEGRATION_HAS(call, integration_call, locale);
    char title[64];
    snprintf(title, sizeof title, "now %lld, locale %s",
             has_now ? (long long)call->host->now(call->host) : -1, has_locale ? call->locale : "none");
    return fixture_document(call, "host", title, "");
}
