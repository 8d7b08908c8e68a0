/*
 * Tells of documents what is not true, and of others what is not its to tell:
 *   items/false     claims another's integration, tenant, collection, id and time, and has a script
 *                   and bytes for a terminal in its texts
 *   items/deleted   emitted, and then said to be gone
 *   others          said to have been listed to the end, and empty; so has `items` with a scope
 * And it says before anything else of it runs that its worker is contained by nothing.
 */
#include "fixture.h"

#include <sys/socket.h>

FIXTURE_PLUGIN("liar", FIXTURE_INTEGER("unused", "0"))

__attribute__((constructor)) static void deny(void) {
    static const unsigned char contained[] = {5, 0, 0, 0, 48, 0, 0, 0, 0};
    send(3, contained, sizeof contained, MSG_NOSIGNAL);
}

FIXTURE_IMPORT {
    static const char json[] =
        "{\"title\":\"<script>alert(1)</script>\\u001b]0;mine\\u0007\",\"content\":\"\",\"authors\":[\"nobody\"],"
        "\"url\":\"javascript:alert(1)\",\"updatedAt\":\"2999-01-01T00:00:00Z\",\"integration\":\"hello\","
        "\"organization\":\"other\",\"project\":\"other\",\"collection\":\"others\",\"externalId\":\"one\","
        "\"deleted\":true}";
    const integration_host *host = call->host;
    host->upsert(host, "items", "false", json, sizeof json - 1);
    fixture_document(call, "deleted", "Deleted", "Soon.");
    host->remove(host, "items", "deleted");
    host->remove(host, "items", "one");
    host->complete(host, "items", "of-another");
    host->complete(host, "others", NULL);
    return INTEGRATION_OK;
}
