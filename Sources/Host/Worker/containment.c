#include "containment.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "frame.h"

/* A soft limit below the hard one: SIGXCPU says more than SIGKILL. */
#define CPU_GRACE 5

/* Threads and processes of the daemon's user in all; the kernel does not count those of root. */
#define MAX_THREADS 4096

/* If the machine runs out of memory, a plugin goes before the daemon. */
#define OOM_SCORE "500"

static int limit(int resource, uint64_t soft, uint64_t hard) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) < 0) return -1;
    /* What is inherited may be lower already, and cannot be raised. */
    if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > hard) limit.rlim_max = hard;
    limit.rlim_cur = soft < limit.rlim_max ? soft : limit.rlim_max;
    return setrlimit(resource, &limit);
}

static int limit_resources(const struct resource_limits *limits) {
    if (limit(RLIMIT_CORE, 0, 0) < 0) return -1;
    if (limit(RLIMIT_NPROC, MAX_THREADS, MAX_THREADS) < 0) return -1;
    if (limits->memory && limit(RLIMIT_DATA, limits->memory, limits->memory) < 0) return -1;
    if (limits->cpu && limit(RLIMIT_CPU, limits->cpu, limits->cpu + CPU_GRACE) < 0) return -1;
    if (limits->open_files && limit(RLIMIT_NOFILE, limits->open_files, limits->open_files) < 0)
        return -1;
    if (limits->file_size && limit(RLIMIT_FSIZE, limits->file_size, limits->file_size) < 0)
        return -1;
    return 0;
}

/* Without /proc it stays as it was. */
static void die_before_the_daemon(void) {
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    if (write(file, OOM_SCORE, strlen(OOM_SCORE)) < 0) {}
    close(file);
}

/*
 * A daemon that runs as root keeps its powers to itself: with them a plugin could lift its own
 * limits.  Reading what belongs to other users stays, within the files that it may reach.
 */
static int64_t drop_capabilities(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct sets[2] = {{0, 0, 0}, {0, 0, 0}};
    if (syscall(SYS_capget, &header, sets) < 0) return -1;
    uint32_t kept = sets[0].permitted & 1u << CAP_DAC_READ_SEARCH;
    sets[0] = (struct __user_cap_data_struct){kept, kept, 0};
    sets[1] = (struct __user_cap_data_struct){0, 0, 0};
    if (syscall(SYS_capset, &header, sets) < 0) return -1;
    return FRAME_CONTAINMENT_CAPABILITIES;
}

static int64_t refuse_new_privileges(void) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -1 : FRAME_CONTAINMENT_PRIVILEGES;
}

int64_t contain(const struct resource_limits *limits, const struct reachable_files *files) {
    if (limit_resources(limits) < 0) return -1;
    die_before_the_daemon();
    int64_t privileges = refuse_new_privileges();
    int64_t capabilities = privileges < 0 ? -1 : drop_capabilities();
    int64_t reachable = capabilities < 0 ? -1 : contain_files(files);
    /* Last, since the others need calls that are gone then. */
    int64_t calls = reachable < 0 ? -1 : contain_system_calls();
    return calls < 0 ? -1 : privileges | capabilities | reachable | calls;
}
