/* SPDX-License-Identifier: MIT */

#include "feed/socket-owner.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/inet_diag.h>
#include <sys/stat.h>

#include "common/sock-diag.h"

#define LINK_MAX_BYTES 64 /* more than "socket:[4294967295]" */

static int socket_owner_ask(const struct sockaddr_in *bound, const struct sockaddr_in *connected,
                            struct inet_diag_msg *ret) {
        const struct inet_diag_req_v2 question = {
                .sdiag_family = AF_INET,
                .sdiag_protocol = IPPROTO_TCP,
                .idiag_states = UINT32_MAX,
                .id = { .idiag_sport = bound->sin_port,
                        .idiag_dport = connected->sin_port,
                        .idiag_src = { bound->sin_addr.s_addr },
                        .idiag_dst = { connected->sin_addr.s_addr },
                        .idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE } },
        };
        _cleanup_fd_ int fd = sock_diag_open();
        SockDiagAnswer answer;
        int r;

        if (fd < 0)
                return fd;
        r = sock_diag_ask(fd, &question, sizeof(question), sizeof(*ret), &answer);
        if (r < 0)
                return r;

        memcpy(ret, NLMSG_DATA(&answer.header), sizeof(*ret));
        return 0;
}

/* A socket that its process has closed lives on for a while, without an inode. */
static int socket_owner_take(const struct inet_diag_msg *m, SocketOwner *ret) {
        if (m->idiag_inode == 0)
                return -ENOENT;

        *ret = (SocketOwner){ .uid = m->idiag_uid, .inode = m->idiag_inode };
        return 0;
}

/* A program may have connected to an IPv4 address with an IPv6 socket, as Java does. */
static uint32_t socket_owner_ipv4(const struct inet_diag_msg *m, const uint32_t address[static 4]) {
        return m->idiag_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(address) ? address[3]
                                                                            : address[0];
}

int socket_owner_find(const struct sockaddr_in *bound, const struct sockaddr_in *connected,
                      SocketOwner *ret) {
        struct inet_diag_msg m;
        int r;

        r = socket_owner_ask(bound, connected, &m);
        if (r < 0)
                return r;

        /* If the socket is gone, the kernel finds the one that listens there. */
        if (m.id.idiag_sport != bound->sin_port || m.id.idiag_dport != connected->sin_port ||
            socket_owner_ipv4(&m, m.id.idiag_src) != bound->sin_addr.s_addr ||
            socket_owner_ipv4(&m, m.id.idiag_dst) != connected->sin_addr.s_addr)
                return -ENOENT;
        return socket_owner_take(&m, ret);
}

int socket_owner_find_listener(const struct sockaddr_in *bound, SocketOwner *ret) {
        const struct sockaddr_in nobody = { .sin_family = AF_INET };
        struct inet_diag_msg m;
        int r;

        r = socket_owner_ask(bound, &nobody, &m);
        return r < 0 ? r : socket_owner_take(&m, ret);
}

/* directory is the process's in /proc. */
static bool socket_owner_is_process(const SocketOwner *o, int directory) {
        char wanted[LINK_MAX_BYTES], found[LINK_MAX_BYTES];
        int fd = openat(directory, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *fds = fd >= 0 ? fdopendir(fd) : NULL;
        struct dirent *entry;
        bool is_it = false;
        ssize_t n;

        if (!fds) {
                (void) fd_close(fd);
                return false;
        }

        (void) snprintf(wanted, sizeof(wanted), "socket:[%u]", (unsigned) o->inode);
        while (!is_it && (entry = readdir(fds))) {
                n = readlinkat(fd, entry->d_name, found, sizeof(found) - 1);
                found[MAX_OF(n, 0)] = '\0';
                is_it = streq(found, wanted);
        }
        (void) closedir(fds);
        return is_it;
}

static char *socket_owner_read_executable(int directory) {
        char path[PATH_MAX];
        ssize_t n = readlinkat(directory, "exe", path, sizeof(path) - 1);

        if (n <= 0)
                return NULL;
        path[n] = '\0';
        return strdup(path);
}

bool socket_owner_find_process(const SocketOwner *o, pid_t *ret_pid, char **ret_executable) {
        DIR *proc = opendir("/proc");
        struct dirent *entry;
        bool found = false;
        struct stat st;

        while (proc && !found && (entry = readdir(proc))) {
                _cleanup_fd_ int directory = -EBADF;

                if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
                        continue;
                directory = openat(dirfd(proc), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (directory < 0 || fstat(directory, &st) < 0 || st.st_uid != geteuid() ||
                    !socket_owner_is_process(o, directory))
                        continue;

                *ret_pid = (pid_t) strtol(entry->d_name, NULL, 10);
                *ret_executable = socket_owner_read_executable(directory);
                found = true;
        }
        if (proc)
                (void) closedir(proc);
        return found;
}
