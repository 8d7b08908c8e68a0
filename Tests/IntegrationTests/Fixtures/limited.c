/* Asks a source that allows `limit` requests a `window` (ms), through the host's extension for rate limits.  The source
 * is the file `source`, which all who name it share: its window opens with the first request in it.  A request that is
 * refused fails the call.  An import makes `requests`, one after the other; test makes one and replies the wait. */
#include "fixture.h"

#include <fcntl.h>
#include <sys/file.h>

FIXTURE_PLUGIN("limited",
               FIXTURE_STRING("source", "") "," FIXTURE_INTEGER("limit", "10") ","
               FIXTURE_INTEGER("window", "1000") "," FIXTURE_INTEGER("requests", "10"))

struct source {
    int64_t end, used;
};

/* One request: 1 if the source served it. */
static int ask(const integration_call *call, const integration_rate_limit *extension) {
    char path[4096];
    int64_t limit = fixture_number(call, "limit", 10);
    int fd = open(fixture_text(call, "source", "", path, sizeof path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return 0;
    flock(fd, LOCK_EX);
    struct source source = {0, 0};
    if (pread(fd, &source, sizeof source, 0) < 0) source.end = 0;
    int64_t now = fixture_now_ms();
    if (now >= source.end) source = (struct source){now + fixture_number(call, "window", 1000), 0};
    int is_served = source.used < limit;
    if (is_served) source.used++;
    int is_written = pwrite(fd, &source, sizeof source, 0) == sizeof source;
    close(fd);
    extension->observe(call->host, "the-account", limit, limit - source.used, source.end);
    return is_served && is_written;
}

static const integration_rate_limit *extension_of(const integration_call *call) {
    return call->host->extension(call->host, INTEGRATION_EXT_RATE_LIMIT);
}

FIXTURE_IMPORT_PROGRESS {
    const integration_rate_limit *extension = extension_of(call);
    if (!extension) return INTEGRATION_UNSUPPORTED;
    int64_t count = fixture_number(call, "requests", 10);
    for (int64_t request = 1; request <= count; request++) {
        int64_t wait = extension->reserve(call->host, "the-account", 1);
        if (wait < 0) return INTEGRATION_CANCELLED;
        if (wait > 0 && fixture_wait(call, (int)wait)) {
            extension->release(call->host, "the-account", 1);
            return INTEGRATION_CANCELLED;
        }
        if (!ask(call, extension)) {
            call->host->fail(call->host, "upstream-rate-limited", "Refused.", NULL, 0);
            return INTEGRATION_PERMANENT;
        }
        progress(context, "asking", "Asking", request, count);
    }
    return INTEGRATION_OK;
}

INTEGRATION_EXPORT integration_status integration_test_v1(const integration_call *call) {
    const integration_rate_limit *extension = extension_of(call);
    char reply[64];
    int64_t wait = extension ? extension->reserve(call->host, "the-account", 1) : -1;
    int size = snprintf(reply, sizeof reply, "{\"details\":{\"wait\":%lld}}", (long long)wait);
    return call->host->reply(call->host, "application/json", reply, (size_t)size);
}
