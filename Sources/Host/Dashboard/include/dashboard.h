/*
 * dashboard.h -- the files that the daemon serves to browsers.  They are part of the program, so
 * that it stays one file to install and never serves those of another version.
 */
#ifndef INTEGRATIOND_DASHBOARD_H
#define INTEGRATIOND_DASHBOARD_H

#include <stddef.h>
#include <stdint.h>

/* All of it lives as long as the program. */
typedef struct {
    const char *path;         /* below the base path, beginning with a slash */
    const char *content_type; /* as a header has it */
    const uint8_t *bytes;     /* no NUL at the end */
    size_t size;
} dashboard_asset;

/* How many there are, and each by its number from 0. */
size_t dashboard_asset_count(void);
const dashboard_asset *dashboard_asset_at(size_t number);

#endif
