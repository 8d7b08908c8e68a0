/*
 * Tries to get out of its confinement in every way that docs/security.md names, and says in
 * items/<way> what came of it: `done`, or the name of the error.  Settings: `outside`, a file that
 * is none of its business, in a folder that is neither; `inside`, one that its settings name;
 * `port`, where someone listens; `harmless`, 1 for only those ways that may succeed.
 */
#include "fixture.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/xattr.h>

FIXTURE_ABI(INTEGRATION_ABI_VERSION)
FIXTURE_MANIFEST(FIXTURE_JSON(
    "breakout", "1.0",
    "\"outside\":{\"type\":\"string\"},\"inside\":{\"type\":\"string\",\"x-path\":\"read\"},"
    "\"port\":{\"type\":\"integer\"}," FIXTURE_INTEGER("harmless", "0")))

static char outside[4096], inside[4096], folder[4096];
static const integration_call *the_call;

static const char *below(const char *parent, const char *name) {
    static char path[8192];
    snprintf(path, sizeof path, "%s/%s", parent, name);
    return path;
}

/* ---- files: each is 0 or more when it was let */

static int read_outside(void) { return open(outside, O_RDONLY); }
static int list_outside(void) { return open(folder, O_RDONLY | O_DIRECTORY); }
static int write_outside(void) { return open(outside, O_WRONLY); }
static int create_outside(void) { return open(below(folder, "new"), O_CREAT | O_WRONLY, 0600); }
static int truncate_outside(void) { return truncate(outside, 1); }
static int make_folder_outside(void) { return mkdir(below(folder, "made"), 0700); }
static int link_outside(void) { return link(outside, below(the_call->temp_dir, "link")); }
static int through_symlink(void) {
    const char *path = below(the_call->temp_dir, "symlink");
    return symlink(outside, path) < 0 ? -1 : open(path, O_RDONLY);
}
static int rename_into(void) {
    char own[4096];
    snprintf(own, sizeof own, "%s/own", the_call->temp_dir);
    close(open(own, O_CREAT | O_WRONLY, 0600));
    return rename(own, below(folder, "moved"));
}
static int remove_outside(void) { return unlink(below(folder, "removable")); }
static int write_inside(void) { return open(inside, O_WRONLY); }
static int change_mode(void) { return chmod(outside, 0777); }
static int change_owner(void) { return chown(outside, getuid(), getgid()); }
static int change_attribute(void) { return setxattr(outside, "user.x", "x", 1, 0); }
static int set_uid_bit(void) {
    int file = open(below(the_call->temp_dir, "program"), O_CREAT | O_WRONLY, 0700);
    return fchmod(file, 04755);
}
static int read_shadow(void) { return open("/etc/shadow", O_RDONLY); }
static int read_store(void) { return open(below(the_call->data_dir, "../../../../store.db"), O_RDONLY); }
static int read_other_copies(void) {
    return open(below(the_call->data_dir, "../../../../plugins"), O_RDONLY | O_DIRECTORY);
}
/* The private copy of this very file. */
static int write_plugin(void) {
    Dl_info info;
    return dladdr((void *)(uintptr_t)&write_plugin, &info) ? open(info.dli_fname, O_WRONLY) : -1;
}
static int change_times(void) { return utimensat(AT_FDCWD, outside, NULL, 0); }
static int change_own_times(void) { return futimens(open(the_call->temp_dir, O_RDONLY | O_DIRECTORY), NULL); }
static int watch_outside(void) {
    int events = inotify_init1(0);
    return events < 0 ? -1 : inotify_add_watch(events, folder, IN_ALL_EVENTS);
}
static int see_outside(void) { return access(outside, F_OK); }

/* ---- processes */

static int of_parent(const char *name) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)getppid(), name);
    return open(path, O_RDONLY);
}
static int parent_environment(void) { return of_parent("environ"); }
static int parent_memory(void) { return of_parent("mem"); }
static int parent_command_line(void) { return of_parent("cmdline"); }
static int signal_parent(void) { return kill(getppid(), SIGCONT); }
static int signal_thread_of_parent(void) {
    return (int)syscall(SYS_tgkill, getppid(), getppid(), SIGCONT);
}
static int signal_everyone(void) { return kill(-1, 0); }
static int signal_owner(void) {
    return fcntl(socket(AF_INET, SOCK_DGRAM, 0), F_SETOWN, getppid());
}
static int signal_owner_of_socket(void) {
    int owner = getppid();
    return ioctl(socket(AF_INET, SOCK_DGRAM, 0), FIOSETOWN, &owner);
}
static int trace_parent(void) { return (int)ptrace(PTRACE_SEIZE, getppid(), NULL, NULL); }
static int read_parent(void) {
    char byte;
    struct iovec here = {&byte, 1}, there = {(void *)&outside, 1};
    return (int)process_vm_readv(getppid(), &here, 1, &there, 1, 0);
}
static int limit_parent(void) {
    struct rlimit limit;
    return prlimit(getppid(), RLIMIT_NOFILE, NULL, &limit);
}
static int slow_parent(void) { return setpriority(PRIO_PROCESS, (id_t)getppid(), 1); }
static int slow_user(void) { return setpriority(PRIO_USER, 0, 1); }
static int slow_files_of_user(void) {
    return (int)syscall(SYS_ioprio_set, 3 /* IOPRIO_WHO_USER */, 0, 2 << 13 | 7);
}
static int parent_descriptor(void) {
    int handle = (int)syscall(434 /* pidfd_open */, getppid(), 0);
    return handle < 0 ? -1 : (int)syscall(438 /* pidfd_getfd */, handle, 0, 0);
}
static int make_process(void) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    return child;
}
static int run_program(void) {
    char *const arguments[] = {(char *)"true", NULL};
    pid_t child;
    int problem = posix_spawn(&child, "/bin/true", NULL, NULL, arguments, NULL);
    errno = problem;
    return problem ? -1 : 0;
}
static int become_program(void) {
    char *const arguments[] = {(char *)"does-not-exist", NULL};
    return execve("/does-not-exist", arguments, NULL);
}
static int leave_group(void) { return setpgid(0, getpgid(getppid())); }
static int new_session(void) { return (int)syscall(SYS_setsid); }
static int outlive_daemon(void) { return prctl(PR_SET_PDEATHSIG, 0); }

/* ---- this machine and its kernel */

static int raise_limit(int resource) {
    struct rlimit limit;
    getrlimit(resource, &limit);
    if (limit.rlim_max == RLIM_INFINITY) return 0;
    limit.rlim_cur = limit.rlim_max = limit.rlim_max + 1;
    return setrlimit(resource, &limit);
}
static int raise_memory(void) { return raise_limit(RLIMIT_DATA); }
static int raise_files(void) { return raise_limit(RLIMIT_NOFILE); }
static int dump_core(void) { return raise_limit(RLIMIT_CORE); }
static int use_memory(void) {
    void *memory = malloc(3ull << 30);
    free(memory);
    return memory ? 0 : -1;
}
static int shared_memory(void) {
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}
static int memory_file(void) { return (int)syscall(SYS_memfd_create, "x", 0); }
static int memory_segment(void) { return (int)syscall(SYS_shmget, 0, 4096, 01600); }
static int memory_device(void) { return open("/dev/zero", O_RDWR); }
static int spare_me(void) { return open("/proc/self/oom_score_adj", O_WRONLY); }
static int name_space(void) { return unshare(CLONE_NEWUSER); }
static int mount_something(void) { return mount("none", the_call->temp_dir, "tmpfs", 0, NULL); }
static int change_root(void) { return chroot(the_call->temp_dir); }
static int ring(void) { return (int)syscall(SYS_io_uring_setup, 0, NULL); }
static int load_filter(void) { return (int)syscall(SYS_bpf, 0, NULL, 0); }
static int keys(void) { return (int)syscall(SYS_keyctl, 0, 0, 0, 0, 0); }
static int events(void) { return (int)syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0); }
static int push_input(void) { return ioctl(0, TIOCSTI, "x"); }
static int open_handle(void) { return (int)syscall(SYS_open_by_handle_at, 0, NULL, 0); }

/* ---- sockets */

static int unix_socket(void) { return socket(AF_UNIX, SOCK_STREAM, 0); }
static int unix_datagrams(void) {
    int ends[2];
    return socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
}
static int packets(void) { return socket(AF_PACKET, SOCK_RAW, 0); }
static int listen_tcp(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    return bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address);
}
static int listen_unbound(void) { return listen(socket(AF_INET, SOCK_STREAM, 0), 1); }
static int listen_multipath(void) { return listen(socket(AF_INET, SOCK_STREAM, 262 /* IPPROTO_MPTCP */), 1); }
static int receive_datagrams(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    return bind(socket(AF_INET, SOCK_DGRAM, 0), (struct sockaddr *)&address, sizeof address);
}

/* ---- what has to go on working */

static int read_inside(void) { return open(inside, O_RDONLY); }
static int read_resolver(void) { return open("/etc/resolv.conf", O_RDONLY); }
static int read_certificates(void) { return open("/etc/ssl/certs/ca-certificates.crt", O_RDONLY); }
static int read_self(void) { return open("/proc/self/maps", O_RDONLY); }
static int write_data(void) { return open(below(the_call->data_dir, "kept"), O_CREAT | O_RDWR, 0600); }
static int write_temporary(void) {
    const char *path = below(the_call->temp_dir, "scratch");
    close(open(path, O_CREAT | O_RDWR, 0600));
    return unlink(path);
}
/* As many bytes as asked for, in a file of the data folder: how many went in, and why not more. */
static int write_bytes(const char *name, size_t size) {
    static const char block[1 << 16];
    int file = open(below(the_call->data_dir, name), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    signal(SIGXFSZ, SIG_IGN);
    for (; size >= sizeof block; size -= sizeof block)
        if (write(file, block, sizeof block) != sizeof block) return -1;
    return 0;
}
static int fill_disk(void) {
    char name[32];
    for (int i = 0; i < 8; i++) {
        snprintf(name, sizeof name, "part-%d", i);
        if (write_bytes(name, 1 << 20) < 0) return -1;
    }
    return 0;
}
static int write_large(void) { return write_bytes("large", 2 << 20); }
static int write_null(void) { return open("/dev/null", O_RDWR); }
static int read_random(void) { return open("/dev/urandom", O_RDONLY); }
static void *return_at_once(void *argument) { return argument; }
static int make_thread(void) {
    pthread_t thread;
    int problem = pthread_create(&thread, NULL, return_at_once, NULL);
    if (!problem) pthread_join(thread, NULL);
    errno = problem;
    return problem ? -1 : 0;
}
static int signal_self(void) { return raise(0); }
static int look_up_name(void) {
    struct addrinfo *found = NULL;
    return getaddrinfo("localhost", "80", NULL, &found) == 0 ? 0 : -1;
}
static int connect_tcp(void) {
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)fixture_number(the_call, "port", 0)),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    return connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address);
}
static int make_code(void) {
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

#define WAY(NAME)      {#NAME, NAME, 0}
#define HARMLESS(NAME) {#NAME, NAME, 1}
static const struct {
    const char *name;
    int (*attempt)(void);
    int is_harmless;
} ways[] = {
    HARMLESS(read_outside), HARMLESS(list_outside), HARMLESS(write_outside), WAY(create_outside),
    WAY(truncate_outside), WAY(make_folder_outside), WAY(link_outside), WAY(through_symlink),
    WAY(rename_into), WAY(remove_outside), WAY(write_inside), HARMLESS(change_mode), WAY(change_owner),
    WAY(change_attribute), WAY(change_times), WAY(change_own_times), WAY(watch_outside), WAY(set_uid_bit), WAY(read_shadow), WAY(read_store),
    WAY(read_other_copies), WAY(write_plugin), WAY(see_outside),
    WAY(parent_environment), WAY(parent_memory), WAY(parent_command_line),
    WAY(signal_parent), WAY(signal_thread_of_parent), WAY(signal_everyone), WAY(signal_owner),
    WAY(signal_owner_of_socket), WAY(trace_parent),
    WAY(read_parent), WAY(limit_parent), WAY(slow_parent), WAY(slow_user),
    WAY(slow_files_of_user), WAY(parent_descriptor),
    HARMLESS(make_process), WAY(run_program), WAY(become_program), WAY(leave_group), WAY(new_session),
    WAY(outlive_daemon), WAY(raise_memory), WAY(raise_files), WAY(dump_core), WAY(use_memory),
    WAY(shared_memory), WAY(memory_file), WAY(memory_segment), WAY(memory_device), WAY(spare_me),
    WAY(name_space), WAY(mount_something), WAY(change_root), WAY(ring), WAY(load_filter), WAY(keys),
    WAY(events), WAY(push_input), WAY(open_handle), HARMLESS(unix_socket), WAY(unix_datagrams),
    WAY(packets), HARMLESS(listen_tcp), WAY(listen_unbound), WAY(listen_multipath),
    WAY(receive_datagrams),
    WAY(read_inside), WAY(read_resolver), WAY(read_certificates), WAY(read_self), WAY(write_data),
    WAY(write_temporary), WAY(fill_disk), WAY(write_large), WAY(write_null), WAY(read_random), WAY(make_thread), WAY(signal_self),
    WAY(look_up_name), WAY(connect_tcp), WAY(make_code),
};

FIXTURE_IMPORT {
    the_call = call;
    int64_t harmless = fixture_number(call, "harmless", 0);
    fixture_text(call, "outside", "", outside, sizeof outside);
    fixture_text(call, "inside", "", inside, sizeof inside);
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(outside, '/') - outside), outside);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (harmless && !ways[i].is_harmless) continue;
        errno = 0;
        int result = ways[i].attempt();
        const char *name = result >= 0 ? "done" : strerrorname_np(errno);
        fixture_document(call, ways[i].name, "What came of it", name ? name : "?");
    }
    return INTEGRATION_OK;
}
