#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <poll.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "worker.h"

#define WORKER_SOCKET 3

static int set_descriptors(posix_spawn_file_actions_t *actions, int socket, int standard_output,
                           int standard_error) {
    int problem = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    if (!problem) problem = posix_spawn_file_actions_adddup2(actions, standard_output, 1);
    if (!problem) problem = posix_spawn_file_actions_adddup2(actions, standard_error, 2);
    if (!problem) problem = posix_spawn_file_actions_adddup2(actions, socket, WORKER_SOCKET);
    if (!problem)
        problem = posix_spawn_file_actions_addclosefrom_np(actions, WORKER_SOCKET + 1);
    return problem;
}

static int set_attributes(posix_spawnattr_t *attributes) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int problem = posix_spawnattr_setsigmask(attributes, &none);
    if (!problem) problem = posix_spawnattr_setsigdefault(attributes, &all);
    if (!problem) problem = posix_spawnattr_setpgroup(attributes, 0);
    if (!problem)
        problem = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
                                                           POSIX_SPAWN_SETSIGDEF |
                                                           POSIX_SPAWN_SETPGROUP);
    return problem;
}

int worker_spawn(const char *executable, int socket, int standard_output, int standard_error,
                 char *const environment[], pid_t *process) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int problem = posix_spawn_file_actions_init(&actions);
    if (problem) return problem;
    problem = posix_spawnattr_init(&attributes);
    if (!problem) {
        char *const arguments[] = {"integrationd-worker", NULL};
        problem = set_descriptors(&actions, socket, standard_output, standard_error);
        if (!problem) problem = set_attributes(&attributes);
        if (!problem)
            problem = posix_spawn(process, executable, &actions, &attributes, arguments,
                                  environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return problem;
}

void worker_signal(pid_t process, int signal) {
    kill(-process, signal);
    kill(process, signal); /* it may have left its group */
}

int worker_watch(pid_t process) { return pidfd_open(process, 0); }

int worker_wait(pid_t process, int timeout_ms, int *how, int *status) {
    int handle = pidfd_open(process, 0);
    if (handle < 0) return -1;
    struct pollfd ended = {handle, POLLIN, 0};
    int count = poll(&ended, 1, timeout_ms);
    close(handle);
    if (count < 0) return errno == EINTR ? 0 : -1;
    if (count == 0) return 0;
    kill(-process, SIGKILL); /* before reaping: until then the group's id is not used again */
    siginfo_t info = {0};
    while (waitid(P_PID, (id_t)process, &info, WEXITED) < 0)
        if (errno != EINTR) return -1;
    *how = info.si_code;
    *status = info.si_status;
    return 1;
}
