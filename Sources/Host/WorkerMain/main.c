/*
 * integrationd-worker -- loads one plugin, makes one call, exits.  The host is at the other end
 * of descriptor 3.  Started by integrationd; of no use by hand.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker.h"

#define HOST_SOCKET 3

/* Not exit(): what the plugin registered to run at exit is the plugin's, and may hang. */
static void *serve(void *unused) {
    (void)unused;
    _exit(worker_serve(HOST_SOCKET, WORKER_IN_OWN_PROCESS) == 0 ? 0 : 2);
}

static int is_socket(int fd) {
    int type;
    socklen_t size = sizeof type;
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

int main(void) {
    if (!is_socket(HOST_SOCKET)) {
        fputs("integrationd-worker is started by integrationd, not by hand\n", stderr);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pthread_t thread;
    int problem = pthread_create(&thread, NULL, serve, NULL);
    if (problem) {
        fprintf(stderr, "integrationd-worker cannot start a thread: %s\n", strerror(problem));
        return 2;
    }
    /* Neither the call nor its plumbing runs on the main thread, which ends here: a Swift
     * plugin's main actor then finds its queue served. */
    pthread_exit(NULL);
}
