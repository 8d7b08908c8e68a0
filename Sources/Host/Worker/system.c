#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
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

int system_set(void) { return epoll_create1(EPOLL_CLOEXEC); }

int system_watch(int set, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    return epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event);
}

void system_watch_room(int set, int descriptor, bool room) {
    struct epoll_event event = {.events = room ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.fd = descriptor};
    epoll_ctl(set, EPOLL_CTL_MOD, descriptor, &event);
}

void system_unwatch(int set, int descriptor) { epoll_ctl(set, EPOLL_CTL_DEL, descriptor, NULL); }

int system_wait(int set, int *ready, int capacity, int milliseconds) {
    struct epoll_event events[8];
    const int limit = capacity < 8 ? capacity : 8;
    const int count = epoll_wait(set, events, limit, milliseconds);
    for (int i = 0; i < count; i++) ready[i] = events[i].data.fd;
    return count;
}

int system_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) < 0) return -1;
    return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

int system_socket_pair(int ends[2]) {
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
}

void system_limit_heaps(int count) { mallopt(M_ARENA_MAX, count); }

void system_trim_heaps(void) { malloc_trim(0); }

/* Whether the linker wrote into code, which then is no copy of its file. */
static bool has_text_relocations(const struct dl_phdr_info *object) {
    for (int i = 0; i < object->dlpi_phnum; i++) {
        if (object->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
        const ElfW(Dyn) *entry =
            (const ElfW(Dyn) *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr);
        for (; entry->d_tag != DT_NULL; entry++)
            if (entry->d_tag == DT_TEXTREL ||
                (entry->d_tag == DT_FLAGS && entry->d_un.d_val & DF_TEXTREL))
                return true;
    }
    return false;
}

static int trim_segments(struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size;
    (void)unused;
    if (has_text_relocations(object)) return 0;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
        /* Whole pages only: an edge may be shared with a segment that was written to. */
        uintptr_t start = (object->dlpi_addr + segment->p_vaddr + page - 1) & ~(page - 1);
        uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_filesz) & ~(page - 1);
        if (start < end) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void system_trim_code(void) { dl_iterate_phdr(trim_segments, NULL); }

bool system_contains(const void *bytes, size_t size, const char *text) {
    return memmem(bytes, size, text, strlen(text)) != NULL;
}
