/*
 * Many readers of one stream: what arrives, and how late.
 *
 *     fan_out_client PORT PATH READERS SECONDS [--header TEXT] [--stalled COUNT] [--until EVENTS]
 *
 * Opens READERS connections, says "ready" on a line of its own once every one has a status line,
 * and reads for SECONDS, until EVENTS have come or until all have ended.  Events carry
 * `t=<nanoseconds of CLOCK_MONOTONIC>` at which they were made.  A '#' in PATH and in the header
 * stands for the number of the reader.  Before them, COUNT more connect and never read.
 * Prints one JSON object: readers, events, latencies in microseconds, and the seconds since before
 * the first of READERS connected.
 */
#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- latencies: a histogram of 1 µs steps up to a second, beyond that the last one ---- */

enum { BUCKETS = 1000000 };
static uint32_t histogram[BUCKETS];
static long events;

static void record(int64_t nanoseconds) {
    int64_t bucket = nanoseconds / 1000;
    if (bucket < 0) bucket = 0;
    if (bucket >= BUCKETS) bucket = BUCKETS - 1;
    histogram[bucket]++;
    events++;
}

static long quantile(double share) {
    long wanted = (long)((double)events * share), seen = 0;
    for (long i = 0; i < BUCKETS; i++)
        if ((seen += histogram[i]) > wanted) return i;
    return BUCKETS - 1;
}

/* ---- one reader: finds the marks, also where a read cuts one in two ---- */

enum { MARK = 24 }; /* "t=" and the digits of a time, at most */
struct reader {
    int fd;
    bool has_head;
    size_t kept;
    char rest[MARK];
};

static void take(struct reader *reader, const char *bytes, size_t size, int64_t now) {
    static char text[MARK + 65536 + 1];
    memcpy(text, reader->rest, reader->kept);
    memcpy(text + reader->kept, bytes, size);
    size_t length = reader->kept + size, at = 0;
    text[length] = 0;
    for (;;) {
        char *mark = memmem(text + at, length - at, "t=", 2);
        if (!mark) {
            if (length > at && text[length - 1] == 't') at = length - 1;
            else at = length;
            break;
        }
        at = (size_t)(mark - text);
        if (length - at < MARK) break; /* the rest may be on its way */
        int64_t made = strtoll(mark + 2, NULL, 10);
        if (made > 0) record(now - made);
        at += 2;
    }
    reader->kept = length - at < MARK ? length - at : 0;
    memcpy(reader->rest, text + at, reader->kept);
}

/* Writes `text` with `number` for each '#'. */
static void put_number(char *out, size_t size, const char *text, int number) {
    size_t used = 0;
    for (; *text && used + 16 < size; text++)
        if (*text == '#') used += (size_t)sprintf(out + used, "%d", number);
        else out[used++] = *text;
    out[used] = 0;
}

static int open_connection(int port, const char *path, const char *header, int number, bool reads) {
    char own_path[512], own_header[256];
    put_number(own_path, sizeof own_path, path, number);
    put_number(own_header, sizeof own_header, header, number);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    char request[1024];
    int size = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\nConnection: close\r\n%s%s\r\n",
                        own_path, own_header, *own_header ? "\r\n" : "");
    int small = 4096;
    if (!reads) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        write(fd, request, (size_t)size) != size) {
        perror("fan_out_client");
        exit(1);
    }
    return fd;
}

int main(int argc, char **argv) {
    if (argc < 5) return 2;
    const char *header = "";
    long stalled = 0, until = LONG_MAX;
    for (int i = 5; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--header") == 0) header = argv[i + 1];
        if (strcmp(argv[i], "--stalled") == 0) stalled = atol(argv[i + 1]);
        if (strcmp(argv[i], "--until") == 0) until = atol(argv[i + 1]);
    }
    int count = atoi(argv[3]), open = count, with_head = 0;
    rlim_t wanted = (rlim_t)count + (rlim_t)stalled + 64;
    struct rlimit files = {.rlim_cur = wanted, .rlim_max = wanted};
    struct rlimit now_files;
    if (getrlimit(RLIMIT_NOFILE, &now_files) == 0 && now_files.rlim_cur < files.rlim_cur)
        setrlimit(RLIMIT_NOFILE, &files);
    struct reader *readers = calloc((size_t)count, sizeof *readers);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    for (long i = 0; i < stalled; i++) open_connection(atoi(argv[1]), argv[2], header, (int)i, false);
    const int64_t start = now_ns();
    for (int i = 0; i < count; i++) {
        readers[i].fd = open_connection(atoi(argv[1]), argv[2], header, i, true);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &readers[i]};
        epoll_ctl(epoll, EPOLL_CTL_ADD, readers[i].fd, &event);
    }
    int64_t end = now_ns() + atoll(argv[4]) * 1000000000;
    static char buffer[65536];
    struct epoll_event ready[256];
    while (open > 0 && events < until && now_ns() < end) {
        int found = epoll_wait(epoll, ready, 256, 100);
        for (int i = 0; i < found; i++) {
            struct reader *reader = ready[i].data.ptr;
            ssize_t size = read(reader->fd, buffer, sizeof buffer);
            if (size <= 0) {
                close(reader->fd);
                open--;
                continue;
            }
            if (!reader->has_head) {
                reader->has_head = true;
                if (++with_head == count) {
                    puts("ready");
                    fflush(stdout);
                }
            }
            take(reader, buffer, (size_t)size, now_ns());
        }
    }
    printf("{\"readers\": %d, \"events\": %ld, \"p50_us\": %ld, \"p99_us\": %ld, \"seconds\": %.3f}\n", with_head,
           events, quantile(0.5), quantile(0.99), (double)(now_ns() - start) / 1e9);
    return 0;
}
