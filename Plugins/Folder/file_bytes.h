#ifndef FOLDER_FILE_BYTES_H
#define FOLDER_FILE_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* The content of one file at a time; used again for file after file.  Starts zeroed. */
typedef struct file_bytes {
    char *bytes;
    size_t size, capacity;
} file_bytes;

/* Opens a regular file without following a link or waiting for a pipe's other end.  A
 * descriptor with its stat, or -1 with errno (EINVAL: not a regular file any more). */
int file_open(int directory, const char *name, struct stat *info);

/* Reads what `info` says is there.  A file that changes meanwhile is read again, three times at
 * most; `info` is then of before the last reading, so that a revision made of it will not match
 * a file that was still changing.  0, or an errno; EFBIG: grew beyond the limit. */
int file_read(file_bytes *file, int descriptor, struct stat *info, int64_t limit);

void file_free(file_bytes *file);

#endif
