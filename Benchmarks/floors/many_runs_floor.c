/*
 * The floor under many runs with a reader each: RUNS processes say 120 bytes EVENTS times, a second
 * apart, each through a socket of its own; this process puts them into chunks for as many TCP
 * connections, which another process reads.  Nothing is parsed, stored or counted.
 *
 *     many_runs_floor loop|direct|handed RUNS EVENTS
 *
 * loop: one thread takes and delivers them all.  direct: each has a thread that takes and delivers its
 * own.  handed: each has a thread that takes its own and wakes one that delivers.
 * Prints one JSON object: microseconds of CPU per event of the process in the middle.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 120, MOST = 4096 };
static const int64_t second = 1000000000;

static int runs, events;
static int inputs[MOST], outputs[MOST];
static atomic_long delivered;

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * second + now.tv_nsec;
}

static void check(int result, const char *what) {
    if (result >= 0) return;
    perror(what);
    exit(1);
}

static _Noreturn void talk(int socket, int64_t start) {
    char message[SIZE];
    memset(message, '.', sizeof message);
    int64_t due = start + (int64_t)((uint64_t)getpid() * 2654435761u % (uint64_t)second);
    for (int i = 0; i < events; i++, due += second) {
        struct timespec time = {.tv_sec = due / second, .tv_nsec = due % second};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
        if (write(socket, message, sizeof message) < 0) break;
    }
    _exit(0);
}

static _Noreturn void read_all(struct sockaddr_in address) {
    int set = epoll_create1(0);
    for (int i = 0; i < runs; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        check(connect(fd, (struct sockaddr *)&address, sizeof address), "connect");
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
    }
    static char buffer[65536];
    struct epoll_event ready[256];
    for (int open = runs; open > 0;) {
        int found = epoll_wait(set, ready, 256, -1);
        for (int i = 0; i < found; i++)
            if (read(ready[i].data.fd, buffer, sizeof buffer) <= 0) {
                close(ready[i].data.fd);
                open--;
            }
    }
    _exit(0);
}

static void deliver(int run, const char *message, int size) {
    char block[512];
    int length = snprintf(block, sizeof block, "id: %036d.%ld\nevent: progress\ndata: {\"message\":\"%.*s\"}\n\n",
                          run, atomic_load(&delivered), size, message);
    char chunk[640];
    int framed = snprintf(chunk, sizeof chunk, "%x\r\n%s\r\n", (unsigned)length, block);
    check((int)write(outputs[run], chunk, (size_t)framed), "write");
    atomic_fetch_add(&delivered, 1);
}

/* ---- handed: what waits for the one who delivers ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int waiting[MOST], waiting_count, bell;

static void hand_over(int run) {
    pthread_mutex_lock(&lock);
    waiting[waiting_count++] = run;
    pthread_mutex_unlock(&lock);
    eventfd_write(bell, 1);
}

static void deliver_waiting(const char *message) {
    eventfd_t rung;
    eventfd_read(bell, &rung);
    int taken[MOST], count;
    pthread_mutex_lock(&lock);
    memcpy(taken, waiting, sizeof(int) * (size_t)waiting_count);
    count = waiting_count;
    waiting_count = 0;
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < count; i++) deliver(taken[i], message, SIZE);
}

static void *take(void *argument) {
    const int run = (int)(intptr_t)argument;
    char message[SIZE];
    struct pollfd input = {.fd = inputs[run], .events = POLLIN};
    while (poll(&input, 1, 15000) > 0) {
        ssize_t size = recv(inputs[run], message, sizeof message, 0);
        if (size <= 0) break;
        if (bell) hand_over(run);
        else deliver(run, message, (int)size);
    }
    return NULL;
}

static void loop(long wanted) {
    int set = epoll_create1(0);
    for (int i = 0; i < runs; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = i};
        epoll_ctl(set, EPOLL_CTL_ADD, inputs[i], &event);
    }
    struct epoll_event ready[64];
    char message[SIZE];
    while (delivered < wanted) {
        int found = epoll_wait(set, ready, 64, -1);
        for (int i = 0; i < found; i++) {
            int run = ready[i].data.fd;
            ssize_t size = recv(inputs[run], message, sizeof message, 0);
            if (size <= 0) epoll_ctl(set, EPOLL_CTL_DEL, inputs[run], NULL);
            else deliver(run, message, (int)size);
        }
    }
}

static void start_threads(void) {
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    for (int i = 0; i < runs; i++) {
        pthread_t thread;
        pthread_create(&thread, &small, take, (void *)(intptr_t)i);
    }
}

static double cpu_us(void) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e6 +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

int main(int argc, char **argv) {
    if (argc != 4 || (runs = atoi(argv[2])) < 1 || runs > MOST || (events = atoi(argv[3])) < 1) return 2;
    const char *mode = argv[1];
    signal(SIGCHLD, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);

    int server = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    check(bind(server, (struct sockaddr *)&address, sizeof address), "bind");
    check(listen(server, MOST), "listen");
    getsockname(server, (struct sockaddr *)&address, &length);
    if (fork() == 0) read_all(address);
    for (int i = 0; i < runs; i++) {
        check(outputs[i] = accept(server, NULL, NULL), "accept");
        setsockopt(outputs[i], IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    }
    const int64_t start = now_ns() + 3 * second;
    for (int i = 0; i < runs; i++) {
        int pair[2];
        check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
        if (fork() == 0) {
            if (pair[1] != 3) dup2(pair[1], 3);
            close_range(4, ~0u, 0);
            talk(3, start);
        }
        close(pair[1]);
        inputs[i] = pair[0];
    }
    const long wanted = (long)runs * events;
    const int is_handed = strcmp(mode, "handed") == 0, is_loop = strcmp(mode, "loop") == 0;
    if (is_handed) bell = eventfd(0, 0);
    if (!is_loop) start_threads();
    struct timespec rest = {.tv_sec = 1};
    nanosleep(&rest, NULL);
    const double before = cpu_us();
    if (is_loop) loop(wanted);
    else if (is_handed) {
        char message[SIZE];
        memset(message, '.', sizeof message);
        while (delivered < wanted) deliver_waiting(message);
    } else
        while (delivered < wanted) nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    printf("{\"cpu_us\": %.1f}\n", (cpu_us() - before) / (double)wanted);
    fflush(stdout);
    _exit(0);
}
