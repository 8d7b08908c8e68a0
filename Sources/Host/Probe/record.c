#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "probe_call.h"

extern char **environ;

static int64_t clock_ms(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits until all is written.  Without a checker there is nothing left to do. */
static void send_all(struct probe *probe, const unsigned char *bytes, size_t size) {
    pthread_mutex_lock(&probe->wire);
    while (size > 0) {
        ssize_t sent = send(probe->fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) _exit(3);
        bytes += sent;
        size -= (size_t)sent;
    }
    pthread_mutex_unlock(&probe->wire);
}

static void send_frame(struct probe *probe, unsigned char *frame, struct wire_writer *writer) {
    send_all(probe, frame, (size_t)(writer->at - frame));
}

static void put_optional(struct wire_writer *writer, struct probe_text text) {
    wire_put_u8(writer, text.bytes != NULL);
    if (text.bytes) wire_put_data(writer, text.bytes, text.size);
}

void record_call(struct probe *probe, enum probe_function function, bool is_late, int32_t answer,
                 int64_t first, int64_t second, const struct probe_text *texts, uint32_t count) {
    size_t payload = 3 * WIRE_U32 + 1 + 2 * WIRE_I64;
    for (uint32_t i = 0; i < count; i++)
        payload += WIRE_OPTIONAL + (texts[i].bytes ? WIRE_DATA(texts[i].size) : 0);
    unsigned char *frame = malloc(WIRE_HEADER + payload);
    if (!frame) _exit(3);
    struct wire_writer writer = {frame};
    wire_put_header(&writer, PROBE_CALL, payload);
    wire_put_u32(&writer, function);
    wire_put_u8(&writer, is_late);
    wire_put_u32(&writer, (uint32_t)answer);
    wire_put_i64(&writer, first);
    wire_put_i64(&writer, second);
    wire_put_u32(&writer, count);
    for (uint32_t i = 0; i < count; i++) put_optional(&writer, texts[i]);
    send_frame(probe, frame, &writer);
    free(frame);
}

void record_text(struct probe *probe, enum probe_frame type, const char *text) {
    size_t size = strlen(text);
    unsigned char *frame = malloc(WIRE_HEADER + WIRE_DATA(size));
    if (!frame) _exit(3);
    struct wire_writer writer = {frame};
    wire_put_header(&writer, type, WIRE_DATA(size));
    wire_put_data(&writer, text, size);
    send_frame(probe, frame, &writer);
    free(frame);
}

void record_time(struct probe *probe, enum probe_frame type) {
    unsigned char frame[WIRE_HEADER + WIRE_I64];
    struct wire_writer writer = {frame};
    wire_put_header(&writer, type, WIRE_I64);
    wire_put_i64(&writer, clock_ms(CLOCK_MONOTONIC));
    send_frame(probe, frame, &writer);
}

void record_returned(struct probe *probe, int32_t status) {
    unsigned char frame[WIRE_HEADER + WIRE_I64 + WIRE_U32];
    struct wire_writer writer = {frame};
    wire_put_header(&writer, PROBE_RETURNED, WIRE_I64 + WIRE_U32);
    wire_put_i64(&writer, clock_ms(CLOCK_MONOTONIC));
    wire_put_u32(&writer, (uint32_t)status);
    send_frame(probe, frame, &writer);
}

void record_description(struct probe *probe, uint32_t symbols, const uint32_t versions[2],
                        const char *const manifests[2]) {
    struct probe_text texts[2];
    size_t payload = WIRE_U32;
    for (int i = 0; i < 2; i++) {
        texts[i] = (struct probe_text){manifests[i], manifests[i] ? strlen(manifests[i]) : 0};
        payload += WIRE_U32 + WIRE_OPTIONAL + (manifests[i] ? WIRE_DATA(texts[i].size) : 0);
    }
    unsigned char *frame = malloc(WIRE_HEADER + payload);
    if (!frame) _exit(3);
    struct wire_writer writer = {frame};
    wire_put_header(&writer, PROBE_DESCRIPTION, payload);
    wire_put_u32(&writer, symbols);
    for (int i = 0; i < 2; i++) {
        wire_put_u32(&writer, versions[i]);
        put_optional(&writer, texts[i]);
    }
    send_frame(probe, frame, &writer);
    free(frame);
}

/* ---- what is around the plugin in its process
 *
 * The main thread may have ended already, and /proc/self/fd and status with it: this thread's. */

static uint32_t count_threads(void) {
    DIR *folder = opendir("/proc/self/task");
    uint32_t count = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    if (folder) closedir(folder);
    return count;
}

/* A line per descriptor: its number and what it is. */
static void list_descriptors(FILE *out) {
    DIR *folder = opendir("/proc/thread-self/fd");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char target[PATH_MAX];
        if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(folder)) continue;
        ssize_t size = readlinkat(dirfd(folder), entry->d_name, target, sizeof target);
        if (size > 0) fprintf(out, "%s %.*s\n", entry->d_name, (int)size, target);
    }
    if (folder) closedir(folder);
}

/* A line per thing that belongs to the whole process and that a plugin could change. */
static void list_state(FILE *out) {
    char line[512], folder[PATH_MAX];
    fprintf(out, "working directory: %s\n", getcwd(folder, sizeof folder) ? folder : "none");
    fprintf(out, "locale: %s\n", setlocale(LC_ALL, NULL));
    FILE *status = fopen("/proc/thread-self/status", "re");
    while (status && fgets(line, sizeof line, status)) {
        if (strncmp(line, "Umask:", 6) == 0) fprintf(out, "umask: %s", line + 7);
        if (strncmp(line, "SigIgn:", 7) == 0) fprintf(out, "ignored signals: %s", line + 8);
        if (strncmp(line, "SigCgt:", 7) == 0) fprintf(out, "handled signals: %s", line + 8);
    }
    if (status) fclose(status);
    for (char **variable = environ; variable && *variable; variable++)
        fprintf(out, "environment: %s\n", *variable);
}

void record_surroundings(struct probe *probe, enum probe_stage stage) {
    char *descriptors = NULL, *state = NULL;
    size_t descriptors_size = 0, state_size = 0;
    uint32_t threads = count_threads();
    FILE *out = open_memstream(&descriptors, &descriptors_size);
    if (!out) _exit(3);
    list_descriptors(out);
    fclose(out);
    if (!(out = open_memstream(&state, &state_size))) _exit(3);
    list_state(out);
    fclose(out);
    size_t payload = 2 * WIRE_U32 + WIRE_I64 + WIRE_DATA(descriptors_size) + WIRE_DATA(state_size);
    unsigned char *frame = malloc(WIRE_HEADER + payload);
    if (!frame) _exit(3);
    struct wire_writer writer = {frame};
    wire_put_header(&writer, PROBE_SURROUNDINGS, payload);
    wire_put_u32(&writer, stage);
    wire_put_u32(&writer, threads);
    wire_put_i64(&writer, clock_ms(CLOCK_PROCESS_CPUTIME_ID));
    wire_put_data(&writer, descriptors, descriptors_size);
    wire_put_data(&writer, state, state_size);
    send_frame(probe, frame, &writer);
    free(frame);
    free(descriptors);
    free(state);
}
