#include "outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "frame.h"
#include "text.h"
#include "wire.h"

/* How long a step's newest progress waits when there was too much of it. */
#define PROGRESS_DELAY_NS (20 * 1000 * 1000)
/* How long the sender rests between two sends.  Who calls meanwhile need not wake it, and a wake-up
 * is what costs most in a call. */
#define SENDER_REST_NS (5 * 1000 * 1000)

#define PROGRESS_FRAME_SIZE                                                                      \
    (WIRE_HEADER + WIRE_DATA(OUTBOX_STEP_SIZE) + WIRE_OPTIONAL + WIRE_DATA(OUTBOX_MESSAGE_SIZE) + \
     2 * WIRE_I64)

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- the wire (with `wire` held) */

static bool write_all(struct outbox *outbox, struct iovec *parts, int count) {
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)count};
    while (message.msg_iovlen > 0) {
        ssize_t written = sendmsg(outbox->fd, &message, MSG_NOSIGNAL);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            outbox->broken = true;
            return false;
        }
        while (message.msg_iovlen > 0 && (size_t)written >= message.msg_iov->iov_len) {
            written -= (ssize_t)message.msg_iov->iov_len;
            message.msg_iov++;
            message.msg_iovlen--;
        }
        if (message.msg_iovlen > 0) {
            message.msg_iov->iov_base = (char *)message.msg_iov->iov_base + written;
            message.msg_iov->iov_len -= (size_t)written;
        }
    }
    return true;
}

static void append_lost(struct outbox *outbox) {
    if (outbox->lost_logs == 0 && outbox->lost_reports == 0) return;
    size_t size = WIRE_HEADER + 2 * WIRE_I64;
    if (outbox->pending_size + size > OUTBOX_LIMIT) return;
    struct wire_writer writer = {outbox->pending + outbox->pending_size};
    wire_put_header(&writer, FRAME_LOST, 2 * WIRE_I64);
    wire_put_i64(&writer, (int64_t)outbox->lost_logs);
    wire_put_i64(&writer, (int64_t)outbox->lost_reports);
    outbox->pending_size += size;
    outbox->lost_logs = outbox->lost_reports = 0;
}

/* Takes what quick calls left; returns its size, the bytes being in `sending`. */
static size_t take_pending(struct outbox *outbox) {
    pthread_mutex_lock(&outbox->quick);
    append_lost(outbox);
    size_t size = outbox->pending_size;
    unsigned char *full = outbox->pending;
    outbox->pending = outbox->sending;
    outbox->sending = full;
    outbox->pending_size = 0;
    pthread_mutex_unlock(&outbox->quick);
    return size;
}

bool outbox_send(struct outbox *outbox, const void *head, size_t head_size, const void *body,
                 size_t body_size) {
    pthread_mutex_lock(&outbox->wire);
    bool sent = false;
    if (!outbox->closed && !outbox->broken) {
        struct iovec parts[4] = {
            {outbox->sending, 0},
            {(void *)head, head_size},
            {(void *)body, body ? body_size : 0},
            {"", body ? 1 : 0},
        };
        parts[0].iov_len = take_pending(outbox);
        parts[0].iov_base = outbox->sending;
        sent = write_all(outbox, parts, 4);
    }
    pthread_mutex_unlock(&outbox->wire);
    return sent;
}

/* ---- quick calls */

static void wake_sender(struct outbox *outbox) {
    if (outbox->sender_sleeps) pthread_cond_signal(&outbox->wake);
}

static bool append_locked(struct outbox *outbox, const void *frame, size_t size, size_t limit) {
    if (outbox->closed || outbox->pending_size + size > limit) return false;
    memcpy(outbox->pending + outbox->pending_size, frame, size);
    outbox->pending_size += size;
    wake_sender(outbox);
    return true;
}

bool outbox_append(struct outbox *outbox, enum outbox_kind kind, const void *frame, size_t size) {
    pthread_mutex_lock(&outbox->quick);
    bool kept = append_locked(outbox, frame, size,
                              kind == OUTBOX_LOG ? OUTBOX_LOG_LIMIT : OUTBOX_LIMIT / 2);
    if (!kept && kind == OUTBOX_LOG) outbox->lost_logs++;
    if (!kept && kind == OUTBOX_REPORT) outbox->lost_reports++;
    pthread_mutex_unlock(&outbox->quick);
    return kept;
}

static size_t progress_frame(unsigned char *frame, const char *step, const char *message,
                             int64_t count, int64_t total) {
    size_t step_size = strlen(step);
    size_t message_size = message ? text_cut(message, OUTBOX_MESSAGE_SIZE) : 0;
    size_t payload =
        WIRE_DATA(step_size) + WIRE_OPTIONAL + (message ? WIRE_DATA(message_size) : 0) + 2 * WIRE_I64;
    struct wire_writer writer = {frame};
    wire_put_header(&writer, FRAME_PROGRESS, payload);
    wire_put_data(&writer, step, step_size);
    wire_put_u8(&writer, message != NULL);
    if (message) {
        wire_put_data_size(&writer, message_size);
        memcpy(writer.at, message, message_size);
        writer.at[message_size] = 0;
        writer.at += message_size + 1;
    }
    wire_put_i64(&writer, count);
    wire_put_i64(&writer, total);
    return (size_t)(writer.at - frame);
}

static bool append_progress(struct outbox *outbox, const char *step, const char *message,
                            int64_t count, int64_t total) {
    unsigned char frame[PROGRESS_FRAME_SIZE];
    size_t size = progress_frame(frame, step, message, count, total);
    return append_locked(outbox, frame, size, OUTBOX_LIMIT);
}

/* The slot of a step, made at its first call; NULL when there are too many or no memory. */
static struct outbox_step *find_step(struct outbox *outbox, const char *name, bool *is_new) {
    for (size_t i = 0; i < outbox->step_count; i++)
        if (strcmp(outbox->steps[i]->name, name) == 0) return outbox->steps[i];
    struct outbox_step *step = outbox->step_count < OUTBOX_STEPS ? calloc(1, sizeof *step) : NULL;
    if (!step) return NULL;
    strncpy(step->name, name, OUTBOX_STEP_SIZE);
    outbox->steps[outbox->step_count++] = step;
    *is_new = true;
    return step;
}

/* Lets the steps that wait go out, those called first first. */
static void flush_steps(struct outbox *outbox) {
    while (outbox->steps_waiting > 0) {
        struct outbox_step *first = NULL;
        for (size_t i = 0; i < outbox->step_count; i++) {
            struct outbox_step *step = outbox->steps[i];
            if (step->waits && (!first || step->order < first->order)) first = step;
        }
        if (!append_progress(outbox, first->name, first->has_message ? first->message : NULL,
                             first->count, first->total))
            return;
        first->waits = false;
        outbox->steps_waiting--;
    }
}

static bool take_token(struct outbox *outbox) {
    int64_t now = now_ns();
    outbox->tokens += (double)(now - outbox->tokens_at) * outbox->rate / 1e9;
    outbox->tokens_at = now;
    if (outbox->tokens > outbox->rate) outbox->tokens = outbox->rate;
    if (outbox->tokens < 1) return false;
    outbox->tokens -= 1;
    return true;
}

static void let_wait(struct outbox *outbox, struct outbox_step *step, const char *message,
                     int64_t count, int64_t total) {
    if (!step->waits) {
        step->waits = true;
        step->order = outbox->next_order++;
        if (outbox->steps_waiting++ == 0) wake_sender(outbox);
    }
    step->has_message = message != NULL;
    if (message) {
        size_t size = text_cut(message, OUTBOX_MESSAGE_SIZE);
        memcpy(step->message, message, size);
        step->message[size] = 0;
    }
    step->count = count;
    step->total = total;
}

void outbox_progress(struct outbox *outbox, const char *name, const char *message, int64_t count,
                     int64_t total) {
    pthread_mutex_lock(&outbox->quick);
    bool is_new = false;
    struct outbox_step *step = outbox->closed ? NULL : find_step(outbox, name, &is_new);
    if (!step && !outbox->closed) step = find_step(outbox, "other", &is_new);
    if (!step && !outbox->closed) step = outbox->steps[OUTBOX_STEPS - 1];
    if (step && is_new) {
        flush_steps(outbox); /* the last of the steps before comes before the first of this */
        if (!append_progress(outbox, step->name, message, count, total))
            let_wait(outbox, step, message, count, total);
    } else if (step && (step->waits || !take_token(outbox) ||
                        !append_progress(outbox, step->name, message, count, total))) {
        let_wait(outbox, step, message, count, total);
    }
    pthread_mutex_unlock(&outbox->quick);
}

/* ---- the sender thread */

/* Waits for a signal, or for so long; with `quick` held. */
static void wait_at_most(struct outbox *outbox, int64_t nanoseconds) {
    int64_t until = now_ns() + nanoseconds;
    struct timespec time = {.tv_sec = until / 1000000000, .tv_nsec = until % 1000000000};
    pthread_cond_timedwait(&outbox->wake, &outbox->quick, &time);
}

static void wait_for_work(struct outbox *outbox) {
    outbox->sender_sleeps = true;
    while (!outbox->closed && outbox->pending_size == 0 && outbox->steps_waiting == 0)
        pthread_cond_wait(&outbox->wake, &outbox->quick);
    if (!outbox->closed && outbox->pending_size == 0) wait_at_most(outbox, PROGRESS_DELAY_NS);
    outbox->sender_sleeps = false;
    flush_steps(outbox);
}

static void *run_sender(void *context) {
    struct outbox *outbox = context;
    for (;;) {
        pthread_mutex_lock(&outbox->quick);
        wait_for_work(outbox);
        bool closed = outbox->closed;
        pthread_mutex_unlock(&outbox->quick);
        if (closed) break;
        outbox_send(outbox, NULL, 0, NULL, 0);
        pthread_mutex_lock(&outbox->quick);
        if (!outbox->closed) wait_at_most(outbox, SENDER_REST_NS);
        pthread_mutex_unlock(&outbox->quick);
    }
    return NULL;
}

int outbox_open(struct outbox *outbox, int fd, uint32_t rate) {
    *outbox = (struct outbox){.fd = fd, .tokens_at = now_ns()};
    outbox->rate = outbox->tokens = rate > 0 ? rate : 1;
    void *buffers = mmap(NULL, 2 * OUTBOX_LIMIT, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (buffers == MAP_FAILED) return errno;
    outbox->pending = buffers;
    outbox->sending = outbox->pending + OUTBOX_LIMIT;
    pthread_mutex_init(&outbox->wire, NULL);
    pthread_mutex_init(&outbox->quick, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&outbox->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int problem = pthread_create(&outbox->sender, NULL, run_sender, outbox);
    if (problem) munmap(buffers, 2 * OUTBOX_LIMIT);
    return problem;
}

void outbox_flush_progress(struct outbox *outbox) {
    pthread_mutex_lock(&outbox->quick);
    if (!outbox->closed) flush_steps(outbox);
    pthread_mutex_unlock(&outbox->quick);
}

void outbox_close(struct outbox *outbox) {
    outbox_flush_progress(outbox);
    outbox_send(outbox, NULL, 0, NULL, 0);

    pthread_mutex_lock(&outbox->wire);
    pthread_mutex_lock(&outbox->quick);
    outbox->closed = true;
    pthread_cond_signal(&outbox->wake);
    pthread_mutex_unlock(&outbox->quick);
    pthread_mutex_unlock(&outbox->wire);
    pthread_join(outbox->sender, NULL);

    unsigned char *lower = outbox->pending < outbox->sending ? outbox->pending : outbox->sending;
    munmap(lower, 2 * OUTBOX_LIMIT);
    for (size_t i = 0; i < outbox->step_count; i++) free(outbox->steps[i]);
    outbox->step_count = 0;
}
