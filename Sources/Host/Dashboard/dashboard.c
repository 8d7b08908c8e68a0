/*
 * dashboard.c -- C for #embed: bytes in read-only pages of the program.  SwiftPM's resources would
 * be a bundle beside the program, with Foundation to find it, and its embedded ones an array
 * literal that takes the compiler seconds.
 */
#include "dashboard.h"

static const uint8_t integrationd_js[] = {
#embed "assets/integrationd.js"
};

static const uint8_t integrationd_d_ts[] = {
#embed "assets/integrationd.d.ts"
};

static const dashboard_asset assets[] = {
    /* Browsers refuse a module that does not come as JavaScript. */
    {"/integrationd.js", "text/javascript; charset=utf-8", integrationd_js, sizeof integrationd_js},
    /* Nobody registered a type for TypeScript; as text, a browser shows it. */
    {"/integrationd.d.ts", "text/plain; charset=utf-8", integrationd_d_ts,
     sizeof integrationd_d_ts},
};

size_t dashboard_asset_count(void) { return sizeof assets / sizeof *assets; }

const dashboard_asset *dashboard_asset_at(size_t number) {
    return number < dashboard_asset_count() ? &assets[number] : NULL;
}
