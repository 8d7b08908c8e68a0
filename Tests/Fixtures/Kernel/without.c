/*
 * Runs a program on a kernel that answers some system calls with an error:
 *
 *     without ERROR CALL… -- PROGRAM ARGUMENT…
 *
 * ERROR is a number, a CALL is `landlock` (no such thing), `restrict` (no confinement by it), or `seccomp`.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int number_of(const char *name) {
    if (!strcmp(name, "landlock")) return SYS_landlock_create_ruleset;
    if (!strcmp(name, "restrict")) return SYS_landlock_restrict_self;
    if (!strcmp(name, "seccomp")) return SYS_seccomp;
    fprintf(stderr, "no call %s\n", name);
    exit(2);
}

int main(int count, char **arguments) {
    struct sock_filter filter[64] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
    unsigned short length = 1;
    int at = 2;
    for (; at < count && strcmp(arguments[at], "--") != 0 && length < 60; at++) {
        filter[length++] = (struct sock_filter)BPF_JUMP(
            BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number_of(arguments[at]), 0, 1);
        filter[length++] = (struct sock_filter)BPF_STMT(
            BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)atoi(arguments[1]));
    }
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {length, filter};
    if (at + 1 >= count || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
        perror("without");
        return 2;
    }
    execv(arguments[at + 1], arguments + at + 1);
    perror(arguments[at + 1]);
    return 2;
}
