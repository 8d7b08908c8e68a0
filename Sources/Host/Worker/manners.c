#include "manners.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "call.h"
#include "text.h"

/* A process ends after its call, so a few descriptors that stay open are nobody's concern. */
#define TOLERATED_DESCRIPTORS 64
#define DESCRIPTOR_LIMIT      65536

/* The main thread, which has ended but stays in the list, this one, and the outbox's. */
#define OWN_THREADS    3
#define LATE_CALLS_MS  5

void manners_note_call(struct manners *manners) {
    if (atomic_load_explicit(&manners->has_returned, memory_order_relaxed))
        atomic_fetch_add_explicit(&manners->late_calls, 1, memory_order_relaxed);
}

void manners_note_document(struct manners *manners, const void *json, size_t size) {
    if (!text_is_utf8(json, size))
        atomic_fetch_add_explicit(&manners->mended_documents, 1, memory_order_relaxed);
}

/* A note in the run's report; about no document. */
static void tell(struct call *call, const char *code, const char *message) {
    unsigned char frame[1024];
    struct wire_writer writer = {frame};
    size_t code_size = strlen(code), message_size = strlen(message);
    wire_put_header(&writer, FRAME_REPORT,
                    WIRE_U32 + 2 * WIRE_OPTIONAL + WIRE_DATA(code_size) + WIRE_DATA(message_size));
    wire_put_u32(&writer, INTEGRATION_REPORT_NOTE);
    wire_put_u8(&writer, 0);
    wire_put_u8(&writer, 0);
    wire_put_data(&writer, code, code_size);
    wire_put_data(&writer, message, message_size);
    outbox_append(&call->outbox, OUTBOX_REPORT, frame, (size_t)(writer.at - frame));
}

static unsigned open_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return 0;
    int end = limit.rlim_cur < DESCRIPTOR_LIMIT ? (int)limit.rlim_cur : DESCRIPTOR_LIMIT;
    unsigned count = 0;
    for (int fd = 0; fd < end; fd++) count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static unsigned threads(void) {
    DIR *directory = opendir("/proc/self/task");
    if (!directory) return 0;
    unsigned count = 0;
    for (struct dirent *entry; (entry = readdir(directory));) count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

void manners_tell(struct call *call) {
    char message[256];
    unsigned long mended = atomic_load(&call->manners.mended_documents);
    if (mended > 0) {
        snprintf(message, sizeof message,
                 "%lu documents held bytes that are no UTF-8; U+FFFD stands in their place.", mended);
        tell(call, "invalid-utf8", message);
    }
    /* In a host they are the host's. */
    unsigned open = call->place == WORKER_IN_OWN_PROCESS ? open_descriptors() : 0;
    if (open > TOLERATED_DESCRIPTORS) {
        snprintf(message, sizeof message, "The plugin left %u descriptors open.", open);
        tell(call, "descriptors-left-open", message);
    }
    atomic_store(&call->manners.has_returned, true);
}

/* Whether the thread waits for work, as an idle one of a pool or of an event loop does. */
static bool waits_for_work(const char *thread) {
    char path[64], place[64]; /* where in the kernel it sleeps */
    snprintf(path, sizeof path, "/proc/self/task/%s/wchan", thread);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, place, sizeof place - 1);
    if (fd >= 0) close(fd);
    if (size <= 0) return false;
    place[size] = 0;
    return strstr(place, "futex") || strstr(place, "epoll");
}

/* While all others wait for work, none of them is about to say anything. */
static bool may_say_more(void) {
    DIR *directory = opendir("/proc/self/task");
    if (!directory) return true;
    bool may = false;
    for (struct dirent *entry; !may && (entry = readdir(directory));) {
        long thread = strtol(entry->d_name, NULL, 10);
        /* The main thread has ended, see main.c. */
        may = thread > 0 && thread != getpid() && thread != gettid() && !waits_for_work(entry->d_name);
    }
    closedir(directory);
    return may;
}

void manners_tell_late(struct call *call) {
    if (call->place == WORKER_IN_OWN_PROCESS && threads() > OWN_THREADS && may_say_more())
        poll(NULL, 0, LATE_CALLS_MS);
    unsigned long late = atomic_load(&call->manners.late_calls);
    if (late == 0) return;
    char message[256];
    snprintf(message, sizeof message,
             "The plugin went on calling the host after its entry had returned, %lu times; that "
             "was ignored.", late);
    tell(call, "late-calls", message);
}
