/* SPDX-License-Identifier: MIT */

/*
 * Tries one thing that a unit may forbid, and ends with the errno of what came of it, which is 0 if
 * it worked. So a call that an ordinary user may not make in any case is still told apart from one
 * that the unit forbids. Things have the names of the lines of a unit, or of system calls.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NO_SUCH_PID 0x7ffffff0

typedef struct Thing {
        const char *name;
        int (*fn)(void); /* returns 0 or an errno */
} Thing;

static int result(long r) {
        return r < 0 ? errno : 0;
}

/* Whoever knows where their files are can make one there. */
static int open_file(char path[static 64]) {
        (void) snprintf(path, 64, "forbidden-%d", (int) getpid());
        return open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0666);
}

/* su(1) is root's as soon as it runs, and ends at once since it has nobody to ask. What has ended
 * still tells whose it was. */
static int become_root(void) {
        char *argv[] = { (char[]){ "su" }, NULL }, *environment[] = { NULL }, path[64], line[256];
        posix_spawn_file_actions_t actions;
        int euid = -1, r;
        siginfo_t end;
        FILE *status;
        pid_t pid;

        (void) posix_spawn_file_actions_init(&actions);
        for (int fd = 0; fd < 3; fd++)
                (void) posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
        r = posix_spawn(&pid, "/bin/su", &actions, NULL, argv, environment);
        if (r != 0 || waitid(P_PID, (id_t) pid, &end, WEXITED | WNOWAIT) < 0)
                return r ?: errno;

        (void) snprintf(path, sizeof(path), "/proc/%d/status", (int) pid);
        status = fopen(path, "re");
        while (status && fgets(line, sizeof(line), status))
                (void) sscanf(line, "Uid: %*d %d", &euid);
        return euid == 0 ? 0 : EPERM;
}

static int raise_core_limit(void) {
        return result(setrlimit(RLIMIT_CORE, &(struct rlimit){ 1, 1 }));
}

static int make_file_for_all(void) {
        struct stat st = {};
        char path[64];
        int fd = open_file(path);

        if (fd < 0 || fstat(fd, &st) < 0)
                return errno;
        (void) unlink(path);
        return (st.st_mode & 077) != 0 ? 0 : EACCES;
}

static int make_setuid_file(void) {
        char path[64];
        int fd = open_file(path), r;

        if (fd < 0)
                return errno;
        r = result(fchmod(fd, 04755));
        (void) unlink(path);
        return r;
}

static int chown_file(void) {
        char path[64];
        int fd = open_file(path), r;

        if (fd < 0)
                return errno;
        r = result(fchown(fd, (uid_t) -1, getgid()));
        (void) unlink(path);
        return r;
}

static int change_personality(void) {
        return result(personality(PER_LINUX32));
}

static int map_writable_code(void) {
        void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
                       -1, 0);

        return p == MAP_FAILED ? errno : 0;
}

/* An ordinary user may not have it; so somebody who is not there is to have it. */
static int schedule_as_realtime(void) {
        return result(sched_setscheduler(NO_SUCH_PID, SCHED_FIFO,
                                         &(struct sched_param){ .sched_priority = 1 }));
}

static int make_namespace(void) {
        return result(unshare(CLONE_NEWUSER));
}

static int open_packet_socket(void) {
        return result(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

/* 20 is getpid() there. Ends by SIGSYS if it is forbidden. */
static int call_as_32_bit(void) {
#ifdef __x86_64__
        long r = 20;

        __asm__ volatile("int $0x80" : "+a"(r) : : "memory", "r8", "r9", "r10", "r11");
        return r > 0 ? 0 : (int) -r;
#else
        return ENOSYS;
#endif
}

static int read_key_file_variable(void) {
        return getenv("SSLKEYLOGFILE") ? 0 : EACCES;
}

static int be_traced(void) {
        return result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int use_kernel_keyring(void) {
        return result(syscall(SYS_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, -4 /* of the user */, 1));
}

/* The test has put a key into the keyring of the session, which is handed down. */
static int find_key_of_session(void) {
        return result(syscall(SYS_keyctl, 10 /* KEYCTL_SEARCH */, -3 /* of the session */, "user",
                              "yadisk-canary", 0));
}

static int set_ids(void) {
        return result(setresuid((uid_t) -1, (uid_t) -1, (uid_t) -1));
}

static int set_priority(void) {
        return result(setpriority(PRIO_PROCESS, 0, 19));
}

static int read_memory_of_others(void) {
        return result(syscall(SYS_process_vm_readv, NO_SUCH_PID, NULL, 0, NULL, 0, 0));
}

static int take_descriptor_of_others(void) {
        return result(syscall(SYS_pidfd_getfd, -1, 0, 0));
}

static int set_up_ring(void) {
        return result(syscall(SYS_io_uring_setup, 0, NULL));
}

static int set_up_aio(void) {
        unsigned long context = 0;

        return result(syscall(SYS_io_setup, 1, &context));
}

static int share_memory(void) {
        return result(syscall(SYS_shmget, 0 /* IPC_PRIVATE */, (size_t) -1, 0));
}

static int open_message_queue(void) {
        char name[64];
        int r;

        (void) snprintf(name, sizeof(name), "forbidden-%d", (int) getpid());
        r = result(syscall(SYS_mq_open, name, O_CREAT | O_EXCL, 0600, NULL));
        (void) syscall(SYS_mq_unlink, name);
        return r;
}

static int handle_page_faults(void) {
        return result(syscall(SYS_userfaultfd, -1));
}

static int compare_processes(void) {
        return result(syscall(SYS_kcmp, NO_SUCH_PID, NO_SUCH_PID, 0, 0, 0));
}

static int mount_something(void) {
        return result(syscall(SYS_mount, NULL, NULL, NULL, 0, NULL));
}

/* What the daemon and the token endpoint do to learn who calls. */
static int look_at_caller(void) {
        static const char *const links[] = { "root", "exe", "ns/user", "ns/mnt" };
        char path[64], target[4096];
        struct statx sx;

        for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
                (void) snprintf(path, sizeof(path), "/proc/%d/%s", (int) getppid(), links[i]);
                if (readlink(path, target, sizeof(target)) < 0 ||
                    statx(AT_FDCWD, path, 0, STATX_BASIC_STATS | STATX_MNT_ID, &sx) < 0)
                        return errno;
        }
        return 0;
}

/* Without waiting for a file system that is the caller's own. */
static int look_into_root_of_caller(void) {
        const struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                                      .resolve = RESOLVE_CACHED };
        char path[64];
        int root;

        (void) snprintf(path, sizeof(path), "/proc/%d/root", (int) getppid());
        root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return root < 0 ? errno : result(syscall(SYS_openat2, root, ".", &how, sizeof(how)));
}

static int hold_caller(void) {
        int fd = (int) syscall(SYS_pidfd_open, getppid(), 0);

        return fd < 0 ? errno : result(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
}

static int ask_whose_socket(void) {
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
        struct {
                struct nlmsghdr header;
                struct inet_diag_req_v2 body;
        } request = {
                .header = { .nlmsg_len = sizeof(request),
                            .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                            .nlmsg_flags = NLM_F_REQUEST },
                .body = { .sdiag_family = AF_INET, .sdiag_protocol = IPPROTO_TCP },
        };
        char answer[8192];

        if (fd < 0 || send(fd, &request, sizeof(request), 0) < 0)
                return errno;
        return result(recv(fd, answer, sizeof(answer), 0));
}

static const Thing things[] = {
        { "NoNewPrivileges", become_root },
        { "LimitCORE", raise_core_limit },
        { "UMask", make_file_for_all },
        { "UnsetEnvironment", read_key_file_variable },
        { "KeyringMode", find_key_of_session },
        { "LockPersonality", change_personality },
        { "MemoryDenyWriteExecute", map_writable_code },
        { "RestrictRealtime", schedule_as_realtime },
        { "RestrictSUIDSGID", make_setuid_file },
        { "RestrictNamespaces", make_namespace },
        { "RestrictAddressFamilies", open_packet_socket },
        { "SystemCallArchitectures", call_as_32_bit },
        { "ptrace", be_traced },
        { "keyctl", use_kernel_keyring },
        { "setresuid", set_ids },
        { "setpriority", set_priority },
        { "process_vm_readv", read_memory_of_others },
        { "pidfd_getfd", take_descriptor_of_others },
        { "io_uring_setup", set_up_ring },
        { "io_setup", set_up_aio },
        { "shmget", share_memory },
        { "mq_open", open_message_queue },
        { "userfaultfd", handle_page_faults },
        { "kcmp", compare_processes },
        { "fchown", chown_file },
        { "mount", mount_something },
        { "look_at_caller", look_at_caller },
        { "look_into_root_of_caller", look_into_root_of_caller },
        { "hold_caller", hold_caller },
        { "ask_whose_socket", ask_whose_socket },
};

int main(int argc, char *argv[]) {
        for (size_t i = 0; i < sizeof(things) / sizeof(*things); i++)
                if (argc == 2 && strcmp(argv[1], things[i].name) == 0)
                        return things[i].fn();
        return 255;
}
