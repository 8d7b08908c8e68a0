/*
 * worker.h -- runs one call of one plugin on behalf of a host that sits at the other end of a
 * socket.  The same code is the program integrationd-worker and, on a thread of the daemon,
 * `isolation: in-process`.
 */
#ifndef INTEGRATIOND_WORKER_H
#define INTEGRATIOND_WORKER_H

#include <stddef.h>
#include <sys/types.h>

/* Where a call is served. */
enum worker_place {
    WORKER_IN_OWN_PROCESS, /* limits may be set, and the process may end abruptly */
    WORKER_IN_HOST         /* on a thread of the daemon: nothing process-wide is touched */
};

/* How a worker exits whose socket is gone: its host has left, or the plugin has closed it. */
#define WORKER_LOST_HOST 121
/* How one exits whose plugin ended the thread that it was called on. */
#define WORKER_LOST_ENTRY 122

/*
 * Reads FRAME_START from `fd`, loads the plugin, makes the call on a thread of its own and
 * returns when the call is over and everything it said has been written, or when the host has
 * gone away.  Returns 0, or -1 if the host's first frame made no sense.  Does not close `fd`.
 * Blocks its thread; a process must not call it on its main thread.
 */
int worker_serve(int fd, enum worker_place place);

/*
 * Starts `executable` as a worker: stdin is /dev/null, stdout and stderr are the given
 * descriptors, the socket is descriptor 3, and nothing else is inherited; its own process group;
 * signals as a fresh program expects them.  The caller keeps and closes its descriptors.
 * The worker is killed when the *thread* that calls this ends, so the caller stays until it has
 * waited for the process.  Returns 0 and the process id, or an errno value.
 */
int worker_spawn(const char *executable, int socket, int standard_output, int standard_error,
                 char *const environment[], pid_t *process);

/* Sends a signal to a worker and its process group. */
void worker_signal(pid_t process, int signal);

/* A descriptor that becomes readable when the process has ended; -1 and errno on error. */
int worker_watch(pid_t process);

/*
 * Waits until the process has ended, at most `timeout_ms`; then kills whatever is left of its
 * process group and reaps it.  Returns 1 with what waitid() says (CLD_EXITED, CLD_KILLED or
 * CLD_DUMPED, and the code or signal), 0 when it still runs, -1 on error.
 */
int worker_wait(pid_t process, int timeout_ms, int *how, int *status);

#endif
