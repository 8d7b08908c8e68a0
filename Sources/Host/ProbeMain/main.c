/*
 * integrationd-probe -- runs one call of one plugin as `integrationd plugin check` wants it and
 * tells what it saw.  The checker is at the other end of descriptor 3; of no use by hand.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe.h"

#define CHECKER_SOCKET 3

static void *serve(void *unused) {
    (void)unused;
    int problem = probe_serve(CHECKER_SOCKET);
    fflush(stdout);
    fflush(stderr);
    _exit(problem ? 3 : 0);
}

int main(void) {
    int type;
    socklen_t size = sizeof type;
    if (getsockopt(CHECKER_SOCKET, SOL_SOCKET, SO_TYPE, &type, &size) != 0) {
        fputs("integrationd-probe is started by integrationd plugin check, not by hand\n", stderr);
        return 2;
    }
    struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, NULL) != 0) return 3;
    /* As in the worker, the main thread ends: a Swift plugin finds its main queue served. */
    pthread_exit(NULL);
}
