#define _POSIX_C_SOURCE 200809L

#include "document.h"

#include "settings.h"
#include "title.h"
#include "utf8.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TITLE_LIMIT 512 /* bytes */

/* The "1-" is the form of the documents made here: with another form, all are made again. */
void document_revision(char revision[REVISION_CAPACITY], const struct stat *info) {
    snprintf(revision, REVISION_CAPACITY, "1-%jd-%jd.%09ld-%ju", (intmax_t)info->st_size,
             (intmax_t)info->st_mtim.tv_sec, info->st_mtim.tv_nsec, (uintmax_t)info->st_ino);
}

static void put_text(json_buffer *json, const char *text) {
    json_put_string(json, text, strlen(text));
}

static void put_title(json_buffer *json, const char *path, const file_bytes *content,
                      bool is_markdown) {
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    title found = is_markdown ? title_of_markdown(content->bytes, content->size) : (title){0};
    if (found.size == 0) found = (title){name, strlen(name)};
    json_put_string(json, found.start, utf8_cut(found.start, found.size, TITLE_LIMIT));
}

/* The folders on the way to the file. */
static void put_folders(json_buffer *json, const char *path) {
    const char *separator = "";
    json_put(json, "[");
    for (const char *slash; (slash = strchr(path, '/')); path = slash + 1) {
        json_put(json, separator);
        json_put_string(json, path, (size_t)(slash - path));
        separator = ",";
    }
    json_put(json, "]");
}

/* RFC 3339 in UTC with milliseconds; nothing for a time that has no four-digit year. */
static void put_time(json_buffer *json, const char *key, struct timespec time) {
    char text[64], whole[32];
    struct tm parts;
    if (!gmtime_r(&time.tv_sec, &parts) || parts.tm_year < -1900 || parts.tm_year > 8099) return;
    strftime(whole, sizeof whole, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text, sizeof text, "%s.%03ldZ", whole, time.tv_nsec / 1000000);
    json_put(json, key);
    put_text(json, text);
}

void document_write(json_buffer *json, const char *path, const file_bytes *content,
                    const struct stat *info) {
    char revision[REVISION_CAPACITY];
    bool is_markdown = name_has_extension(path, ".md") || name_has_extension(path, ".markdown");
    document_revision(revision, info);

    json_clear(json);
    json_put(json, "{\"title\":");
    put_title(json, path, content, is_markdown);
    json_put(json, ",\"contentType\":");
    put_text(json, is_markdown ? "text/markdown" : "text/plain");
    json_put(json, ",\"path\":");
    put_folders(json, path);
    put_time(json, ",\"updatedAt\":", info->st_mtim);
    json_put(json, ",\"revision\":");
    put_text(json, revision);
    json_put(json, ",\"content\":");
    json_put_string(json, content->bytes, content->size);
    json_put(json, "}");
}
