/* The first import stores items/1 … items/<documents>, a full refresh the first half of them; each says that this is
 * all. */
#include "fixture.h"

FIXTURE_PLUGIN("shrinking", FIXTURE_INTEGER("documents", "10"))

FIXTURE_IMPORT_PROGRESS {
    int64_t count = fixture_number(call, "documents", 10);
    if (call->flags & INTEGRATION_FLAG_FULL_REFRESH) count /= 2;
    integration_status status = progress(context, "storing", "Storing", -1, -1);
    if (status == INTEGRATION_OK) status = fixture_documents(call, count);
    return status == INTEGRATION_OK ? call->host->complete(call->host, "items", NULL) : status;
}
