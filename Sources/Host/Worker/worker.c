#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "call.h"

/* The contract promises plugins at least 8 MiB. */
#define ENTRY_STACK_SIZE (16u * 1024 * 1024)

/* Receives one frame: 1 with memory that the caller frees, 0 at the end, -1 for nonsense. */
static int receive_frame(int fd, unsigned char *type, unsigned char **payload, size_t *size) {
    uint32_t length;
    int received = wire_receive(fd, &length, sizeof length);
    if (received <= 0) return received;
    if (length < 1 || length > FRAME_MAX_SIZE) return -1;
    if ((received = wire_receive(fd, type, 1)) <= 0) return received;
    *size = length - 1;
    *payload = malloc(length);
    if (!*payload) return -1;
    received = *size > 0 ? wire_receive(fd, *payload, *size) : 1;
    if (received <= 0) free(*payload);
    return received;
}

static bool receive_start(int fd, struct start *start) {
    unsigned char type, *payload;
    size_t size;
    if (receive_frame(fd, &type, &payload, &size) != 1) return false;
    if (type == FRAME_START && start_read(start, payload, size)) return true;
    if (type == FRAME_START) start_free(start);
    else free(payload);
    return false;
}

/* Handles one frame that arrives during the call; false once the host is gone. */
static bool receive_command(struct call *call) {
    unsigned char type, *payload;
    size_t size;
    if (receive_frame(call->fd, &type, &payload, &size) != 1) return false;
    struct wire_reader reader = {payload, size, false};
    if (type == FRAME_CANCEL) {
        call_cancel(call);
    } else if (type == FRAME_ANSWER) {
        uint32_t question = wire_u32(&reader);
        int64_t value = wire_i64(&reader);
        if (!reader.bad) call_answer(call, question, value);
    }
    free(payload);
    return true;
}

/* A socket that the plugin closes stays with the poll that is under way, so each ends. */
#define LOOK_AGAIN_MS 500

/* Serves the host until the entry has returned. */
static void attend(struct call *call) {
    struct pollfd watched[] = {{call->fd, POLLIN, 0}, {call->done_fd, POLLIN, 0}};
    while (watched[1].revents == 0) {
        if (poll(watched, 2, LOOK_AGAIN_MS) < 0) {
            if (errno != EINTR) return;
            watched[1].revents = 0;
        } else if (watched[0].revents && !receive_command(call)) {
            if (call->place == WORKER_IN_OWN_PROCESS) _exit(WORKER_LOST_HOST);
            call_host_is_gone(call);
            watched[0].fd = -1;
        }
    }
}

/* On the thread from which all others of this process come; 0 or an errno value. */
static int contain_worker(const struct start *start, int64_t *measures) {
    struct reachable_files files = {start->plugin, start->call.data_dir, start->call.temp_dir,
                                    start->readable_paths, start->readable_path_count};
    *measures = contain(&start->limits, &files);
    return *measures < 0 ? errno : 0;
}

static void say_measures(struct call *call, uint32_t measures) {
    unsigned char frame[WIRE_HEADER + WIRE_U32];
    struct wire_writer writer = {frame};
    wire_put_header(&writer, FRAME_CONTAINED, WIRE_U32);
    wire_put_u32(&writer, measures);
    outbox_send(&call->outbox, frame, sizeof frame, NULL, 0);
}

static int start_entry(struct call *call, pthread_t *thread) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, ENTRY_STACK_SIZE);
    int problem = pthread_create(thread, &attributes, entry_run, call);
    pthread_attr_destroy(&attributes);
    return problem;
}

int worker_serve(int fd, enum worker_place place) {
    /* In a host this stays for ever, see struct call: some kilobytes per call. */
    struct call *call = calloc(1, sizeof *call);
    if (!call || !receive_start(fd, &call->start)) {
        free(call);
        return -1;
    }
    call->start.call.host = &call->host.table;
    int64_t measures = 0;
    int uncontained =
        place == WORKER_IN_OWN_PROCESS ? contain_worker(&call->start, &measures) : 0;
    int problem = call_open(call, fd, place);
    if (!problem && place == WORKER_IN_OWN_PROCESS) say_measures(call, (uint32_t)measures);
    pthread_t entry;
    if (!problem) problem = uncontained; /* said only now that there is a way to say it */
    if (!problem && !(problem = start_entry(call, &entry))) {
        attend(call);
        pthread_join(entry, NULL);
        manners_tell_late(call);
    } else {
        call_say_text(call, FRAME_LOAD_FAILED, strerror(problem));
    }
    call_close(call);
    if (call->has_lost_entry && place == WORKER_IN_OWN_PROCESS) _exit(WORKER_LOST_ENTRY);
    return 0;
}
