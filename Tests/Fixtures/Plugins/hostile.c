/*
 * Emits one document and then goes for the daemon, past the host's functions:
 *   noise        writes bytes of no meaning to the socket
 *   length       a frame of 4 GiB
 *   promise      the head of a long frame, and never the rest
 *   stranger     frames that only a host sends
 *   ends         says twice that it has returned, and goes on
 *   unread       asks ten thousand questions, and stops before it reads an answer
 *   passing      sends a thousand descriptors along with frames
 *   leave        ends the thread that it was called on
 *   table        makes its host table vanish, and calls it
 *   deaf         blocks and ignores every signal, and sleeps
 *   line         a line of `bytes` bytes on standard output
 *   same         `count` documents with one id
 *   nest         a tree of folders that is too deep for a path, and one that nobody may list
 */
#include "fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define THE_SOCKET 3

FIXTURE_PLUGIN("hostile", FIXTURE_STRING("kind", "noise") "," FIXTURE_INTEGER("bytes", "268435456") ","
                          FIXTURE_INTEGER("count", "1000000"))

static void say(const void *bytes, size_t size) {
    while (size > 0) {
        ssize_t count = send(THE_SOCKET, bytes, size, MSG_NOSIGNAL);
        if (count <= 0) return;
        bytes = (const char *)bytes + count;
        size -= (size_t)count;
    }
}

static void make_noise(void) {
    unsigned char bytes[4096];
    unsigned state = 1;
    for (;;) {
        for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)((state = state * 1103515245 + 12345) >> 16);
        say(bytes, sizeof bytes);
        if (send(THE_SOCKET, bytes, 1, MSG_NOSIGNAL) < 0) pause();
    }
}

static void claim_length(uint32_t length) {
    say(&length, sizeof length);
    say("\x26", 1);
    pause();
}

static void speak_as_host(void) {
    for (unsigned char type = 1; type <= 3; type++) {
        const unsigned char frame[] = {1, 0, 0, 0, type};
        say(frame, sizeof frame);
    }
    pause();
}

static void end_twice(void) {
    static const unsigned char returned[] = {5, 0, 0, 0, 35, 0, 0, 0, 0};
    say(returned, sizeof returned);
    say(returned, sizeof returned);
    for (;;) pause();
}

static void ask_and_stop(void) {
    /* known(question 7, collection "i", id "1", revision "") */
    static const unsigned char known[] = {22, 0, 0, 0, 39, 7, 0, 0, 0, 1, 0, 0, 0, 'i', 0, 1, 0, 0, 0, '1', 0, 0, 0, 0, 0, 0};
    static unsigned char all[10000 * sizeof known];
    for (size_t i = 0; i < sizeof all; i += sizeof known) memcpy(all + i, known, sizeof known);
    /* As much as goes in before the worker has read the first answers. */
    int block = 1 << 20;
    setsockopt(THE_SOCKET, SOL_SOCKET, SO_SNDBUF, &block, sizeof block);
    ssize_t sent = send(THE_SOCKET, all, sizeof all, MSG_DONTWAIT | MSG_NOSIGNAL);
    fprintf(stderr, "%zd bytes of questions\n", sent);
    fflush(stderr);
    raise(SIGSTOP);
}

static void send_descriptors(void) {
    /* waiting(0, "") */
    unsigned char frame[] = {14, 0, 0, 0, 42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec part = {frame, sizeof frame};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    int file = open("/dev/null", O_RDONLY);
    memcpy(CMSG_DATA(head), &file, sizeof file);
    for (int i = 0; i < 1000; i++) sendmsg(THE_SOCKET, &message, MSG_NOSIGNAL);
}

static void lose_table(const integration_call *call) {
    uintptr_t page = (uintptr_t)call->host & ~(uintptr_t)4095;
    munmap((void *)page, 4096);
    call->host->is_cancelled(call->host);
}

static void be_deaf(void) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    for (int number = 1; number < 32; number++) signal(number, SIG_IGN);
    for (;;) poll(NULL, 0, -1);
}

static void write_line(size_t size) {
    static char block[1 << 16];
    memset(block, 'x', sizeof block);
    for (; size > sizeof block; size -= sizeof block)
        if (write(1, block, sizeof block) < 0) return;
}

static void repeat_document(const integration_call *call, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (call->host->upsert(call->host, "items", "same", "{}", 2) != INTEGRATION_OK) return;
}

static void nest(const integration_call *call) {
    if (chdir(call->temp_dir) < 0) return;
    mkdir("closed", 0700);
    mkdir("closed/inner", 0);
    mkdir("barred", 0);
    for (int i = 0; i < 1500 && mkdir("folder", 0700) == 0 && chdir("folder") == 0; i++) continue;
}

FIXTURE_IMPORT {
    char buffer[32];
    const char *kind = fixture_text(call, "kind", "noise", buffer, sizeof buffer);
    fixture_documents(call, 1);
    fixture_wait(call, 100); /* so that it has gone out */
    if (!strcmp(kind, "noise")) make_noise();
    if (!strcmp(kind, "length")) claim_length(0xFFFFFFFF);
    if (!strcmp(kind, "promise")) claim_length(17000000);
    if (!strcmp(kind, "stranger")) speak_as_host();
    if (!strcmp(kind, "ends")) end_twice();
    if (!strcmp(kind, "unread")) ask_and_stop();
    if (!strcmp(kind, "passing")) send_descriptors();
    if (!strcmp(kind, "leave")) pthread_exit(NULL);
    if (!strcmp(kind, "table")) lose_table(call);
    if (!strcmp(kind, "deaf")) be_deaf();
    if (!strcmp(kind, "line")) write_line((size_t)fixture_number(call, "bytes", 0));
    if (!strcmp(kind, "same")) repeat_document(call, fixture_number(call, "count", 0));
    if (!strcmp(kind, "nest")) nest(call);
    return INTEGRATION_OK;
}
