#define _POSIX_C_SOURCE 200809L

#include "listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct name_block {
    char *text;
    size_t size, capacity, count;
} name_block;

static int append(name_block *block, const char *name) {
    size_t size = strlen(name) + 1;
    if (block->capacity - block->size < size) {
        size_t capacity = block->capacity * 2 + size + 1024;
        char *text = realloc(block->text, capacity);
        if (!text) return ENOMEM;
        block->text = text;
        block->capacity = capacity;
    }
    memcpy(block->text + block->size, name, size);
    block->size += size;
    block->count++;
    return 0;
}

static int read_names(name_block *block, DIR *stream) {
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (!entry) return errno;
        if (entry->d_name[0] == '.') continue;
        int error = append(block, entry->d_name);
        if (error) return error;
    }
}

static int by_bytes(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int sort_names(listing *names, name_block block) {
    const char **sorted = malloc((block.count + 1) * sizeof *sorted);
    if (!sorted) return ENOMEM;
    const char *name = block.text;
    for (size_t i = 0; i < block.count; i++, name += strlen(name) + 1) sorted[i] = name;
    qsort(sorted, block.count, sizeof *sorted, by_bytes);
    *names = (listing){block.text, sorted, block.count};
    return 0;
}

int listing_read(listing *names, int directory) {
    /* A stream closes its descriptor, so it gets one of its own. */
    int own = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (own < 0) return errno;
    DIR *stream = fdopendir(own);
    if (!stream) {
        int error = errno;
        close(own);
        return error;
    }
    name_block block = {0};
    int error = read_names(&block, stream);
    closedir(stream);
    if (error == 0) error = sort_names(names, block);
    if (error != 0) free(block.text);
    return error;
}

void listing_free(listing *names) {
    free(names->text);
    free(names->names);
    *names = (listing){0};
}
