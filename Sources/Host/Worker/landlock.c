/* landlock.c -- which files a plugin may reach (Landlock, Linux 5.13 and later). */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "containment.h"
#include "frame.h"

/* The kernel that runs this may be newer than the header that it was built with. */
#define ACCESS_REFER       (1ull << 13) /* ABI 2 */
#define ACCESS_TRUNCATE    (1ull << 14) /* ABI 3 */
#define ACCESS_IOCTL       (1ull << 15) /* ABI 5 */
#define NETWORK_BIND       (1ull << 0)  /* ABI 4 */
#define SCOPE_ABSTRACT     (1ull << 0)  /* ABI 6 */
#define SCOPE_SIGNAL       (1ull << 1)

struct ruleset {
    uint64_t files, network, scopes;
};

#define READ_FILE  LANDLOCK_ACCESS_FS_READ_FILE
#define READ       (READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_FILE (LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE)
/* Neither devices nor execution. */
#define OWN                                                                                       \
    (READ | WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |         \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |   \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM | ACCESS_REFER)
/* What means something for a file that is no folder. */
#define OF_FILES (LANDLOCK_ACCESS_FS_EXECUTE | READ_FILE | WRITE_FILE | ACCESS_IOCTL)

/*
 * What libraries expect to find: code, names of hosts and services, certificates, time zones,
 * what the machine is like.  No home, no /var, no password hashes.
 */
static const char *const SYSTEM[] = {
    "/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin",
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d",
    "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/gai.conf", "/etc/nsswitch.conf",
    "/etc/services", "/etc/protocols", "/etc/networks", "/etc/passwd", "/etc/group",
    "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/ssl/cert.pem", "/etc/pki/tls/certs",
    "/etc/pki/ca-trust/extracted", "/etc/ca-certificates", "/etc/ca-certificates.conf",
    "/etc/crypto-policies", "/etc/gnutls", "/etc/localtime", "/etc/timezone", "/etc/locale.alias",
    "/etc/mime.types", "/etc/os-release", "/etc/alternatives",
    /* All of it: libdispatch asks for its threads by /proc/<id>, as if they were processes.  What
     * tells of another process's inside is closed to whoever may not trace it. */
    "/proc", "/sys/devices/system/cpu", "/sys/devices/system/node", "/sys/fs/cgroup",
    "/sys/kernel/mm/transparent_hugepage",
};
static const char *const DEVICES[] = {"/dev/null", "/dev/random", "/dev/urandom"};

/* What the ABI of this kernel knows. */
static struct ruleset known_to(int abi) {
    struct ruleset rules = {LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                                LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                                (OWN & ~(ACCESS_REFER | ACCESS_TRUNCATE)),
                            0, 0};
    if (abi >= 2) rules.files |= ACCESS_REFER;
    if (abi >= 3) rules.files |= ACCESS_TRUNCATE;
    if (abi >= 4) rules.network |= NETWORK_BIND;
    if (abi >= 5) rules.files |= ACCESS_IOCTL;
    if (abi >= 6) rules.scopes |= SCOPE_ABSTRACT | SCOPE_SIGNAL;
    return rules;
}

/* What is not there needs no rule. */
static bool grant(int ruleset, const struct ruleset *known, const char *path, uint64_t access) {
    if (!*path) return true;
    int file = open(path, O_PATH | O_CLOEXEC);
    if (file < 0) return true;
    struct stat status;
    bool is_granted = fstat(file, &status) == 0;
    if (is_granted) {
        if (!S_ISDIR(status.st_mode)) access &= OF_FILES;
        struct landlock_path_beneath_attr rule = {access & known->files, file};
        is_granted = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule,
                             0) == 0;
    }
    int problem = errno;
    close(file);
    errno = problem;
    return is_granted;
}

static bool grant_all(int ruleset, const struct ruleset *known, const struct reachable_files *files) {
    for (size_t i = 0; i < sizeof SYSTEM / sizeof *SYSTEM; i++)
        if (!grant(ruleset, known, SYSTEM[i], READ)) return false;
    for (size_t i = 0; i < sizeof DEVICES / sizeof *DEVICES; i++)
        if (!grant(ruleset, known, DEVICES[i], READ | WRITE_FILE)) return false;
    for (size_t i = 0; i < files->readable_count; i++)
        if (!grant(ruleset, known, files->readable[i], READ)) return false;
    return grant(ruleset, known, files->plugin, READ_FILE) &&
           grant(ruleset, known, files->data_folder, OWN) &&
           grant(ruleset, known, files->temporary_folder, OWN);
}

int64_t contain_files(const struct reachable_files *files) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1) return 0; /* an old kernel, or one that was started without it */
    struct ruleset known = known_to((int)abi);
    /* The struct has grown with the ABI; a kernel takes what it knows. */
    size_t size = abi >= 6 ? sizeof known : abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &known, size, 0);
    if (ruleset < 0) return -1;
    bool is_confined = grant_all(ruleset, &known, files) &&
                       syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    int problem = errno;
    close(ruleset);
    errno = problem;
    if (!is_confined) return -1;
    return FRAME_CONTAINMENT_FILES | (known.network ? FRAME_CONTAINMENT_PORTS : 0) |
           (known.scopes ? FRAME_CONTAINMENT_SIGNALS : 0);
}
