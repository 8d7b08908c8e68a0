/*
 * system.h -- calls of the system that Swift's Glibc module leaves out, for the host's side.
 */
#ifndef INTEGRATIOND_SYSTEM_H
#define INTEGRATIOND_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>

/* A counter to poll: readable after system_raise, until system_lower.  -1 and errno on error. */
int system_event(void);
void system_raise(int event);
void system_lower(int event);

/* A set of descriptors to wait for (epoll): unlike with poll, waiting costs the same however many they
 * are.  -1 and errno on error. */
int system_set(void);
int system_watch(int set, int descriptor);
/* Whether it is ready also when bytes can be written to it. */
void system_watch_room(int set, int descriptor, bool room);
void system_unwatch(int set, int descriptor);
/* Waits till some are readable or have ended, and writes those down, at most `capacity`.
 * 0 after so many milliseconds, -1 and errno on error, also when a signal came. */
int system_wait(int set, int *ready, int capacity, int milliseconds);

/* A pipe whose ends no child inherits; [0] does not block.  -1 and errno on error. */
int system_pipe(int ends[2]);

/* A pair of connected stream sockets that no child inherits.  -1 and errno on error. */
int system_socket_pair(int ends[2]);

/* The C library keeps freed memory, in a heap per thread: few heaps, and back with what is free. */
void system_limit_heaps(int count);
void system_trim_heaps(void);

/* Unmaps the pages of code and constants that this process has touched.  They are clean copies of
 * files: what is needed again comes back from the page cache, what only the start needed does not. */
void system_trim_code(void);

/* Removes a folder and all that is in it, as far as it goes: also what is nested so deep that it
 * has no path, and folders that were made unreadable. */
void system_remove_folder(const char *path);

/* Whether `bytes` holds the C string `text`. */
bool system_contains(const void *bytes, size_t size, const char *text);

#endif
