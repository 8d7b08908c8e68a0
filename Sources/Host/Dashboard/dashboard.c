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

const dashboard_asset dashboard_assets[] = {
    /* Browsers refuse a module that does not come as JavaScript. */
    {"/integrationd.js", "text/javascript; charset=utf-8", integrationd_js, sizeof integrationd_js},
    /* Nobody registered a type for TypeScript; as text, a browser shows it. */
    {"/integrationd.d.ts", "text/plain; charset=utf-8", integrationd_d_ts,
     sizeof integrationd_d_ts},
};

const size_t dashboard_asset_count = sizeof dashboard_assets / sizeof *dashboard_assets;
