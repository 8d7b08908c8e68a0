#ifndef FOLDER_SETTINGS_H
#define FOLDER_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOLDER_MAX_EXTENSIONS 32
#define FOLDER_DEFAULT_MAX_FILE_SIZE 8388608 /* bytes; stands in the manifest's schema too */

typedef struct folder_settings {
    char *path;
    char *extensions[FOLDER_MAX_EXTENSIONS]; /* with their dot, as written */
    size_t extension_count;
    int64_t max_file_size; /* bytes */
} folder_settings;

/* Reads the call's settings.  NULL, or what is wrong with them (static text).  Either way
 * settings_free must follow. */
const char *settings_read(folder_settings *settings, const char *json, size_t size);
void settings_free(folder_settings *settings);

/* Does the file's name end in one of the extensions?  ASCII case does not matter. */
bool settings_want(const folder_settings *settings, const char *name);

/* Does the name end in this extension? */
bool name_has_extension(const char *name, const char *extension);

#endif
