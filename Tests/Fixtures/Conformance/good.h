/*
 * A plugin that gets all rules of `integrationd plugin check` right.  Each file beside this one
 * redefines one of the pieces below, and so breaks one rule.
 *
 * Forty documents in `items` and one in `notes`; settings `documents` and, a secret, `token`.
 */
#include "fixture.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

/* ---- what it says of itself */

#ifndef GOOD_ID
#define GOOD_ID "com.example.conformance"
#endif
#ifndef GOOD_MIN_ABI
#define GOOD_MIN_ABI "1.0"
#endif
#ifndef GOOD_MORE_SETTINGS
#define GOOD_MORE_SETTINGS ""
#endif
#ifndef GOOD_MORE_SCHEMA
#define GOOD_MORE_SCHEMA ""
#endif
#ifndef GOOD_COLLECTIONS
#define GOOD_COLLECTIONS "[{\"name\":\"items\",\"title\":\"Items\"},{\"name\":\"notes\",\"title\":\"Notes\"}]"
#endif

#define GOOD_MANIFEST                                                                             \
    "{\"id\":\"" GOOD_ID "\",\"name\":\"Conformance\",\"version\":\"1.0.0\","                     \
    "\"min_abi\":\"" GOOD_MIN_ABI "\",\"settings_schema\":{\"type\":\"object\","                  \
    "\"additionalProperties\":false" GOOD_MORE_SCHEMA ",\"properties\":{"                         \
    "\"token\":{\"type\":\"string\",\"x-secret\":true}" GOOD_MORE_SETTINGS ","                    \
    "\"documents\":{\"type\":\"integer\",\"minimum\":0,\"default\":40}}},"                        \
    "\"collections\":" GOOD_COLLECTIONS ",\"network\":[\"127.0.0.1:9\"]}"

FIXTURE_ABI(INTEGRATION_ABI_VERSION)

#ifndef GOOD_OWN_MANIFEST
FIXTURE_MANIFEST(GOOD_MANIFEST)
#endif

/* ---- how it imports; each piece is a statement that may return from the import */

#ifndef GOOD_AT_ENTRY
#define GOOD_AT_ENTRY if (call->host->is_cancelled(call->host)) return INTEGRATION_CANCELLED;
#endif
#ifndef GOOD_BEGIN
#define GOOD_BEGIN
#endif
#ifndef GOOD_WITHOUT_NETWORK
#define GOOD_WITHOUT_NETWORK INTEGRATION_TRANSIENT
#endif
#ifndef GOOD_WITH_BAD_SETTINGS
#define GOOD_WITH_BAD_SETTINGS return INTEGRATION_INVALID_SETTINGS;
#endif
#ifndef GOOD_WITH_BAD_CHECKPOINT
#define GOOD_WITH_BAD_CHECKPOINT return INTEGRATION_CHECKPOINT_INVALID;
#endif
#ifndef GOOD_TITLE
#define GOOD_TITLE "\"Item\""
#endif
#ifndef GOOD_CONTENT
#define GOOD_CONTENT "Some text."
#endif
#ifndef GOOD_ASKS /* whether known() is asked */
#define GOOD_ASKS (!(call->flags & INTEGRATION_FLAG_FULL_REFRESH))
#endif
#ifndef GOOD_WANTS_NOTES
#define GOOD_WANTS_NOTES wants(call, "notes")
#endif
#ifndef GOOD_BEFORE_DOCUMENT
#define GOOD_BEFORE_DOCUMENT
#endif
#ifndef GOOD_WHEN_CANCELLED
#define GOOD_WHEN_CANCELLED return INTEGRATION_CANCELLED;
#endif
#ifndef GOOD_WHEN_REFUSED
#define GOOD_WHEN_REFUSED                                                                         \
    call->host->report(call->host, INTEGRATION_REPORT_FAILED, "items", id, "refused", "Refused.");
#endif
#ifndef GOOD_STEP
#define GOOD_STEP "storing_item"
#endif
#ifndef GOOD_TOTAL
#define GOOD_TOTAL count
#endif
#ifndef GOOD_CHECKPOINT
#define GOOD_CHECKPOINT number
#endif
#ifndef GOOD_LAST /* the last document */
#define GOOD_LAST count
#endif
#ifndef GOOD_END
#define GOOD_END
#endif

FIXTURE_HELPER int wants(const integration_call *call, const char *collection) {
    for (size_t i = 0; i < call->collection_count; i++)
        if (strcmp(call->collections[i], collection) == 0) return 1;
    return call->collections == NULL;
}

/* Whether anything can be reached: no packet is sent. */
FIXTURE_HELPER int has_network(void) {
    struct sockaddr_in nobody = {.sin_family = AF_INET, .sin_port = htons(9)};
    nobody.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int connected = connect(fd, (struct sockaddr *)&nobody, sizeof nobody);
    close(fd);
    return connected == 0;
}

/* The document that the checkpoint stands behind; -1 for one that makes no sense. */
FIXTURE_HELPER int64_t resumed_at(const integration_call *call) {
    char text[32] = "", *end = text;
    if (!call->checkpoint) return 0;
    if (call->checkpoint_size == 0 || call->checkpoint_size >= sizeof text) return -1;
    memcpy(text, call->checkpoint, call->checkpoint_size);
    if (strncmp(text, "at ", 3) != 0) return -1;
    long long at = strtoll(text + 3, &end, 10);
    return end == text + call->checkpoint_size - 1 && *end == '.' ? at : -1;
}

FIXTURE_HELPER integration_status upsert(const integration_call *call, const char *collection,
                                         const char *id, const char *title, const char *content) {
    char json[512];
    int size = snprintf(json, sizeof json, "{\"title\":%s,\"content\":\"%s\",\"revision\":\"1\"}",
                        title, content);
    return call->host->upsert(call->host, collection, id, json, (size_t)size);
}

FIXTURE_HELPER integration_status import_items(const integration_call *call, int64_t count,
                                               integration_progress_fn progress, void *context) {
    const integration_host *host = call->host;
    int64_t start = resumed_at(call);
    if (start < 0) {
        GOOD_WITH_BAD_CHECKPOINT
        start = 0;
    }
    for (int64_t number = start + 1; number <= GOOD_LAST; number++) {
        char id[32], checkpoint[32];
        snprintf(id, sizeof id, "%lld", (long long)number);
        GOOD_BEFORE_DOCUMENT
        int32_t known = GOOD_ASKS ? host->known(host, "items", id, "1") : 0;
        integration_status status = known < 0   ? INTEGRATION_CANCELLED
                                    : known > 0 ? INTEGRATION_OK
                                                : upsert(call, "items", id, GOOD_TITLE, GOOD_CONTENT);
        if (status == INTEGRATION_CANCELLED) {
            GOOD_WHEN_CANCELLED
        } else if (status != INTEGRATION_OK) {
            GOOD_WHEN_REFUSED
        }
        if (progress && progress(context, GOOD_STEP, "Stored an item", number, GOOD_TOTAL) != 0) {
            GOOD_WHEN_CANCELLED
        }
        if (number % 10 != 0) continue;
        int size = snprintf(checkpoint, sizeof checkpoint, "at %lld.", (long long)(GOOD_CHECKPOINT));
        if (host->checkpoint(host, checkpoint, (size_t)size) != INTEGRATION_OK) {
            GOOD_WHEN_CANCELLED
        }
    }
    return host->complete(host, "items", NULL);
}

FIXTURE_HELPER integration_status import(const integration_call *call,
                                         integration_progress_fn progress, void *context) {
    GOOD_AT_ENTRY
    char token[64] = "";
    call->host->secret(call->host, "token", token, sizeof token - 1);
    const char *setting = fixture_setting(call, "documents");
    int64_t count = 40;
    if (!setting || *setting < '0' || *setting > '9') {
        GOOD_WITH_BAD_SETTINGS
    } else {
        count = strtoll(setting, NULL, 10);
    }
    GOOD_BEGIN
    if (!has_network()) return GOOD_WITHOUT_NETWORK;
    integration_status status = INTEGRATION_OK;
    if (wants(call, "items")) status = import_items(call, count, progress, context);
    if (status == INTEGRATION_OK && GOOD_WANTS_NOTES) {
        status = upsert(call, "notes", "1", "\"A note\"", "It is short.");
        if (status != INTEGRATION_OK && status != INTEGRATION_CANCELLED) {
            call->host->report(call->host, INTEGRATION_REPORT_FAILED, "notes", "1", "refused",
                               "Refused.");
            status = INTEGRATION_OK;
        }
    }
    GOOD_END
    return status;
}

#ifndef GOOD_NO_IMPORTS
FIXTURE_IMPORT_PROGRESS { return import(call, progress, context); }

#ifndef GOOD_OWN_PLAIN_IMPORT
FIXTURE_IMPORT { return import(call, NULL, NULL); }
#endif
#endif

/* ---- the other entries */

#ifndef GOOD_IN_TEST
#define GOOD_IN_TEST
#endif
#ifndef GOOD_STRUCTURE
#define GOOD_STRUCTURE "{\"nodes\":[{\"id\":\"1\",\"name\":\"Items\",\"kind\":\"list\",\"count\":40}]}"
#endif

FIXTURE_EXPORT integration_status integration_test_v1(const integration_call *call) {
    GOOD_IN_TEST
    static const char reply[] = "{\"account\":\"somebody\"}";
    return call->host->reply(call->host, "application/json", reply, sizeof reply - 1);
}

FIXTURE_EXPORT integration_status integration_structure_v1(const integration_call *call) {
    return call->host->reply(call->host, "application/json", GOOD_STRUCTURE,
                             sizeof GOOD_STRUCTURE - 1);
}

#ifndef GOOD_WITHOUT_SIGNATURE
#define GOOD_WITHOUT_SIGNATURE return INTEGRATION_AUTH_FAILED;
#endif
#ifndef GOOD_WITHOUT_OBJECT
#define GOOD_WITHOUT_OBJECT return INTEGRATION_INVALID_SETTINGS;
#endif
#ifndef GOOD_IN_WEBHOOK
#define GOOD_IN_WEBHOOK
#endif

/* The source sends the token along, and an object. */
FIXTURE_EXPORT integration_status integration_webhook_v1(const integration_call *call,
                                                         const integration_webhook_request *request) {
    char token[64] = "";
    int is_signed = 0, is_object = request->body_size > 1;
    call->host->secret(call->host, "token", token, sizeof token - 1);
    for (uint32_t i = 0; i < request->header_count; i++)
        is_signed |= !strcmp(request->headers[i].name, "x-token") && !strcmp(request->headers[i].value, token);
    if (is_object) is_object = ((const char *)request->body)[request->body_size - 1] == '}';
    GOOD_IN_WEBHOOK
    if (!is_object) {
        GOOD_WITHOUT_OBJECT
    }
    if (!is_signed) {
        GOOD_WITHOUT_SIGNATURE
    }
    return INTEGRATION_OK;
}
