#define _POSIX_C_SOURCE 200809L

#include "walk.h"

#include "listing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory on the way down.  Its descriptor is not kept: device and inode tell, on the way
 * back up through "..", whether it is still the same one. */
typedef struct level {
    listing names;
    size_t next;
    size_t path_size;
    dev_t device;
    ino_t inode;
} level;

typedef struct walk {
    const visitor *visitor;
    level *levels;
    size_t depth, capacity;
    int directory; /* the deepest level's, open */
    char *path;    /* of the entry at hand, NUL-terminated */
    size_t path_capacity;
} walk;

static level *deepest(walk *walk) {
    return &walk->levels[walk->depth - 1];
}

static bool grow(void **memory, size_t *capacity, size_t needed, size_t item_size) {
    if (needed <= *capacity) return true;
    size_t larger = needed * 2 + 16;
    void *grown = realloc(*memory, larger * item_size);
    if (!grown) return false;
    *memory = grown;
    *capacity = larger;
    return true;
}

/* Makes `path` the path of an entry of the deepest directory; 0 if memory is out. */
static size_t set_path(walk *walk, const char *name) {
    size_t parent = deepest(walk)->path_size, size = strlen(name);
    size_t start = parent == 0 ? 0 : parent + 1;
    void *path = walk->path;
    if (!grow(&path, &walk->path_capacity, start + size + 1, 1)) return 0;
    walk->path = path;
    if (parent > 0) walk->path[parent] = '/';
    memcpy(walk->path + start, name, size + 1);
    return start + size;
}

/* Goes down into a directory; takes over the descriptor.  0, or an errno. */
static int enter(walk *walk, int directory, size_t path_size) {
    level entered = {.path_size = path_size};
    struct stat info;
    void *levels = walk->levels;
    int error = fstat(directory, &info) == 0 ? 0 : errno;
    if (error == 0 && !grow(&levels, &walk->capacity, walk->depth + 1, sizeof *walk->levels))
        error = ENOMEM;
    walk->levels = levels;
    if (error == 0) error = listing_read(&entered.names, directory);
    if (error != 0) {
        close(directory);
        return error;
    }
    entered.device = info.st_dev;
    entered.inode = info.st_ino;
    if (walk->directory >= 0) close(walk->directory);
    walk->directory = directory;
    walk->levels[walk->depth++] = entered;
    return 0;
}

/* Goes back up; false if what is there now is another directory. */
static bool leave(walk *walk) {
    listing_free(&deepest(walk)->names);
    if (--walk->depth == 0) return true;
    struct stat info;
    int parent = openat(walk->directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    close(walk->directory);
    walk->directory = parent;
    return parent >= 0 && fstat(parent, &info) == 0 && info.st_dev == deepest(walk)->device
           && info.st_ino == deepest(walk)->inode;
}

static walk_end go_on(bool visitor_says) {
    return visitor_says ? WALK_DONE : WALK_STOPPED;
}

static walk_end visit_directory(walk *walk, const char *name, size_t path_size) {
    const visitor *visitor = walk->visitor;
    int directory = openat(walk->directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int error = directory < 0 ? errno : enter(walk, directory, path_size);
    if (error == ENOMEM) return WALK_NO_MEMORY;
    return error ? go_on(visitor->lost_directory(visitor->context, walk->path, error)) : WALK_DONE;
}

static walk_end visit_unseen(walk *walk, const char *name, int error) {
    const visitor *visitor = walk->visitor;
    if (visitor->wants(visitor->context, name))
        return go_on(visitor->lost_file(visitor->context, walk->path, error));
    if (error == ENOENT) return WALK_DONE; /* somebody's temporary file, come and gone */
    return go_on(visitor->lost_directory(visitor->context, walk->path, error));
}

static walk_end visit(walk *walk, const char *name) {
    const visitor *visitor = walk->visitor;
    size_t path_size = set_path(walk, name);
    if (path_size == 0) return WALK_NO_MEMORY;

    struct stat info;
    if (fstatat(walk->directory, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return visit_unseen(walk, name, errno);
    if (S_ISDIR(info.st_mode)) return visit_directory(walk, name, path_size);
    if (S_ISLNK(info.st_mode)) visitor->link(visitor->context, walk->path);
    if (!S_ISREG(info.st_mode) || !visitor->wants(visitor->context, name)) return WALK_DONE;
    return go_on(visitor->file(visitor->context, walk->directory, name, walk->path));
}

static walk_end walk_levels(walk *walk) {
    while (walk->depth > 0) {
        if (!walk->visitor->goes_on(walk->visitor->context)) return WALK_STOPPED;
        level *here = deepest(walk);
        if (here->next == here->names.count) {
            if (!leave(walk)) return WALK_MOVED;
            continue;
        }
        walk_end end = visit(walk, here->names.names[here->next++]);
        if (end != WALK_DONE) return end;
    }
    return WALK_DONE;
}

walk_end walk_tree(int root, const visitor *visitor) {
    walk walk = {.visitor = visitor, .directory = -1};
    walk_end end;
    int error = enter(&walk, root, 0);
    if (error == 0) end = walk_levels(&walk);
    else if (error == ENOMEM) end = WALK_NO_MEMORY;
    else end = go_on(visitor->lost_directory(visitor->context, ".", error));

    while (walk.depth > 0) listing_free(&walk.levels[--walk.depth].names);
    if (walk.directory >= 0) close(walk.directory);
    free(walk.levels);
    free(walk.path);
    return end;
}
