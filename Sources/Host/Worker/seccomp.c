/*
 * seccomp.c -- which system calls a plugin may make.
 *
 * A list of what is forbidden and not of what is allowed: plugins bring their own runtimes, and
 * what those need changes with each release.  Forbidden is what reaches beyond the process: other
 * programs and processes, sockets of this machine, mounts, the kernel itself, what Landlock does
 * not see (modes, owners, times, attributes, watching) and what RLIMIT_DATA does not count (shared
 * memory).  A forbidden call fails and ends nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "containment.h"
#include "frame.h"

#if defined(__x86_64__)
#define THIS_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* Calls that are newer than some headers; the numbers are the same on all machines. */
#define CALL_OPEN_TREE         428
#define CALL_MOVE_MOUNT        429
#define CALL_FSOPEN            430
#define CALL_FSCONFIG          431
#define CALL_FSMOUNT           432
#define CALL_FSPICK            433
#define CALL_PIDFD_OPEN        434
#define CALL_PIDFD_GETFD       438
#define CALL_PROCESS_MADVISE   440
#define CALL_MOUNT_SETATTR     442
#define CALL_QUOTACTL_FD       443
#define CALL_MEMFD_SECRET      447
#define CALL_PROCESS_MRELEASE  448
#define CALL_FCHMODAT2         452
#define CALL_SETXATTRAT        463
#define CALL_REMOVEXATTRAT     466
#define CALL_OPEN_TREE_ATTR    467
#define CALL_FILE_SETATTR      469

static const int FORBIDDEN[] = {
    /* other programs and processes */
    SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp,
    SYS_pidfd_send_signal, CALL_PIDFD_OPEN, CALL_PIDFD_GETFD, CALL_PROCESS_MADVISE,
    CALL_PROCESS_MRELEASE, SYS_tkill, SYS_setsid, SYS_setpgid, SYS_move_pages, SYS_migrate_pages,
    SYS_setns, SYS_unshare,
#if defined(__x86_64__)
    SYS_fork, SYS_vfork, SYS_modify_ldt, SYS_iopl, SYS_ioperm, SYS_chmod, SYS_chown, SYS_lchown,
    SYS_utime, SYS_utimes, SYS_futimesat, SYS_inotify_init,
#endif
    /* the file system, beyond files */
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_swapon, SYS_swapoff, SYS_quotactl,
    CALL_OPEN_TREE, CALL_OPEN_TREE_ATTR, CALL_MOVE_MOUNT, CALL_FSOPEN, CALL_FSCONFIG, CALL_FSMOUNT,
    CALL_FSPICK, CALL_MOUNT_SETATTR, CALL_QUOTACTL_FD, SYS_name_to_handle_at,
    SYS_open_by_handle_at, SYS_fanotify_init, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_setxattr,
    SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr,
    CALL_SETXATTRAT, CALL_REMOVEXATTRAT, CALL_FILE_SETATTR, SYS_utimensat, SYS_inotify_init1,
    /* memory and messages beyond the limit */
    SYS_memfd_create, CALL_MEMFD_SECRET, SYS_shmget, SYS_shmat, SYS_msgget, SYS_semget,
    SYS_mq_open,
    /* the kernel and the machine */
    SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_kexec_file_load,
    SYS_reboot, SYS_acct, SYS_syslog, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_add_key,
    SYS_request_key, SYS_keyctl, SYS_personality, SYS_settimeofday, SYS_clock_settime,
    SYS_clock_adjtime, SYS_adjtimex, SYS_sethostname, SYS_setdomainname, SYS_vhangup,
    SYS_lookup_dcookie,
};

/* IOPRIO_WHO_USER, whose header many machines do not have. */
#define IOPRIO_OF_USER 3

/* Runtimes try these first and then do without. */
static const int ABSENT[] = {SYS_clone3, SYS_io_uring_setup, SYS_io_uring_enter,
                             SYS_io_uring_register, CALL_FCHMODAT2};

#define MAX_INSTRUCTIONS 512

struct filter {
    struct sock_filter instructions[MAX_INSTRUCTIONS];
    unsigned short count;
};

static void add(struct filter *filter, struct sock_filter instruction) {
    filter->instructions[filter->count++] = instruction;
}

#define LOAD(OFFSET) ((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (OFFSET)))
#define MASK(BITS)   ((struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (BITS)))
#define ANSWER(WHAT) ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, (WHAT)))
#define FAIL(CODE)   ANSWER(SECCOMP_RET_ERRNO | (CODE))
#define SKIP_UNLESS_EQUAL(VALUE, COUNT)                                                           \
    ((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(VALUE), 0, (COUNT)))

#define NUMBER        offsetof(struct seccomp_data, nr)
#define ARCHITECTURE  offsetof(struct seccomp_data, arch)
/* The lower half, which is all that these arguments use; both machines are little-endian. */
#define ARGUMENT(N)   (offsetof(struct seccomp_data, args) + 8 * (N))

static void forbid(struct filter *filter, int call, int code) {
    add(filter, SKIP_UNLESS_EQUAL(call, 1));
    add(filter, FAIL(code));
}

/* Allows a call if an argument, masked, is one of these values, and lets it fail otherwise. */
static void allow_only(struct filter *filter, int call, int argument, uint32_t mask,
                       const uint32_t *values, unsigned char count, int code) {
    add(filter, SKIP_UNLESS_EQUAL(call, 3 + 2 * count));
    add(filter, LOAD(ARGUMENT(argument)));
    add(filter, MASK(mask));
    for (unsigned char i = 0; i < count; i++) {
        add(filter, SKIP_UNLESS_EQUAL(values[i], 1));
        add(filter, ANSWER(SECCOMP_RET_ALLOW));
    }
    add(filter, FAIL(code));
}

/* Lets a call fail if an argument, masked, is this value. */
static void forbid_argument(struct filter *filter, int call, int argument, uint32_t mask,
                            uint32_t value) {
    add(filter, SKIP_UNLESS_EQUAL(call, 5));
    add(filter, LOAD(ARGUMENT(argument)));
    add(filter, MASK(mask));
    add(filter, SKIP_UNLESS_EQUAL(value, 1));
    add(filter, FAIL(EPERM));
    add(filter, LOAD(NUMBER)); /* for what comes after */
}

#define ALLOW_ONLY(CALL, ARGUMENT, MASK, CODE, ...)                                               \
    allow_only(filter, CALL, ARGUMENT, MASK, (const uint32_t[]){__VA_ARGS__},                     \
               sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), CODE)

static void judge_machine(struct filter *filter) {
    add(filter, LOAD(ARCHITECTURE));
    add(filter, SKIP_UNLESS_EQUAL(THIS_ARCHITECTURE, 1));
    add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0));
    add(filter, ANSWER(SECCOMP_RET_KILL_PROCESS));
    add(filter, LOAD(NUMBER));
#if defined(__x86_64__)
    /* The x32 variants of all calls would pass by their other numbers. */
    add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1));
    add(filter, FAIL(ENOSYS));
#endif
}

/* Its own threads and no process; its own signals and no one else's. */
static void judge_processes(struct filter *filter) {
    uint32_t self = (uint32_t)getpid();
    ALLOW_ONLY(SYS_clone, 0, CLONE_THREAD, EPERM, CLONE_THREAD);
    ALLOW_ONLY(SYS_kill, 0, ~0u, EPERM, self, 0); /* 0: its group, which is itself */
    ALLOW_ONLY(SYS_tgkill, 0, ~0u, EPERM, self);
    ALLOW_ONLY(SYS_rt_sigqueueinfo, 0, ~0u, EPERM, self);
    ALLOW_ONLY(SYS_rt_tgsigqueueinfo, 0, ~0u, EPERM, self);
    ALLOW_ONLY(SYS_prlimit64, 0, ~0u, EPERM, 0, self);
    /* User 0 is all processes of its own user, the daemon among them. */
    forbid_argument(filter, SYS_setpriority, 0, ~0u, PRIO_USER);
    ALLOW_ONLY(SYS_setpriority, 1, ~0u, EPERM, 0);
    forbid_argument(filter, SYS_ioprio_set, 0, ~0u, IOPRIO_OF_USER);
    ALLOW_ONLY(SYS_ioprio_set, 1, ~0u, EPERM, 0);
    /* Who owns a descriptor gets signals from it. */
    forbid_argument(filter, SYS_fcntl, 1, ~0u, F_SETOWN);
    forbid_argument(filter, SYS_fcntl, 1, ~0u, F_SETOWN_EX);
    forbid_argument(filter, SYS_ioctl, 1, ~0u, FIOSETOWN);
    forbid_argument(filter, SYS_ioctl, 1, ~0u, SIOCSPGRP);
    ALLOW_ONLY(SYS_sched_setaffinity, 0, ~0u, EPERM, 0);
    ALLOW_ONLY(SYS_sched_setscheduler, 0, ~0u, EPERM, 0);
    ALLOW_ONLY(SYS_sched_setparam, 0, ~0u, EPERM, 0);
    ALLOW_ONLY(SYS_sched_setattr, 0, ~0u, EPERM, 0);
    /* The daemon's end is its end. */
    forbid_argument(filter, SYS_prctl, 0, ~0u, PR_SET_PDEATHSIG);
}

/* The internet, and no service of this machine that listens at a path: Landlock does not see it,
 * nor a socket that listens without a bind or over multipath TCP. */
static void judge_sockets(struct filter *filter) {
    ALLOW_ONLY(SYS_socket, 0, ~0u, EACCES, AF_INET, AF_INET6, AF_NETLINK);
    /* A pair of datagram sockets could send to any path. */
    ALLOW_ONLY(SYS_socketpair, 1, 0xF, EACCES, SOCK_STREAM, SOCK_SEQPACKET);
    forbid(filter, SYS_listen, EACCES);
    forbid_argument(filter, SYS_ioctl, 1, ~0u, TIOCSTI);
}

/* No program with the owner's rights; no memory that is nobody's. */
static void judge_files(struct filter *filter) {
    ALLOW_ONLY(SYS_fchmod, 1, 06000, EPERM, 0);
    forbid_argument(filter, SYS_mmap, 3, MAP_SHARED | MAP_ANONYMOUS, MAP_SHARED | MAP_ANONYMOUS);
}

int64_t contain_system_calls(void) {
    static struct filter storage;
    struct filter *filter = &storage;
    judge_machine(filter);
    for (size_t i = 0; i < sizeof FORBIDDEN / sizeof *FORBIDDEN; i++)
        forbid(filter, FORBIDDEN[i], EPERM);
    for (size_t i = 0; i < sizeof ABSENT / sizeof *ABSENT; i++) forbid(filter, ABSENT[i], ENOSYS);
    judge_processes(filter);
    judge_sockets(filter);
    judge_files(filter);
    add(filter, ANSWER(SECCOMP_RET_ALLOW));
    struct sock_fprog program = {filter->count, filter->instructions};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0)
        return FRAME_CONTAINMENT_SYSTEM_CALLS;
    return errno == ENOSYS ? 0 : -1; /* a kernel without it */
}
