/* SPDX-License-Identifier: MIT */

#include "platform/fdstore.h"

#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#include "common/strv.h"
#include "platform/memfd.h"

#define STATE_MAX 512

static int connect_to_manager(const char *path, int *ret_fd) {
        union {
                struct sockaddr_un un;
                struct sockaddr any;
        } address = { .un.sun_family = AF_UNIX };
        size_t length = strlen(path);
        _cleanup_fd_ int fd = -EBADF;

        if (length >= sizeof(address.un.sun_path))
                return -E2BIG;

        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;

        memcpy(address.un.sun_path, path, length);
        if (path[0] == '@')
                address.un.sun_path[0] = '\0';
        if (connect(fd, &address.any,
                    (socklen_t) (offsetof(struct sockaddr_un, sun_path) + length)) < 0)
                return -errno;

        *ret_fd = TAKE_FD(fd);
        return 0;
}

/* sd_notify() waits where the manager's queue is full, and we must not: a grant that cannot be handed over
 * goes on to the keyring all the same. 0, also where there is no manager; -EAGAIN. */
static int manager_has_room(void) {
        const char *path = getenv("NOTIFY_SOCKET");
        struct pollfd p = { .events = POLLOUT };
        _cleanup_fd_ int fd = -EBADF;
        int r;

        if (!path)
                return 0;

        r = connect_to_manager(path, &fd);
        if (r < 0)
                return r;

        p.fd = fd;
        r = poll(&p, 1, 0);
        return r < 0 ? -errno : r == 0 ? -EAGAIN : 0;
}

static int hand_over(const char *name, int fd) {
        char state[STATE_MAX];
        int r;

        r = manager_has_room();
        if (r < 0)
                return r;

        (void) snprintf(state, sizeof(state), "FDSTORE=1\nFDNAME=%s\nFDPOLL=0", name);
        r = sd_pid_notify_with_fds(0, false, state, &fd, 1);
        return MIN_OF(r, 0);
}

int fdstore_put(const char *name, const Secret *document) {
        _cleanup_fd_ int fd = -EBADF;
        int r;

        r = memfd_from_secret("yadisk-grant", document, &fd);
        return r < 0 ? r : hand_over(name, fd);
}

int fdstore_lend(const char *name, size_t capacity, Secret **ret) {
        _cleanup_(secret_unrefp) Secret *s = NULL;
        _cleanup_fd_ int fd = -EBADF;
        int r;

        fd = memfd_create("yadisk-answer", MFD_CLOEXEC);
        if (fd < 0)
                return -errno;

        r = secret_new_shared(fd, capacity, &s);
        if (r == 0)
                r = hand_over(name, fd);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

int fdstore_remove(const char *name) {
        int r;

        r = manager_has_room();
        if (r < 0)
                return r;

        r = sd_notifyf(false, "FDSTOREREMOVE=1\nFDNAME=%s", name);
        return MIN_OF(r, 0);
}

int fdstore_take(void (*fn)(const char *name, Secret *document, void *userdata), void *userdata) {
        _cleanup_(strv_freep) char **names = NULL;
        int n;

        n = sd_listen_fds_with_names(true, &names);
        if (n < 0)
                return n;

        for (int i = 0; i < n; i++) {
                _cleanup_(secret_unrefp) Secret *document = NULL;
                _cleanup_fd_ int fd = SD_LISTEN_FDS_START + i;

                if (memfd_to_secret(fd, &document) == 0)
                        fn(names[i], document, userdata);
        }
        return 0;
}
