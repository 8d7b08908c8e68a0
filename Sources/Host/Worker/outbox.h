/*
 * outbox.h -- everything that leaves the worker.
 *
 * Two ways out of it, and their order on the wire is the order in which they were called:
 *   - a plugin thread sends a frame itself and waits until the socket took it (documents,
 *     checkpoints): the daemon's pace is the plugin's pace;
 *   - a quick call (progress, log, report) only appends to a bounded buffer that the sender
 *     thread empties, or the next thread that sends a frame itself.
 *
 * When the buffer is full, log lines and reports are dropped and counted.  Progress is never
 * dropped: above a rate the newest of each step waits in a slot of its own.
 */
#ifndef INTEGRATIOND_OUTBOX_H
#define INTEGRATIOND_OUTBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OUTBOX_LOG_LIMIT    (1024u * 1024)     /* bytes that may wait before log lines are dropped */
#define OUTBOX_LIMIT        (5u * 1024 * 1024) /* and before reports are */
#define OUTBOX_STEPS        128                /* different steps of one call */
#define OUTBOX_STEP_SIZE    64
#define OUTBOX_MESSAGE_SIZE 1024

/* The newest progress of a step that was called too often to send each. */
struct outbox_step {
    char name[OUTBOX_STEP_SIZE + 1];
    bool waits, has_message;
    char message[OUTBOX_MESSAGE_SIZE + 1];
    int64_t count, total;
    uint64_t order; /* which of several waiting steps was called first */
};

struct outbox {
    int fd;
    pthread_mutex_t wire;  /* held while writing to the socket; taken before `quick` */
    pthread_mutex_t quick; /* guards what follows; never held while writing */
    pthread_cond_t wake;
    pthread_t sender;
    bool closed, broken, sender_sleeps;
    unsigned char *pending, *sending; /* swapped for writing; OUTBOX_LIMIT each, mapped lazily */
    size_t pending_size;
    uint64_t lost_logs, lost_reports;
    struct outbox_step *steps[OUTBOX_STEPS];
    size_t step_count, steps_waiting;
    uint64_t next_order;
    double rate;   /* progress calls per second that all go through; the newest waits above that */
    double tokens; /* progress calls that may go out at once */
    int64_t tokens_at; /* CLOCK_MONOTONIC in ns */
};

/* Starts the sender thread.  Of progress, `rate` calls per second all go through, at least one.
 * Returns 0 or an errno value. */
int outbox_open(struct outbox *outbox, int fd, uint32_t rate);
/* Sends what waits, ends the sender thread and releases memory; later calls do nothing. */
void outbox_close(struct outbox *outbox);

/* Lets progress that waits in slots go out with the next frame that is sent. */
void outbox_flush_progress(struct outbox *outbox);

/* Sends one frame: `head` holds its header and first fields, `body` (may be NULL) the bytes of
 * its last field, whose NUL is added.  Waits for the socket.  False once the host is gone. */
bool outbox_send(struct outbox *outbox, const void *head, size_t head_size, const void *body,
                 size_t body_size);

/* Appends one whole frame and never waits.  False if it was dropped. */
enum outbox_kind { OUTBOX_LOG, OUTBOX_REPORT, OUTBOX_OTHER };
bool outbox_append(struct outbox *outbox, enum outbox_kind kind, const void *frame, size_t size);

/* One progress call: `step` is at most OUTBOX_STEP_SIZE bytes, `message` (or NULL) is cut. */
void outbox_progress(struct outbox *outbox, const char *step, const char *message, int64_t count,
                     int64_t total);

#endif
