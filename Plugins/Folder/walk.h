#ifndef FOLDER_WALK_H
#define FOLDER_WALK_H

#include <stdbool.h>

/* What a walk finds, told to whoever walks.  A path is relative to the root and is valid until
 * the function returns.  Functions that return bool: false ends the walk. */
typedef struct visitor {
    void *context;
    bool (*wants)(void *context, const char *name);
    bool (*goes_on)(void *context);
    /* A regular file with a wanted name, to be opened as `name` in `directory`. */
    bool (*file)(void *context, int directory, const char *name, const char *path);
    /* A wanted file that cannot even be looked at. */
    bool (*lost_file)(void *context, const char *path, int error);
    /* A directory whose content stays unknown, or only half known. */
    bool (*lost_directory)(void *context, const char *path, int error);
    void (*link)(void *context, const char *path);
} visitor;

typedef enum walk_end {
    WALK_DONE,
    WALK_STOPPED, /* by the visitor */
    WALK_MOVED,   /* a directory was moved while the walk was in it */
    WALK_NO_MEMORY
} walk_end;

/*
 * Visits a tree in byte order of the names, depth first, links not followed, names with a
 * leading dot left out.  Takes over the root's descriptor.  Holds one open directory however
 * deep the tree is, and the names of those on the way down to it.
 */
walk_end walk_tree(int root, const visitor *visitor);

#endif
