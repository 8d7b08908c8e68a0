/*
 * remove_folder.c -- removes what a plugin left, which may be made to be hard to remove.
 *
 * Nothing here goes deeper than one level: what is in a folder that is not empty is moved to the
 * top, so that neither the depth of a tree nor the number of its files takes memory, descriptors
 * or a longer path.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system.h"

static int open_folder(int parent, const char *name) {
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* A file, or a folder that is empty. */
static bool remove_one(int folder, const char *name) {
    return unlinkat(folder, name, 0) == 0 || unlinkat(folder, name, AT_REMOVEDIR) == 0;
}

/* What an entry is called at the top; a name that is taken there fails, and the next pass has others. */
static bool lift(int folder, const char *name, int top) {
    static _Atomic unsigned number;
    char lifted[32];
    snprintf(lifted, sizeof lifted, ".%u", number++);
    fchmodat(folder, name, 0700, AT_SYMLINK_NOFOLLOW); /* a folder that moves is written to */
    return renameat(folder, name, top, lifted) == 0;
}

/* Empties a folder, by moving up what is in the way; how many entries went.  `top` may be the folder itself. */
static int empty(int folder, int top) {
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = again < 0 ? NULL : fdopendir(again);
    if (!entries) {
        if (again >= 0) close(again);
        return 0;
    }
    int gone = 0;
    for (struct dirent *entry; (entry = readdir(entries));) {
        const char *name = entry->d_name;
        if (!strcmp(name, ".") || !strcmp(name, "..")) continue;
        if (remove_one(folder, name)) {
            gone++;
        } else if (folder != top) {
            gone += lift(folder, name, top);
        } else {
            fchmodat(folder, name, 0700, AT_SYMLINK_NOFOLLOW);
            int below = open_folder(folder, name);
            if (below < 0) continue;
            gone += empty(below, top);
            close(below);
            gone += remove_one(folder, name);
        }
    }
    closedir(entries);
    return gone;
}

void system_remove_folder(const char *path) {
    int top = open_folder(AT_FDCWD, path);
    if (top < 0) return;
    while (empty(top, top) > 0) {}
    close(top);
    rmdir(path);
}
