#include "settings.h"

#include "json_text.h"

#include <stdlib.h>
#include <string.h>

static const char default_extensions[] = "[\".md\",\".markdown\",\".txt\"]";

static char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

bool name_has_extension(const char *name, const char *extension) {
    size_t name_size = strlen(name), size = strlen(extension);
    if (name_size <= size) return false; /* ".md" alone is a name, not an extension */
    const char *end = name + name_size - size;
    for (size_t i = 0; i < size; i++)
        if (lower(end[i]) != lower(extension[i])) return false;
    return true;
}

bool settings_want(const folder_settings *settings, const char *name) {
    for (size_t i = 0; i < settings->extension_count; i++)
        if (name_has_extension(name, settings->extensions[i])) return true;
    return false;
}

static const char *read_extensions(folder_settings *settings, json_text list) {
    json_text rest, element;
    if (!json_elements(list, &rest)) return "extensions must be a list";
    while (json_next(&rest, &element)) {
        if (settings->extension_count == FOLDER_MAX_EXTENSIONS) return "extensions: at most 32";
        char *extension = json_string(element);
        if (!extension) return "extensions must be strings";
        settings->extensions[settings->extension_count++] = extension;
        if (extension[0] != '.' || extension[1] == '\0' || strchr(extension, '/'))
            return "each of extensions must start with a dot, for example \".md\"";
    }
    return NULL;
}

const char *settings_read(folder_settings *settings, const char *json, size_t size) {
    json_text object = {json, size}, value;
    *settings = (folder_settings){.max_file_size = FOLDER_DEFAULT_MAX_FILE_SIZE};

    if (!json_member(object, "path", &value)) return "path is missing";
    settings->path = json_string(value);
    if (!settings->path || !settings->path[0]) return "path must be the name of a folder";

    if (json_member(object, "max_file_size", &value)
        && (!json_integer(value, &settings->max_file_size) || settings->max_file_size < 1))
        return "max_file_size must be a number of bytes";

    if (!json_member(object, "extensions", &value))
        value = (json_text){default_extensions, sizeof default_extensions - 1};
    return read_extensions(settings, value);
}

void settings_free(folder_settings *settings) {
    free(settings->path);
    for (size_t i = 0; i < settings->extension_count; i++) free(settings->extensions[i]);
    *settings = (folder_settings){0};
}
