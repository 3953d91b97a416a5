/* SPDX-License-Identifier: MIT */

/*
 * A program of the same user that wants to know what is in another one:
 *
 *     watcher now WAY PID                 tries once
 *     watcher start WAY COUNT PROGRAM     starts it so often, and tries as soon as it runs
 *     watcher wait WAY NAME               tries with each that somebody starts, until the end of
 *                                         the standard input
 *
 * Prints with how many it was successful, and of how many.
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
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEEN_MAX 4096

/* Between two looks whether there is still a race. */
#define TRIES 20

typedef bool (*Way)(pid_t pid);

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

static bool way_attach(pid_t pid) {
        if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) < 0)
                return false;

        (void) waitpid(pid, NULL, __WALL);
        (void) ptrace(PTRACE_DETACH, pid, NULL, NULL);
        return true;
}

static bool way_seize(pid_t pid) {
        if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
                return false;

        (void) ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
        (void) waitpid(pid, NULL, __WALL);
        (void) ptrace(PTRACE_DETACH, pid, NULL, NULL);
        return true;
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

/* Of our own child. */
static bool way_core(pid_t pid) {
        siginfo_t end;

        (void) kill(pid, SIGSEGV);
        return waitid(P_PID, (id_t) pid, &end, WEXITED | WNOWAIT) == 0 && end.si_code == CLD_DUMPED;
}

static Way find_way(const char *name) {
        static const struct {
                const char *name;
                Way way;
        } ways[] = {
                { "mem", way_mem },     { "maps", way_maps },   { "environ", way_environ },
                { "root", way_root },   { "fd", way_fd },       { "attach", way_attach },
                { "seize", way_seize }, { "readv", way_readv }, { "getfd", way_getfd },
                { "core", way_core },
        };

        for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
                if (strcmp(name, ways[i].name) == 0)
                        return ways[i].way;
        fprintf(stderr, "watcher: knows no such way\n");
        exit(2);
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

static bool try_start(Way way, const char *program, const char *name) {
        pid_t pid = start(program);
        bool through = false;

        for (unsigned i = 1; !through && (i % TRIES != 0 || !is_past_race(pid)); i++)
                through = is_called(pid, name) && way(pid) && (way == way_core || has_memory(pid));

        (void) kill(pid, SIGKILL);
        (void) waitpid(pid, NULL, 0);
        return through;
}

static void report(unsigned through, unsigned all) {
        printf("%u %u\n", through, all);
}

static void try_starts(Way way, unsigned count, const char *program) {
        const char *slash = strrchr(program, '/');
        unsigned through = 0;

        for (unsigned i = 0; i < count; i++)
                through += try_start(way, program, slash ? slash + 1 : program);
        report(through, count);
}

typedef struct Seen {
        pid_t pid;
        bool through;
} Seen;

static Seen *find_seen(Seen *seen, unsigned *n, pid_t pid) {
        for (unsigned i = *n; i > 0; i--)
                if (seen[i - 1].pid == pid)
                        return &seen[i - 1];
        if (*n == SEEN_MAX)
                return NULL;
        seen[*n] = (Seen){ .pid = pid };
        return &seen[(*n)++];
}

static void try_those_there(Way way, const char *name, Seen *seen, unsigned *n) {
        DIR *proc = opendir("/proc");
        struct dirent *entry;

        while (proc && (entry = readdir(proc))) {
                pid_t pid = atoi(entry->d_name);
                Seen *s;

                if (pid <= 0 || !is_called(pid, name) || !(s = find_seen(seen, n, pid)))
                        continue;
                s->through = s->through || (way(pid) && has_memory(pid));
        }
        if (proc)
                (void) closedir(proc);
}

static void try_others(Way way, const char *name) {
        struct pollfd input = { .fd = 0, .events = POLLIN };
        static Seen seen[SEEN_MAX];
        unsigned n = 0, through = 0;

        while (poll(&input, 1, 0) == 0)
                try_those_there(way, name, seen, &n);
        for (unsigned i = 0; i < n; i++)
                through += seen[i].through;
        report(through, n);
}

int main(int argc, char *argv[]) {
        Way way = argc >= 4 ? find_way(argv[2]) : NULL;

        if (argc == 4 && strcmp(argv[1], "now") == 0)
                report(way(atoi(argv[3])), 1);
        else if (argc == 5 && strcmp(argv[1], "start") == 0)
                try_starts(way, (unsigned) atoi(argv[3]), argv[4]);
        else if (argc == 4 && strcmp(argv[1], "wait") == 0)
                try_others(way, argv[3]);
        else
                return 2;
        return 0;
}
