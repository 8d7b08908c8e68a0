#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

int system_event(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void system_raise(int event) {
    eventfd_t one = 1;
    while (write(event, &one, sizeof one) < 0 && errno == EINTR) {}
}

void system_lower(int event) {
    eventfd_t count;
    while (read(event, &count, sizeof count) < 0 && errno == EINTR) {}
}

int system_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) < 0) return -1;
    return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

int system_socket_pair(int ends[2]) {
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
}

bool system_contains(const void *bytes, size_t size, const char *text) {
    return memmem(bytes, size, text, strlen(text)) != NULL;
}
