/*
 * What the fixtures share: the two mandatory exports, settings without a JSON parser, documents,
 * and waiting.  Include it first.  Nothing here is how a real plugin should read its settings.
 */
#ifndef FIXTURE_H
#define FIXTURE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "integration_plugin.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef __cplusplus
#define FIXTURE_EXPORT extern "C" INTEGRATION_EXPORT
#else
#define FIXTURE_EXPORT INTEGRATION_EXPORT
#endif

/* A helper that one fixture uses and another does not. */
#define FIXTURE_HELPER static inline __attribute__((unused))

/* ---- mandatory exports ---- */

#define FIXTURE_ABI(VERSION)                                                                      \
    FIXTURE_EXPORT uint32_t integration_abi_version(void) INTEGRATION_NOEXCEPT {                  \
        return VERSION;                                                                           \
    }

#define FIXTURE_MANIFEST(JSON)                                                                    \
    FIXTURE_EXPORT const char *integration_manifest(void) INTEGRATION_NOEXCEPT { return JSON; }

/* Settings for FIXTURE_PLUGIN, joined by ",". */
#define FIXTURE_INTEGER(NAME, DEFAULT)                                                            \
    "\"" NAME "\":{\"type\":\"integer\",\"minimum\":0,\"x-run-option\":true,"                     \
    "\"default\":" DEFAULT "}"
#define FIXTURE_STRING(NAME, DEFAULT)                                                             \
    "\"" NAME "\":{\"type\":\"string\",\"x-run-option\":true,\"default\":\"" DEFAULT "\"}"

#define FIXTURE_JSON(ID, MIN_ABI, SETTINGS)                                                       \
    "{\"id\":\"com.example.fixture." ID "\",\"name\":\"Fixture " ID "\",\"version\":\"1.0.0\","   \
    "\"min_abi\":\"" MIN_ABI "\",\"settings_schema\":{\"type\":\"object\","                       \
    "\"additionalProperties\":false,\"properties\":{" SETTINGS "}},"                              \
    "\"collections\":[{\"name\":\"items\",\"title\":\"Items\"}],\"network\":[]}"

#define FIXTURE_PLUGIN(ID, SETTINGS)                                                              \
    FIXTURE_ABI(INTEGRATION_ABI_VERSION)                                                          \
    FIXTURE_MANIFEST(FIXTURE_JSON(ID, "1.0", SETTINGS))

#define FIXTURE_IMPORT                                                                            \
    FIXTURE_EXPORT integration_status integration_import_v1(const integration_call *call)         \
        INTEGRATION_NOEXCEPT

#define FIXTURE_IMPORT_PROGRESS                                                                   \
    FIXTURE_EXPORT integration_status integration_import_progress_v1(                             \
        const integration_call *call, integration_progress_fn progress, void *context)            \
        INTEGRATION_NOEXCEPT

/* ---- settings: flat, and no key is also a value ---- */

FIXTURE_HELPER const char *fixture_setting(const integration_call *call, const char *key) {
    char quoted[80];
    snprintf(quoted, sizeof quoted, "\"%s\"", key);
    const char *at = strstr(call->settings_json, quoted);
    if (!at) return NULL;
    at += strlen(quoted);
    return at + strspn(at, " \t\r\n:");
}

FIXTURE_HELPER int64_t fixture_number(const integration_call *call, const char *key,
                                      int64_t otherwise) {
    const char *at = fixture_setting(call, key);
    return at ? strtoll(at, NULL, 10) : otherwise;
}

/* A string without escapes, cut to the buffer. */
FIXTURE_HELPER const char *fixture_text(const integration_call *call, const char *key,
                                        const char *otherwise, char *buffer, size_t capacity) {
    const char *at = fixture_setting(call, key);
    if (!at || *at != '"') return otherwise;
    size_t size = strcspn(at + 1, "\"");
    if (size >= capacity) size = capacity - 1;
    memcpy(buffer, at + 1, size);
    buffer[size] = '\0';
    return buffer;
}

/* ---- documents ---- */

/* Upserts items/<id> with this title and content, neither of which needs escapes. */
FIXTURE_HELPER integration_status fixture_document(const integration_call *call, const char *id,
                                                   const char *title, const char *content) {
    char json[4096];
    int size = snprintf(json, sizeof json, "{\"title\":\"%s\",\"content\":\"%s\"}", title, content);
    if (size < 0 || (size_t)size >= sizeof json) return INTEGRATION_TOO_LARGE;
    return call->host->upsert(call->host, "items", id, json, (size_t)size);
}

/* Upserts items/1 … items/<count>; the first status that is not OK ends it. */
FIXTURE_HELPER integration_status fixture_documents(const integration_call *call, int64_t count) {
    for (int64_t number = 1; number <= count; number++) {
        char id[32], title[48];
        snprintf(id, sizeof id, "%lld", (long long)number);
        snprintf(title, sizeof title, "Item %s", id);
        integration_status status = fixture_document(call, id, title, "Some text.");
        if (status != INTEGRATION_OK) return status;
    }
    return INTEGRATION_OK;
}

/* ---- waiting ---- */

/* Waits on cancel_fd for so long, -1 for ever; 1 once the call is cancelled. */
FIXTURE_HELPER int fixture_wait(const integration_call *call, int milliseconds) {
    struct pollfd descriptor = {call->host->cancel_fd(call->host), POLLIN, 0};
    while (poll(&descriptor, 1, milliseconds) < 0 && errno == EINTR) continue;
    return call->host->is_cancelled(call->host) != 0;
}

FIXTURE_HELPER int64_t fixture_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
