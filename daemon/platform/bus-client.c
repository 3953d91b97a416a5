/* SPDX-License-Identifier: MIT */

#include "platform/bus-client.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <linux/unix_diag.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "common/sock-diag.h"
#include "common/util.h"
#include "platform/clock.h"

#define LINK_MAX_BYTES 64 /* more than "socket:[4294967295]" */

/* A question costs the kernel a walk over all sockets there are, of which any program can make a
 * great many. If it takes longer than this, no more are asked for a while. */
#define CPU_TIME_MAX_NSEC (2 * 1000 * 1000)
#define PAUSE_MS          (60 * 1000)

typedef struct BusClient {
        int netlink;
        size_t name_length;
        char name[sizeof(struct sockaddr_un)]; /* of the socket of the bus */
} BusClient;

static int bus_client_ask(int netlink, uint32_t inode, uint32_t show, SockDiagAnswer *ret) {
        const struct unix_diag_req question = {
                .sdiag_family = AF_UNIX,
                .udiag_ino = inode,
                .udiag_show = show,
                .udiag_cookie = { UINT32_MAX, UINT32_MAX },
        };

        return sock_diag_ask(netlink, &question, sizeof(question), sizeof(struct unix_diag_msg),
                             ret);
}

/* Returns the length of the attribute, and 0 if the answer has none. */
static size_t bus_client_attribute(SockDiagAnswer *answer, unsigned type, const void **ret) {
        struct unix_diag_msg *m = NLMSG_DATA(&answer->header);
        struct rtattr *a = (struct rtattr *) (m + 1);
        size_t left = answer->header.nlmsg_len - NLMSG_LENGTH(sizeof(*m));

        for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
                if (a->rta_type == type) {
                        *ret = RTA_DATA(a);
                        return RTA_PAYLOAD(a);
                }
        return 0;
}

static bool bus_client_is_connection(const BusClient *c, uint32_t inode) {
        SockDiagAnswer answer;
        const void *value;
        uint32_t peer;

        if (bus_client_ask(c->netlink, inode, UDIAG_SHOW_PEER, &answer) < 0 ||
            bus_client_attribute(&answer, UNIX_DIAG_PEER, &value) != sizeof(peer))
                return false;

        memcpy(&peer, value, sizeof(peer));
        return bus_client_ask(c->netlink, peer, UDIAG_SHOW_NAME, &answer) >= 0 &&
               bus_client_attribute(&answer, UNIX_DIAG_NAME, &value) == c->name_length &&
               memcmp(value, c->name, c->name_length) == 0;
}

static int bus_client_name(int bus_fd, BusClient *c) {
        struct sockaddr_un name;
        socklen_t length = sizeof(name);

        if (getpeername(bus_fd, (struct sockaddr *) &name, &length) < 0)
                return -errno;
        if (name.sun_family != AF_UNIX || length <= offsetof(struct sockaddr_un, sun_path) ||
            length > sizeof(name))
                return -EAFNOSUPPORT;

        c->name_length = length - offsetof(struct sockaddr_un, sun_path);
        memcpy(c->name, name.sun_path, c->name_length);
        return 0;
}

/* Returns the inode of the socket, and 0 for what is none. */
static uint32_t bus_client_inode(int directory, const char *fd) {
        char text[LINK_MAX_BYTES], *end;
        unsigned long inode;
        ssize_t n;

        n = readlinkat(directory, fd, text, sizeof(text) - 1);
        if (n < 0)
                return 0;

        text[n] = '\0';
        if (strncmp(text, "socket:[", 8) != 0)
                return 0;
        inode = strtoul(text + 8, &end, 10);
        return streq(end, "]") && inode <= UINT32_MAX ? (uint32_t) inode : 0;
}

static int64_t bus_client_cpu_time(void) {
        struct timespec t = {};

        (void) clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return (int64_t) t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Returns whether the process has a socket that is connected to the bus, as far as that can be told
 * in time: it may have any number of files before its sockets. */
static int bus_client_search(const BusClient *c, DIR *descriptors) {
        static int64_t paused_until_ms;
        int64_t begun_at = bus_client_cpu_time(), asked_at;
        struct dirent *entry;
        uint32_t inode;

        while (bus_client_cpu_time() - begun_at < CPU_TIME_MAX_NSEC) {
                entry = readdir(descriptors);
                if (!entry)
                        return 0;

                inode = bus_client_inode(dirfd(descriptors), entry->d_name);
                if (inode == 0)
                        continue;

                asked_at = bus_client_cpu_time();
                if (clock_monotonic_ms() < paused_until_ms || bus_client_is_connection(c, inode))
                        return 1;
                if (bus_client_cpu_time() - asked_at >= CPU_TIME_MAX_NSEC)
                        paused_until_ms = clock_monotonic_ms() + PAUSE_MS;
        }
        return 1;
}

/* The kernel tells of sockets of our own network namespace alone: a program may be in another one,
 * such as that of a VPN, without being in a sandbox. If it does not even know the socket of ours,
 * it has no such module. */
static bool bus_client_can_tell(const BusClient *c, int process, int bus_fd) {
        struct stat ours, its, self;
        SockDiagAnswer answer;

        if (stat("/proc/self/ns/net", &ours) < 0 || fstatat(process, "ns/net", &its, 0) < 0)
                return true;
        return ours.st_ino == its.st_ino && fstat(bus_fd, &self) >= 0 &&
               bus_client_ask(c->netlink, (uint32_t) self.st_ino, UDIAG_SHOW_NAME, &answer) >= 0;
}

int bus_client_find(int process, int bus_fd) {
        _cleanup_fd_ int netlink = sock_diag_open();
        BusClient c = { .netlink = netlink };
        DIR *descriptors;
        int fd, r;

        if (netlink < 0 || !bus_client_can_tell(&c, process, bus_fd))
                return 1;
        r = bus_client_name(bus_fd, &c);
        if (r < 0)
                return r;
        fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        descriptors = fdopendir(fd);
        if (!descriptors) {
                (void) fd_close(fd);
                return -ENOMEM;
        }

        r = bus_client_search(&c, descriptors);
        (void) closedir(descriptors);
        return r;
}
