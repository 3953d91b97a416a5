/* SPDX-License-Identifier: MIT */

/*
 * A program of the same user that wants to know what is in another one:
 *
 *     watcher now PID WAY...               tries once
 *     watcher start PROGRAM COUNT WAY...   starts it so often, and tries as soon as it runs
 *     watcher wait NAME WAY...             tries with each that somebody starts, until the end of
 *                                          the standard input
 *     watcher crash PROGRAM COUNT          starts it so often, and lets it crash as soon as it runs
 *
 * Prints how many processes there were, and then with how many of them each way went, or how many
 * left a core file.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define VICTIMS_MAX 4096
#define WAYS_MAX    16

/* Between two looks whether there is still a race. */
#define TRIES 20

typedef bool (*Way)(pid_t pid);

/* One process, and which ways lead into it. */
typedef struct Victim {
        pid_t pid;
        bool open[WAYS_MAX];
} Victim;

static Way ways[WAYS_MAX];
static unsigned n_ways;

static int open_of(pid_t pid, const char *name) {
        char path[64];

        (void) snprintf(path, sizeof(path), "/proc/%d/%s", (int) pid, name);
        return open(path, O_RDONLY | O_CLOEXEC);
}

static bool read_of(pid_t pid, const char *name, char *ret, size_t size) {
        int fd = open_of(pid, name);
        ssize_t n = fd >= 0 ? read(fd, ret, size - 1) : -1;

        if (fd >= 0)
                (void) close(fd);
        ret[n > 0 ? n : 0] = '\0';
        return n > 0;
}

/* Everybody may know that; it has none before it runs and after it has ended. */
static bool has_memory(pid_t pid) {
        char size[64];

        return read_of(pid, "statm", size, sizeof(size)) && strtoul(size, NULL, 10) > 0;
}

/* The kernel changes the name when it has become the program. */
static bool is_called(pid_t pid, const char *name) {
        char comm[32];

        if (!read_of(pid, "comm", comm, sizeof(comm)))
                return false;
        comm[strcspn(comm, "\n")] = '\0';
        return strcmp(comm, name) == 0;
}

/* What was opened can be read later on, whatever the program forbids then. */
static bool way_mem(pid_t pid) {
        int fd = open_of(pid, "mem");

        if (fd >= 0)
                (void) close(fd);
        return fd >= 0;
}

static bool way_maps(pid_t pid) {
        char text[4096];

        return read_of(pid, "maps", text, sizeof(text));
}

static bool way_environ(pid_t pid) {
        char text[4096];

        return read_of(pid, "environ", text, sizeof(text));
}

static bool way_root(pid_t pid) {
        char path[64], target[256];

        (void) snprintf(path, sizeof(path), "/proc/%d/root", (int) pid);
        return readlink(path, target, sizeof(target)) > 0;
}

static bool way_fd(pid_t pid) {
        char path[64], target[256];

        (void) snprintf(path, sizeof(path), "/proc/%d/fd/1", (int) pid);
        return readlink(path, target, sizeof(target)) > 0;
}

/* It may have been stopped by more than us. */
static bool let_go(pid_t pid) {
        (void) waitpid(pid, NULL, __WALL);
        (void) ptrace(PTRACE_DETACH, pid, NULL, NULL);
        (void) kill(pid, SIGCONT);
        return true;
}

static bool way_attach(pid_t pid) {
        return ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0 && let_go(pid);
}

static bool way_seize(pid_t pid) {
        return ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0 &&
               ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) == 0 && let_go(pid);
}

/* Whoever is told that there is nothing was allowed to look. */
static bool way_readv(pid_t pid) {
        char byte;
        struct iovec here = { &byte, 1 }, there = { (void *) 4096, 1 };

        return process_vm_readv(pid, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT;
}

static bool way_getfd(pid_t pid) {
        int process = (int) syscall(SYS_pidfd_open, pid, 0);
        int fd = process >= 0 ? (int) syscall(SYS_pidfd_getfd, process, 1, 0) : -1;

        if (process >= 0)
                (void) close(process);
        if (fd >= 0)
                (void) close(fd);
        return fd >= 0;
}

static Way find_way(const char *name) {
        static const struct {
                const char *name;
                Way way;
        } known[] = {
                { "mem", way_mem },     { "maps", way_maps },   { "environ", way_environ },
                { "root", way_root },   { "fd", way_fd },       { "attach", way_attach },
                { "seize", way_seize }, { "readv", way_readv }, { "getfd", way_getfd },
        };

        for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
                if (strcmp(name, known[i].name) == 0)
                        return known[i].way;
        fprintf(stderr, "watcher: knows no such way\n");
        exit(2);
}

/* What is not open yet. */
static void try_all(Victim *v) {
        for (unsigned i = 0; i < n_ways; i++)
                v->open[i] = v->open[i] || (ways[i](v->pid) && has_memory(v->pid));
}

static void report(const Victim *victims, unsigned n) {
        printf("%u", n);
        for (unsigned i = 0; i < n_ways; i++) {
                unsigned sum = 0;

                for (unsigned j = 0; j < n; j++)
                        sum += victims[j].open[i];
                printf(" %u", sum);
        }
        printf("\n");
}

static bool has_ended(pid_t pid) {
        siginfo_t end = {};

        return waitid(P_PID, (id_t) pid, &end, WEXITED | WNOHANG | WNOWAIT) < 0 || end.si_pid != 0;
}

static pid_t start(const char *program) {
        const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
        pid_t pid = fork();
        int null;

        if (pid != 0)
                return pid;

        null = open("/dev/null", O_RDWR);
        for (int fd = 0; fd < 3; fd++)
                (void) dup2(null, fd);
        (void) setrlimit(RLIMIT_CORE, &unlimited);
        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void) execl(program, program, (char *) NULL);
        _exit(127);
}

/* The daemon blocks SIGTERM when it has forbidden what it can; from then on there is no race. */
static bool is_past_race(pid_t pid) {
        char status[4096];
        const char *blocked;

        if (has_ended(pid) || !read_of(pid, "status", status, sizeof(status)))
                return true;
        blocked = strstr(status, "\nSigBlk:");
        return blocked && (strtoul(blocked + strlen("\nSigBlk:"), NULL, 16) >> (SIGTERM - 1) & 1);
}

static void try_start(const char *program, const char *name, Victim *ret) {
        *ret = (Victim){ .pid = start(program) };
        for (unsigned i = 1; i % TRIES != 0 || !is_past_race(ret->pid); i++)
                if (is_called(ret->pid, name))
                        try_all(ret);

        (void) kill(ret->pid, SIGKILL);
        (void) waitpid(ret->pid, NULL, 0);
}

static const char *name_of(const char *program) {
        const char *slash = strrchr(program, '/');

        return slash ? slash + 1 : program;
}

static void try_starts(const char *program, unsigned count, Victim *victims) {
        for (unsigned i = 0; i < count; i++)
                try_start(program, name_of(program), &victims[i]);
        report(victims, count);
}

static bool leaves_core(const char *program) {
        pid_t pid = start(program);
        int status = 0;

        while (!is_called(pid, name_of(program)) && !has_ended(pid))
                ;
        (void) kill(pid, SIGSEGV);
        (void) waitpid(pid, &status, 0);
        return WCOREDUMP(status);
}

static void crash(const char *program, unsigned count) {
        unsigned cores = 0;

        for (unsigned i = 0; i < count; i++)
                cores += leaves_core(program);
        printf("%u %u\n", count, cores);
}

static Victim *find_victim(Victim *victims, unsigned *n, pid_t pid) {
        for (unsigned i = *n; i > 0; i--)
                if (victims[i - 1].pid == pid)
                        return &victims[i - 1];
        if (*n == VICTIMS_MAX)
                return NULL;
        victims[*n] = (Victim){ .pid = pid };
        return &victims[(*n)++];
}

static void try_those_there(const char *name, Victim *victims, unsigned *n) {
        DIR *proc = opendir("/proc");
        struct dirent *entry;

        while (proc && (entry = readdir(proc))) {
                pid_t pid = atoi(entry->d_name);
                Victim *v;

                if (pid > 0 && is_called(pid, name) && (v = find_victim(victims, n, pid)))
                        try_all(v);
        }
        if (proc)
                (void) closedir(proc);
}

static void try_others(const char *name, Victim *victims) {
        struct pollfd input = { .fd = 0, .events = POLLIN };
        unsigned n = 0;

        while (poll(&input, 1, 0) == 0)
                try_those_there(name, victims, &n);
        report(victims, n);
}

int main(int argc, char *argv[]) {
        static Victim victims[VICTIMS_MAX];
        const char *verb = argc > 3 ? argv[1] : "";
        bool starts = strcmp(verb, "start") == 0;

        for (int i = starts ? 4 : 3; i < argc && strcmp(verb, "crash") != 0; i++)
                ways[n_ways++ % WAYS_MAX] = find_way(argv[i]);

        if (starts)
                try_starts(argv[2], (unsigned) atoi(argv[3]) % VICTIMS_MAX, victims);
        else if (strcmp(verb, "crash") == 0)
                crash(argv[2], (unsigned) atoi(argv[3]));
        else if (strcmp(verb, "wait") == 0)
                try_others(argv[2], victims);
        else if (strcmp(verb, "now") == 0) {
                victims[0].pid = atoi(argv[2]);
                try_all(victims);
                report(victims, 1);
        } else
                return 2;
        return 0;
}
