#define _POSIX_C_SOURCE 200809L

#include "file_bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

int file_open(int directory, const char *name, struct stat *info) {
    int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    int descriptor = openat(directory, name, flags);
    if (descriptor < 0) return -1;
    int error = fstat(descriptor, info) != 0 ? errno : S_ISREG(info->st_mode) ? 0 : EINVAL;
    if (error == 0) return descriptor;
    close(descriptor);
    errno = error;
    return -1;
}

static int reserve(file_bytes *file, size_t size) {
    if (size <= file->capacity) return 0;
    char *bytes = realloc(file->bytes, size);
    if (!bytes) return ENOMEM;
    file->bytes = bytes;
    file->capacity = size;
    return 0;
}

/* One reading, of `size` bytes or up to the end of a file that has become shorter. */
static int read_once(file_bytes *file, int descriptor, size_t size) {
    file->size = 0;
    while (file->size < size) {
        size_t at = file->size;
        ssize_t count = pread(descriptor, file->bytes + at, size - at, (off_t)at);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno;
        if (count == 0) break;
        file->size += (size_t)count;
    }
    return 0;
}

static bool is_unchanged(const struct stat *before, const struct stat *after) {
    return before->st_size == after->st_size && before->st_mtim.tv_sec == after->st_mtim.tv_sec
           && before->st_mtim.tv_nsec == after->st_mtim.tv_nsec;
}

int file_read(file_bytes *file, int descriptor, struct stat *info, int64_t limit) {
    for (int attempt = 1;; attempt++) {
        if (info->st_size > limit) return EFBIG;
        int error = reserve(file, (size_t)info->st_size + 1); /* not 0 for an empty file */
        if (error == 0) error = read_once(file, descriptor, (size_t)info->st_size);
        if (error != 0) return error;

        struct stat now;
        if (fstat(descriptor, &now) != 0) return errno;
        if (is_unchanged(info, &now) || attempt == 3) return 0;
        *info = now;
    }
}

void file_free(file_bytes *file) {
    free(file->bytes);
    *file = (file_bytes){0};
}
