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

/* The page: its modules and what belongs to them. */

static const uint8_t index_html[] = {
#embed "assets/page/index.html"
};

static const uint8_t page_css[] = {
#embed "assets/page/page.css"
};

static const uint8_t icon_svg[] = {
#embed "assets/page/icon.svg"
};

static const uint8_t main_js[] = {
#embed "assets/page/main.js"
};

static const uint8_t api_js[] = {
#embed "assets/page/api.js"
};

static const uint8_t access_js[] = {
#embed "assets/page/access.js"
};

static const uint8_t dom_js[] = {
#embed "assets/page/dom.js"
};

static const uint8_t format_js[] = {
#embed "assets/page/format.js"
};

static const uint8_t overview_js[] = {
#embed "assets/page/overview.js"
};

static const uint8_t panel_js[] = {
#embed "assets/page/panel.js"
};

static const uint8_t integration_js[] = {
#embed "assets/page/integration.js"
};

static const uint8_t watch_js[] = {
#embed "assets/page/watch.js"
};

static const uint8_t lists_js[] = {
#embed "assets/page/lists.js"
};

static const uint8_t documents_js[] = {
#embed "assets/page/documents.js"
};

static const uint8_t tree_js[] = {
#embed "assets/page/tree.js"
};

static const uint8_t markdown_js[] = {
#embed "assets/page/markdown.js"
};

/* Browsers refuse a module that does not come as JavaScript. */
#define JAVASCRIPT "text/javascript; charset=utf-8"
#define MODULE(NAME) {"/page/" #NAME ".js", JAVASCRIPT, NAME##_js, sizeof NAME##_js}

static const dashboard_asset assets[] = {
    {"/integrationd.js", JAVASCRIPT, integrationd_js, sizeof integrationd_js},
    /* Nobody registered a type for TypeScript; as text, a browser shows it. */
    {"/integrationd.d.ts", "text/plain; charset=utf-8", integrationd_d_ts,
     sizeof integrationd_d_ts},
    {"/", "text/html; charset=utf-8", index_html, sizeof index_html},
    {"/page/page.css", "text/css; charset=utf-8", page_css, sizeof page_css},
    {"/page/icon.svg", "image/svg+xml", icon_svg, sizeof icon_svg},
    /* As its readers do not need it: see API+Assets.swift. */
    MODULE(integrationd),
    MODULE(main),
    MODULE(api),
    MODULE(access),
    MODULE(dom),
    MODULE(format),
    MODULE(overview),
    MODULE(panel),
    MODULE(integration),
    MODULE(watch),
    MODULE(lists),
    MODULE(documents),
    MODULE(tree),
    MODULE(markdown),
};

size_t dashboard_asset_count(void) { return sizeof assets / sizeof *assets; }

const dashboard_asset *dashboard_asset_at(size_t number) {
    return number < dashboard_asset_count() ? &assets[number] : NULL;
}
