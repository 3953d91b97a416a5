/* SPDX-License-Identifier: MIT */

/*
 * Everything is read below one directory of /proc. That stays the directory of one process: if the
 * process ends, nothing can be read there any more, even if another process gets its number.
 *
 * The root directory of a sandbox may be on a file system that never answers, such as one of FUSE
 * whose server is stopped. So no file system is asked before its type is known: not for attributes
 * that have to be fetched, not for a name that the kernel does not know, not to open a file.
 */

#include "platform/process.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/utf8.h"
#include "common/util.h"
#include "platform/bus-client.h"

#define PROC_FILE_MAX    16384
#define MOUNTINFO_MAX    (1024 * 1024)
#define FLATPAK_INFO_MAX (64 * 1024)
#define USEC_PER_SEC     1000000

/* A lookup in the kernel's cache fails if anything is mounted or renamed meanwhile. */
#define LOOKUP_ATTEMPTS 16

#define BARE_PROXY "xdg-dbus-proxy"

/* The file systems of which a file is opened. What they have is on this machine, and in no hands of
 * another process. An overlay is none of them: a part of it may lie elsewhere. */
static const char *const local_file_systems[] = { "tmpfs", "ext2", "ext3",     "ext4", "xfs",
                                                  "btrfs", "f2fs", "bcachefs", "zfs" };

/* Returns 0, and puts a NUL behind what was read; or a negative errno, -EFBIG if that is too
 * much. */
static int process_read(int fd, char *buffer, size_t size) {
        size_t length = 0;
        ssize_t n;

        do {
                n = read(fd, buffer + length, size - 1 - length);
                if (n < 0)
                        return -errno;
                length += (size_t) n;
        } while (n > 0 && length < size - 1);
        if (n > 0)
                return -EFBIG;

        buffer[length] = '\0';
        return 0;
}

static int process_read_file(int directory, const char *name, char *buffer, size_t size) {
        _cleanup_fd_ int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);

        return fd < 0 ? -errno : process_read(fd, buffer, size);
}

static int process_read_link(int directory, const char *name, char *buffer, size_t size) {
        ssize_t n = readlinkat(directory, name, buffer, size);

        if (n < 0)
                return -errno;
        if ((size_t) n == size)
                return -ENAMETOOLONG;

        buffer[n] = '\0';
        return 0;
}

/* It is passed on in messages, which cannot carry everything that may be in a name. */
static int process_keep_text(char **p, const char *s) {
        return utf8_is_text(s, PATH_MAX) ? str_replace(p, s) : 0;
}

/* Whose directory it is */

/* Once a process has ended and its parent knows, it has no pid any more. */
static bool process_is_behind(int pidfd, pid_t pid) {
        char path[64], text[PROC_FILE_MAX], *found;

        (void) snprintf(path, sizeof(path), "/proc/self/fdinfo/%i", pidfd);
        if (process_read_file(AT_FDCWD, path, text, sizeof(text)) < 0)
                return false;

        found = strstr(text, "\nPid:");
        return found && strtol(found + strlen("\nPid:"), NULL, 10) == pid;
}

/* When the process started, in microseconds of CLOCK_BOOTTIME, rounded down to a hundredth of a
 * second; or UINT64_MAX if that is unknown. */
static uint64_t process_started_at(int process) {
        unsigned long ticks_per_sec = (unsigned long) sysconf(_SC_CLK_TCK);
        char text[PROC_FILE_MAX], *field;

        if (process_read_file(process, "stat", text, sizeof(text)) < 0)
                return UINT64_MAX;

        /* The second field is a name that may hold anything, the 22nd is the time. */
        field = strrchr(text, ')');
        for (unsigned i = 2; field && i < 22; i++)
                field = strchr(field + 1, ' ');
        return field ? strtoull(field, NULL, 10) * (USEC_PER_SEC / ticks_per_sec) : UINT64_MAX;
}

/* Returns the directory of the process that made the claim, or -EBADF. */
static int process_open(const ProcessClaim *claim) {
        _cleanup_fd_ int process = -EBADF;
        char path[64];

        if (claim->pid <= 0)
                return -EBADF;

        (void) snprintf(path, sizeof(path), "/proc/%i", (int) claim->pid);
        process = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (process < 0)
                return -EBADF;

        /* In this order: if the process behind the pidfd has the pid now, it had it before. */
        if (claim->pidfd >= 0 ? process_is_behind(claim->pidfd, claim->pid)
                              : process_started_at(process) <= claim->heard_at_usec &&
                                        bus_client_find(process, claim->bus_fd) > 0)
                return TAKE_FD(process);
        return -EBADF;
}

/* In which unit */

typedef struct ProcessGroup {
        char *unit;      /* NULL: none */
        bool is_of_snap; /* that unit, or what calls itself one of a Snap below it */
} ProcessGroup;

/* The path in the hierarchy of systemd, or NULL if the line is about another one. */
static char *process_group_path(char *line) {
        char *colon = strchr(line, ':');

        if (str_has_prefix(line, "0::/"))
                return line + strlen("0::");
        return colon && str_has_prefix(colon, ":name=systemd:/") ? colon + strlen(":name=systemd:")
                                                                 : NULL;
}

/* The first unit below the user's manager counts, since a container may name those below it. */
static void process_group_follow(ProcessGroup *g, char *path) {
        for (char *name; (name = strsep(&path, "/"));) {
                if (!str_has_suffix(name, ".service") && !str_has_suffix(name, ".scope"))
                        continue;
                if (str_has_prefix(name, "snap."))
                        g->is_of_snap = true;
                if (!g->unit && !str_has_prefix(name, "user@"))
                        g->unit = name;
        }
}

/* Returns 0, in which case the text is changed and belongs to *ret; or a negative errno. */
static int process_group_read(int process, char *text, size_t size, ProcessGroup *ret) {
        bool any = false;
        int r;

        r = process_read_file(process, "cgroup", text, size);
        if (r < 0)
                return r;

        *ret = (ProcessGroup){};
        for (char *line; (line = strsep(&text, "\n"));) {
                char *path = process_group_path(line);

                any = any || path;
                process_group_follow(ret, path);
        }
        return any ? 0 : -ENODATA;
}

/* snap.NAME.APP.service, snap.NAME.APP-ID.scope; of a component snap.NAME+COMPONENT… */
static int process_keep_snap(ProcessInfo *p) {
        const char *name = p->unit + strlen("snap.");
        size_t n;

        if (!str_has_prefix(p->unit, "snap."))
                return 0;

        n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_");
        return n > 0 ? str_format(&p->app, "snap.%.*s", (int) n, name) : 0;
}

/* /.flatpak-info */

/* Whether the type of the file system on which the open file lies is one of the local ones. */
static bool process_is_on_local(int process, uint64_t mount) {
        int fd = openat(process, "mountinfo", O_RDONLY | O_CLOEXEC);
        FILE *file = fd >= 0 ? fdopen(fd, "re") : NULL;
        _cleanup_free_ char *line = NULL;
        size_t size = 0, sum = 0;
        char *type = NULL;
        ssize_t n;

        if (!file) {
                (void) fd_close(fd);
                return false;
        }

        while (!type && sum < MOUNTINFO_MAX && (n = getline(&line, &size, file)) > 0) {
                sum += (size_t) n;
                if (strtoull(line, NULL, 10) == mount)
                        type = strstr(line, " - ");
        }
        (void) fclose(file);
        if (!type)
                return false;

        type += strlen(" - ");
        type[strcspn(type, " ")] = '\0';
        for (size_t i = 0; i < ELEMENTSOF(local_file_systems); i++)
                if (streq(type, local_file_systems[i]))
                        return true;
        return false;
}

/* Finds a file without asking its file system; nothing can be read from the descriptor. */
static int process_find_cached(int root, const char *name) {
        const struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
                                      .resolve = RESOLVE_CACHED };
        long r = -1;

        errno = EAGAIN;
        for (unsigned i = 0; i < LOOKUP_ATTEMPTS && r < 0 && errno == EAGAIN; i++)
                r = syscall(SYS_openat2, root, name, &how, sizeof(how));
        return r < 0 ? -errno : (int) r;
}

/* Returns a descriptor of the process's /.flatpak-info, or a negative errno. */
static int process_open_flatpak_info(int process) {
        _cleanup_fd_ int root = -EBADF, found = -EBADF;
        struct statx s;
        char path[64];
        int fd;

        root = openat(process, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root < 0)
                return -errno;
        found = process_find_cached(root, ".flatpak-info");
        if (found < 0)
                return found;
        if (statx(found, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_MNT_ID, &s) < 0)
                return -errno;
        if (!S_ISREG(s.stx_mode) ||
            (s.stx_mask & (STATX_TYPE | STATX_MNT_ID)) != (STATX_TYPE | STATX_MNT_ID))
                return -EINVAL;
        if (!process_is_on_local(process, s.stx_mnt_id))
                return -EREMOTE;

        /* If another process has a lease on it, a plain open would wait. */
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%i", found);
        fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* Flatpak wants two dots in it. It must not be taken for another kind of name. */
static bool process_is_flatpak_id(const char *id) {
        const char *dot = id ? strchr(id, '.') : NULL;

        return dot && strchr(dot + 1, '.') && g_application_id_is_valid(id) &&
               !str_has_prefix(id, "snap.") && !str_has_suffix(id, ".service");
}

static int process_keep_flatpak(ProcessInfo *p, int process) {
        g_autoptr(GKeyFile) file = g_key_file_new();
        _cleanup_fd_ int fd = process_open_flatpak_info(process);
        _cleanup_free_ char *text = NULL;
        g_autofree char *id = NULL;

        if (fd < 0)
                return 0;

        text = malloc(FLATPAK_INFO_MAX);
        if (!text)
                return -ENOMEM;
        if (process_read(fd, text, FLATPAK_INFO_MAX) < 0 ||
            !g_key_file_load_from_data(file, text, strlen(text), G_KEY_FILE_NONE, NULL))
                return 0;

        id = g_key_file_get_string(file, "Application", "name", NULL);
        return process_is_flatpak_id(id) ? str_replace(&p->app, id) : 0;
}

/* Where it lives */

/* Whether what the name leads to is the same for the process and for us. Returns 0, 1, or a
 * negative errno. */
static int process_shares(int process, const char *name) {
        _cleanup_fd_ int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
        const int flags = AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT;
        struct statx ours, its;

        if (self < 0)
                return -errno;
        if (statx(self, name, flags, STATX_INO, &ours) < 0 ||
            statx(process, name, flags, STATX_INO, &its) < 0)
                return -errno;
        if (!(ours.stx_mask & its.stx_mask & STATX_INO))
                return -ENODATA;

        return ours.stx_ino == its.stx_ino && ours.stx_dev_major == its.stx_dev_major &&
               ours.stx_dev_minor == its.stx_dev_minor;
}

static bool process_is_bare_proxy(const char *executable) {
        const char *slash = strrchr(executable, '/');
        char name[64];

        /* After an upgrade the old one still runs. */
        (void) snprintf(name, sizeof(name), "%s", slash ? slash + 1 : executable);
        if (str_has_suffix(name, " (deleted)"))
                name[strlen(name) - strlen(" (deleted)")] = '\0';
        return streq(name, BARE_PROXY) || streq(name, "flatpak-dbus-proxy");
}

static int process_keep_container(ProcessInfo *p, int process, bool has_own_root) {
        int r = has_own_root ? process_keep_flatpak(p, process) : 0;

        if (r == 0 && !p->app && p->unit && str_has_suffix(p->unit, ".service"))
                r = str_replace(&p->app, p->unit);
        return r;
}

/* A sandbox that hides no more than other processes, as Firejail may, leaves the root directory as
 * it is. Namespaces of mounts and of networks have other uses, too. */
static int process_judge(ProcessInfo *p, int process, bool is_of_snap, bool is_complete) {
        int root = process_shares(process, "root"), users = process_shares(process, "ns/user"),
            processes = process_shares(process, "ns/pid");

        /* What a Snap has in its root directory does not matter: the group is not its to choose. */
        if (is_of_snap)
                return p->unit ? process_keep_snap(p) : 0;
        if (root < 0 || users < 0 || processes < 0)
                return 0;
        if (root == 0 || users == 0 || processes == 0)
                return process_keep_container(p, process, root == 0);
        if (!is_complete)
                return 0;
        if (process_is_bare_proxy(p->executable))
                return str_replace(&p->app, BARE_PROXY);

        p->is_host = true;
        return 0;
}

static int process_describe(ProcessInfo *p, int process, uid_t uid) {
        char text[PROC_FILE_MAX], executable[PATH_MAX];
        bool has_group, has_executable;
        ProcessGroup group = {};
        int r = 0;

        has_group = process_group_read(process, text, sizeof(text), &group) == 0;
        has_executable = process_read_link(process, "exe", executable, sizeof(executable)) == 0;
        if (group.unit)
                r = process_keep_text(&p->unit, group.unit);
        if (r == 0 && has_executable)
                r = process_keep_text(&p->executable, executable);
        if (r < 0 || uid != getuid())
                return r;

        return process_judge(p, process, group.is_of_snap, has_group && p->executable);
}

int process_info_read(const ProcessClaim *claim, ProcessInfo *ret) {
        _cleanup_(process_info_done) ProcessInfo p = { .pid = MAX_OF(claim->pid, 0) };
        _cleanup_fd_ int process = process_open(claim);
        int r;

        r = process >= 0 ? process_describe(&p, process, claim->uid) : 0;
        if (r < 0)
                return r;

        /* Root can do anything anyway. */
        if (claim->uid == 0 && getuid() != 0)
                p.is_host = true;
        *ret = p;
        p = (ProcessInfo){};
        return 0;
}

void process_info_done(ProcessInfo *p) {
        free(p->app);
        free(p->unit);
        free(p->executable);
        *p = (ProcessInfo){};
}
