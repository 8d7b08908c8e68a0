/*
 * containment.h -- what a worker takes from itself, for good, before it loads a plugin.
 *
 * Each measure counts for the calling thread and all that it starts, so it is taken by the one
 * thread from which all others of the worker come.  docs/security.md says what is left.
 */
#ifndef INTEGRATIOND_CONTAINMENT_H
#define INTEGRATIOND_CONTAINMENT_H

#include <stddef.h>
#include <stdint.h>

/* What the host sets; 0: no limit but the inherited one. */
struct resource_limits {
    uint64_t memory;     /* bytes of data */
    uint64_t cpu;        /* seconds of all threads */
    uint64_t open_files; /* descriptors */
    uint64_t file_size;  /* bytes of each file that is written */
};

/* What of the file system a plugin gets beside the system's own libraries and settings. */
struct reachable_files {
    const char *plugin, *data_folder, *temporary_folder; /* the folders also to write to */
    const char **readable;
    size_t readable_count;
};

/*
 * Takes every measure that the kernel knows and returns them, enum frame_containment.  -1 and
 * errno where one that it knows fails: then no plugin may be loaded.
 */
int64_t contain(const struct resource_limits *limits, const struct reachable_files *files);

/* The parts; each returns what it took, 0 where the kernel does not know it, -1 and errno. */
int64_t contain_files(const struct reachable_files *files); /* landlock.c */
int64_t contain_system_calls(void);                         /* seccomp.c */

#endif
