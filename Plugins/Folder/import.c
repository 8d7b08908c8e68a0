#define _POSIX_C_SOURCE 200809L

#include "import.h"

#include "document.h"
#include "file_bytes.h"
#include "json_text.h"
#include "utf8.h"
#include "walk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ID_LIMIT 1024 /* bytes, the contract's */

typedef struct import {
    const integration_call *call;
    const folder_settings *settings;
    file_bytes content; /* these two are used again for each file */
    json_buffer json;
    integration_status status; /* once it is not OK the walk ends */
    bool is_complete; /* every directory was seen whole: what was not met is gone */
    uint64_t emitted, unchanged, reported, links;
} import;

/* ---- what goes into the run's report ---- */

static bool is_id(const char *path) {
    size_t size = strlen(path);
    return size <= ID_LIMIT && utf8_is_valid(path, size);
}

/* A path that is no id goes in as it is: the host cuts and mends it, and it is only for reading. */
static void report(import *import, integration_report_kind kind, const char *path,
                   const char *code, const char *what) {
    const integration_host *host = import->call->host;
    char message[ID_LIMIT];
    int shown = (int)utf8_cut(path, strlen(path), 700);
    snprintf(message, sizeof message, "%s: %.*s", what, shown, path);
    host->report(host, kind, FOLDER_COLLECTION, path, code, message);
    import->reported++;
}

static const char *code_of(int error) {
    switch (error) {
    case ENOENT: return "vanished";
    case ELOOP: case EINVAL: return "not-a-file"; /* replaced by a link or a pipe just now */
    case EFBIG: return "too-large";
    case EACCES: case EPERM: return "permission-denied";
    default: return "unreadable";
    }
}

static bool file_failed(import *import, const char *path, int error) {
    char what[160];
    snprintf(what, sizeof what, "The file could not be read (%s)", strerror(error));
    report(import, INTEGRATION_REPORT_FAILED, path, code_of(error), what);
    return true;
}

static bool stop_with(import *import, integration_status status) {
    import->status = status;
    return false;
}

/* ---- one file ---- */

/* True when the host has the file as it is now, or the call is to stop. */
static bool needs_no_reading(import *import, const char *path, const struct stat *info) {
    const integration_call *call = import->call;
    char revision[REVISION_CAPACITY];
    if (call->flags & INTEGRATION_FLAG_FULL_REFRESH) return false;
    document_revision(revision, info);
    int32_t known = call->host->known(call->host, FOLDER_COLLECTION, path, revision);
    if (known > 0) import->unchanged++;
    if (known < 0) import->status = INTEGRATION_CANCELLED;
    return known != 0;
}

static bool emit(import *import, const char *path, const struct stat *info) {
    const integration_host *host = import->call->host;
    if (!utf8_is_valid(import->content.bytes, import->content.size)) {
        report(import, INTEGRATION_REPORT_FAILED, path, "not-utf8", "The file is not UTF-8 text");
        return true;
    }
    document_write(&import->json, path, &import->content, info);
    if (import->json.out_of_memory) return file_failed(import, path, ENOMEM);

    integration_status status = host->upsert(host, FOLDER_COLLECTION, path, import->json.bytes,
                                             import->json.size);
    switch (status) {
    case INTEGRATION_OK:
        import->emitted++;
        return true;
    case INTEGRATION_TOO_LARGE:
        return file_failed(import, path, EFBIG);
    case INTEGRATION_REJECTED:
        report(import, INTEGRATION_REPORT_FAILED, path, "rejected",
               "The host refused the document");
        return true;
    default:
        return stop_with(import, status);
    }
}

static bool import_open_file(import *import, int descriptor, const char *path, struct stat *info) {
    if (info->st_size > import->settings->max_file_size) {
        report(import, INTEGRATION_REPORT_SKIPPED, path, "too-large",
               "The file is larger than max_file_size");
        return true;
    }
    if (needs_no_reading(import, path, info)) return import->status == INTEGRATION_OK;
    int error = file_read(&import->content, descriptor, info, import->settings->max_file_size);
    return error ? file_failed(import, path, error) : emit(import, path, info);
}

/* ---- what the walk calls ---- */

static bool on_file(void *context, int directory, const char *name, const char *path) {
    import *import = context;
    if (!is_id(path)) {
        report(import, INTEGRATION_REPORT_FAILED, path, "invalid-name",
               "A path that is not UTF-8 or longer than 1024 bytes cannot be imported");
        return true;
    }
    struct stat info;
    int descriptor = file_open(directory, name, &info);
    if (descriptor < 0) return file_failed(import, path, errno);
    bool goes_on = import_open_file(import, descriptor, path, &info);
    close(descriptor);
    return goes_on;
}

static bool on_lost_file(void *context, const char *path, int error) {
    return file_failed(context, path, error);
}

static bool on_lost_directory(void *context, const char *path, int error) {
    import *import = context;
    char what[160];
    snprintf(what, sizeof what, "The folder could not be read (%s)", strerror(error));
    report(import, INTEGRATION_REPORT_FAILED, path, code_of(error), what);
    import->is_complete = false;
    return true;
}

static void on_link(void *context, const char *path) {
    import *import = context;
    (void)path; /* a tree may be full of them: one note tells how many */
    import->links++;
}

static bool on_name(void *context, const char *name) {
    const import *import = context;
    return settings_want(import->settings, name);
}

static bool on_step(void *context) {
    import *import = context;
    const integration_host *host = import->call->host;
    if (host->is_cancelled(host)) return stop_with(import, INTEGRATION_CANCELLED);
    return true;
}

/* ---- the whole ---- */

static integration_status status_of(const import *import, walk_end end) {
    const integration_host *host = import->call->host;
    switch (end) {
    case WALK_DONE:
        return INTEGRATION_OK;
    case WALK_STOPPED:
        return import->status;
    case WALK_MOVED:
        host->fail(host, "folder-moved", "A folder was moved while it was being read.", NULL, 0);
        return INTEGRATION_TRANSIENT;
    case WALK_NO_MEMORY:
        break;
    }
    host->fail(host, "out-of-memory", "Not enough memory for the names in one folder.", NULL, 0);
    return INTEGRATION_PERMANENT;
}

static void summarize(const import *import) {
    const integration_host *host = import->call->host;
    char text[160];
    if (import->links > 0) {
        snprintf(text, sizeof text, "%" PRIu64 " symbolic links were not followed.", import->links);
        host->report(host, INTEGRATION_REPORT_NOTE, NULL, NULL, "links-not-followed", text);
    }
    snprintf(text, sizeof text,
             "{\"emitted\":%" PRIu64 ",\"unchanged\":%" PRIu64 ",\"reported\":%" PRIu64 "}",
             import->emitted, import->unchanged, import->reported);
    host->log(host, INTEGRATION_LOG_INFO, "The folder was read.", text);
}

integration_status folder_import(const integration_call *call, const folder_settings *settings,
                                 int root) {
    import import = {.call = call, .settings = settings, .is_complete = true};
    const visitor visitor = {.context = &import, .wants = on_name, .goes_on = on_step,
                             .file = on_file, .lost_file = on_lost_file,
                             .lost_directory = on_lost_directory, .link = on_link};
    integration_status status = status_of(&import, walk_tree(root, &visitor));
    if (status == INTEGRATION_OK) summarize(&import);
    if (status == INTEGRATION_OK && import.is_complete)
        status = call->host->complete(call->host, FOLDER_COLLECTION, NULL);
    file_free(&import.content);
    json_free(&import.json);
    return status;
}
