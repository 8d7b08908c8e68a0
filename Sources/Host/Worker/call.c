#include "call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system.h"

int call_open(struct call *call, int fd, enum worker_place place) {
    call->fd = fd;
    call->place = place;
    pthread_mutex_init(&call->lock, NULL);
    pthread_cond_init(&call->answered, NULL);
    call->cancel_fd = system_event();
    call->done_fd = system_event();
    if (call->done_fd < 0) return errno;
    host_table_fill(call);
    return outbox_open(&call->outbox, fd, call->start.progress_rate);
}

void call_cancel(struct call *call) {
    if (atomic_exchange(&call->is_cancelled, true)) return;
    if (call->cancel_fd >= 0) system_raise(call->cancel_fd);
    pthread_mutex_lock(&call->lock);
    pthread_cond_broadcast(&call->answered);
    void (*cancel_entry)(const integration_call *) =
        atomic_load(&call->is_open) ? call->cancel_entry : NULL;
    pthread_mutex_unlock(&call->lock);
    if (cancel_entry) cancel_entry(&call->start.call);
}

void call_answer(struct call *call, uint32_t id, int64_t value) {
    pthread_mutex_lock(&call->lock);
    for (struct question *question = call->questions; question; question = question->next) {
        if (question->id != id) continue;
        question->answered = true;
        question->value = value;
    }
    pthread_cond_broadcast(&call->answered);
    pthread_mutex_unlock(&call->lock);
}

void call_host_is_gone(struct call *call) {
    pthread_mutex_lock(&call->lock);
    call->host_is_gone = true;
    pthread_mutex_unlock(&call->lock);
    call_cancel(call);
}

bool call_say_text(struct call *call, unsigned char type, const char *text) {
    size_t size = strlen(text);
    unsigned char *frame = malloc(WIRE_HEADER + WIRE_DATA(size));
    if (!frame) return false;
    struct wire_writer writer = {frame};
    wire_put_header(&writer, type, WIRE_DATA(size));
    wire_put_data(&writer, text, size);
    bool sent = outbox_send(&call->outbox, frame, (size_t)(writer.at - frame), NULL, 0);
    free(frame);
    return sent;
}

void call_close(struct call *call) {
    outbox_close(&call->outbox);
    pthread_mutex_lock(&call->lock);
    free(call->reply.bytes);
    free(call->failure.bytes);
    call->reply = call->failure = (struct kept_frame){0};
    pthread_mutex_unlock(&call->lock);
    start_free(&call->start);
    if (call->cancel_fd >= 0) close(call->cancel_fd);
    call->cancel_fd = -1;
    close(call->done_fd);
}
