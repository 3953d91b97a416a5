/* SPDX-License-Identifier: MIT */

#include "platform/service-manager.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#include "common/util.h"

typedef struct Message {
        STAILQ_ENTRY(Message) entry;
        char *text;
} Message;

static STAILQ_HEAD(, Message) waiting = STAILQ_HEAD_INITIALIZER(waiting);
static sd_event *loop;
static sd_event_source *room; /* NULL: nothing waits */

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

/* 0, also where there is no manager; -EAGAIN. */
static int has_room(void) {
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

static void forget_first(void) {
        Message *m = STAILQ_FIRST(&waiting);

        STAILQ_REMOVE_HEAD(&waiting, entry);
        free(m->text);
        free(m);
}

/* A manager that has gone has forgotten all that it was told. */
static void send_waiting(void) {
        Message *m;

        while ((m = STAILQ_FIRST(&waiting)) && has_room() != -EAGAIN) {
                (void) sd_notify(false, m->text);
                forget_first();
        }
        if (!m)
                room = sd_event_source_disable_unref(room);
}

static int on_room(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        send_waiting();
        return 0;
}

/* A socket that is connected can be written to when the one at the other end has room, see unix(7). */
static int watch_room(void) {
        _cleanup_fd_ int fd = -EBADF;
        int r;

        if (room || !loop)
                return 0;

        r = connect_to_manager(getenv("NOTIFY_SOCKET"), &fd);
        if (r == 0)
                r = sd_event_add_io(loop, &room, fd, EPOLLOUT, on_room, NULL);
        if (r >= 0)
                r = sd_event_source_set_io_fd_own(room, true);
        if (r < 0)
                return r;

        TAKE_FD(fd);
        return 0;
}

static int wait_for_room(const char *text) {
        Message *m;

        m = malloc(sizeof(Message));
        if (!m)
                return -ENOMEM;

        *m = (Message){ .text = strdup(text) };
        if (!m->text) {
                free(m);
                return -ENOMEM;
        }

        STAILQ_INSERT_TAIL(&waiting, m, entry);
        return watch_room();
}

void service_manager_open(sd_event *event) {
        loop = sd_event_ref(event);
}

void service_manager_close(void) {
        send_waiting();
        while (!STAILQ_EMPTY(&waiting))
                forget_first();
        room = sd_event_source_disable_unref(room);
        loop = sd_event_unref(loop);
}

/* Nothing overtakes what waits. */
static int take_turn(void) {
        send_waiting();
        return STAILQ_EMPTY(&waiting) ? has_room() : -EAGAIN;
}

int service_manager_tell(const char *message) {
        int r;

        r = take_turn();
        if (r == -EAGAIN)
                return wait_for_room(message);
        if (r == 0)
                r = sd_notify(false, message);
        return MIN_OF(r, 0);
}

int service_manager_hand_over(const char *message, int fd) {
        int r;

        r = take_turn();
        if (r == 0)
                r = sd_pid_notify_with_fds(0, false, message, &fd, 1);
        return MIN_OF(r, 0);
}
