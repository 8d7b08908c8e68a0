/* call.h -- one call of one plugin, from the worker's side. */
#ifndef INTEGRATIOND_CALL_H
#define INTEGRATIOND_CALL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "containment.h"
#include "frame.h"
#include "integration_plugin.h"
#include "manners.h"
#include "outbox.h"
#include "wire.h"
#include "worker.h"

/* What FRAME_START said.  Texts point into `frame`, which lives as long as the call. */
struct start {
    unsigned char *frame;
    uint32_t entry;
    const char *plugin;
    struct resource_limits limits;
    const char **readable_paths;
    uint32_t readable_path_count;
    uint32_t progress_rate;
    uint32_t secret_count;
    const char **secret_names;
    struct wire_data *secret_values;
    integration_call call;
    integration_webhook_request request; /* of FRAME_ENTRY_WEBHOOK */
    integration_header *headers;
};

/* A plugin thread that waits for FRAME_ANSWER; lives on that thread's stack. */
struct question {
    uint32_t id;
    bool answered;
    int64_t value;
    struct question *next;
};

/* A reply or an explanation that the plugin gave and may still replace. */
struct kept_frame {
    unsigned char *bytes; /* NULL: none */
    size_t size;
};

/*
 * `table` is what the plugin sees as its host; it is part of this struct, which an in-process
 * host never frees, since a thread that the plugin left behind may still call through it.
 */
struct call {
    struct outbox outbox;
    struct start start;
    struct manners manners;
    enum worker_place place;
    int fd;
    int cancel_fd; /* eventfd; -1 if there could be none */
    int done_fd;   /* eventfd: the entry has returned */
    atomic_bool is_open; /* the entry runs: host functions may be called */
    bool has_lost_entry; /* its thread ended, and it did not return */
    atomic_bool is_cancelled;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t answered;
    struct question *questions;
    uint32_t last_question;
    bool host_is_gone;
    struct kept_frame reply, failure;
    void (*cancel_entry)(const integration_call *call); /* integration_cancel_v1 or NULL */

    union {
        integration_host table;
        unsigned char padding[512]; /* a plugin built against a later minor finds zeros */
    } host;
};

/* call.c */
int call_open(struct call *call, int fd, enum worker_place place);
void call_cancel(struct call *call);
void call_answer(struct call *call, uint32_t question, int64_t value);
void call_host_is_gone(struct call *call);
bool call_say_text(struct call *call, unsigned char type, const char *text);
void call_close(struct call *call);

/* start.c */
bool start_read(struct start *start, unsigned char *frame, size_t size);
void start_free(struct start *start);

/* host_table.c */
void host_table_fill(struct call *call);
integration_status host_progress(void *context, const char *step, const char *message,
                                 int64_t count, int64_t total);

/* entry.c: loads the plugin and makes the call, on the entry thread */
void *entry_run(void *call);

#endif
