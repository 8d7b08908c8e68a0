/* probe_call.h -- one call of one plugin, from the probe's side. */
#ifndef INTEGRATIOND_PROBE_CALL_H
#define INTEGRATIOND_PROBE_CALL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "integration_plugin.h"
#include "probe.h"
#include "wire.h"

struct known_document {
    const char *collection, *id, *revision;
};

struct probe_secret {
    const char *name;
    struct wire_data value;
};

/* What PROBE_PLAN said.  Texts point into the frame. */
struct plan {
    uint32_t entry, options;
    const char *plugin;
    uint32_t abi_version, table_size;
    integration_call call;
    uint32_t secret_count, known_count;
    struct probe_secret *secrets;
    struct known_document *known;
    uint32_t refused_function, refused_at;
    int32_t refused_status;
    uint32_t cancel_at;
    uint32_t stay_ms;
    integration_webhook_request request; /* of PROBE_WEBHOOK */
};

struct probe {
    int fd;
    pthread_mutex_t wire; /* held while a frame is written */
    struct plan plan;
    const integration_host *host;
    const integration_call *call;
    int cancel_fd;
    atomic_bool is_open, is_cancelled;
    atomic_uint said; /* calls that say something, so far */
    atomic_uint counts[PROBE_FUNCTIONS];
    void (*cancel_entry)(const integration_call *call);
    pid_t loader;        /* the thread that loaded the plugin */
    pthread_t canceller; /* runs cancel_entry, if has_canceller */
    atomic_bool has_canceller;
};

/* plan.c: reads the frame in place; false if it makes no sense. */
bool plan_read(struct plan *plan, void *frame, size_t size);

/* record.c: frames to the checker. */
struct probe_text {
    const void *bytes; /* NULL: absent */
    size_t size;
};
void record_call(struct probe *probe, enum probe_function function, bool is_late, int32_t answer,
                 int64_t first, int64_t second, const struct probe_text *texts, uint32_t count);
void record_text(struct probe *probe, enum probe_frame type, const char *text);
void record_time(struct probe *probe, enum probe_frame type);
void record_returned(struct probe *probe, int32_t status);
void record_description(struct probe *probe, uint32_t symbols, const uint32_t versions[2],
                        const char *const manifests[2]);
void record_surroundings(struct probe *probe, enum probe_stage stage);

/* probe_host.c: makes host table and call in memory of their own; false without memory. */
bool probe_host_make(struct probe *probe);
integration_status probe_progress(void *context, const char *step, const char *message,
                                  int64_t count, int64_t total);
void probe_cancel(struct probe *probe);

/* no_network.c: from now on every connect() of this process fails; false if it cannot be. */
bool no_network(void);

#endif
