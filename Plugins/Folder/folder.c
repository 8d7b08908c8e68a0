/*
 * Folder: imports the Markdown and text files below a directory.  Exports the plain import and
 * leaves progress to the host.  POSIX and the C library are all it needs.
 */
#define _POSIX_C_SOURCE 200809L

#include "import.h"
#include "integration_plugin.h"
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

INTEGRATION_EXPORT uint32_t integration_abi_version(void) {
    return INTEGRATION_ABI_VERSION;
}

INTEGRATION_EXPORT const char *integration_manifest(void) {
    return "{"
           "\"id\":\"org.integrationd.folder\",\"name\":\"Folder\",\"version\":\"1.0.0\","
           "\"min_abi\":\"1.0\","
           "\"description\":\"Markdown and text files below a directory.\","
           "\"settings_schema\":{\"type\":\"object\",\"additionalProperties\":false,"
           "\"required\":[\"path\"],\"properties\":{"
           "\"path\":{\"type\":\"string\",\"minLength\":1,\"x-path\":\"read\","
           "\"title\":\"Folder\",\"description\":\"The directory to import.\"},"
           "\"extensions\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":32,"
           "\"items\":{\"type\":\"string\",\"pattern\":\"^\\\\.[^/]+$\",\"maxLength\":32},"
           "\"default\":[\".md\",\".markdown\",\".txt\"],"
           "\"title\":\"Extensions\",\"description\":\"Names of files to import end in one of "
           "these.\"},"
           "\"max_file_size\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":16777216,"
           "\"default\":8388608,\"title\":\"Largest file\","
           "\"description\":\"In bytes; larger files are left out and reported.\"}}},"
           "\"collections\":[{\"name\":\"files\",\"title\":\"Files\"}],"
           "\"network\":[]}";
}

static bool is_asked_for_files(const integration_call *call) {
    if (!call->collections) return true;
    for (size_t i = 0; i < call->collection_count; i++)
        if (strcmp(call->collections[i], FOLDER_COLLECTION) == 0) return true;
    return false;
}

static integration_status refuse(const integration_call *call, const char *code,
                                 const char *message) {
    call->host->fail(call->host, code, message, NULL, 0);
    return INTEGRATION_INVALID_SETTINGS;
}

static integration_status import_path(const integration_call *call,
                                      const folder_settings *settings) {
    int root = open(settings->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root >= 0) return folder_import(call, settings, root);
    int error = errno;
    char message[1024];
    snprintf(message, sizeof message, "The folder %.700s cannot be opened: %s.", settings->path,
             strerror(error));
    return refuse(call, error == ENOENT ? "path-not-found" : "path-unreadable", message);
}

INTEGRATION_EXPORT integration_status integration_import_v1(const integration_call *call) {
    folder_settings settings;
    const char *wrong = settings_read(&settings, call->settings_json, call->settings_size);
    integration_status status = INTEGRATION_OK;
    if (wrong) status = refuse(call, "invalid-settings", wrong);
    else if (is_asked_for_files(call)) status = import_path(call, &settings);
    settings_free(&settings);
    return status;
}
