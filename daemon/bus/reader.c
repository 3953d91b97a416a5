/* SPDX-License-Identifier: MIT */

#include "bus/next-message.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/* The first byte of a message of this machine (D-Bus specification, message format). */
#define NATIVE_ORDER (__BYTE_ORDER == __LITTLE_ENDIAN ? 'l' : 'B')

struct NextMessage {
        sd_bus *connection;
        sd_event_source *arrival;
        size_t size; /* SIZE_MAX: not known */
        uint32_t serial;
};

bool next_message_look(NextMessage *n) {
        struct {
                uint8_t order, type, flags, version;
                uint32_t body_length, serial, fields_length;
        } header;
        ssize_t size;

        size = recv(sd_bus_get_fd(n->connection), &header, sizeof(header), MSG_PEEK | MSG_DONTWAIT);
        n->size = SIZE_MAX;
        if (size < (ssize_t) sizeof(header) || header.order != NATIVE_ORDER)
                return size > 0;

        n->size = (size_t) header.body_length + header.fields_length;
        n->serial = header.serial;
        return true;
}

/* Runs before sd-bus reads what has come after a while in which nothing had. */
static int next_message_on_arrival(sd_event_source *source, int fd, uint32_t events,
                                   void *userdata) {
        (void) next_message_look(userdata);
        return 0;
}

/* A source of our own for the socket, which epoll(7) only takes by another descriptor. */
static int next_message_watch(NextMessage *n, sd_event *event) {
        _cleanup_fd_ int fd = -EBADF;
        int r;

        fd = fcntl(sd_bus_get_fd(n->connection), F_DUPFD_CLOEXEC, 0);
        if (fd < 0)
                return -errno;

        r = sd_event_add_io(event, &n->arrival, fd, EPOLLIN | EPOLLET, next_message_on_arrival, n);
        if (r >= 0)
                r = sd_event_source_set_io_fd_own(n->arrival, true);
        if (r < 0)
                return r;

        TAKE_FD(fd);
        r = sd_event_source_set_priority(n->arrival, SD_EVENT_PRIORITY_NORMAL - 1);
        return r < 0 ? r : sd_event_source_set_description(n->arrival, "arrival");
}

int next_message_new(sd_bus *connection, sd_event *event, NextMessage **ret) {
        _cleanup_(next_message_freep) NextMessage *n = NULL;
        int r;

        n = malloc(sizeof(NextMessage));
        if (!n)
                return -ENOMEM;

        *n = (NextMessage){
                .connection = connection,
                .size = SIZE_MAX,
        };
        r = next_message_watch(n, event);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(n);
        return 0;
}

NextMessage *next_message_free(NextMessage *n) {
        if (!n)
                return NULL;

        sd_event_source_disable_unref(n->arrival);
        free(n);
        return NULL;
}

size_t next_message_size_of(const NextMessage *n, sd_bus_message *m) {
        uint64_t serial;

        return sd_bus_message_get_cookie(m, &serial) >= 0 && serial == n->serial ? n->size
                                                                                 : SIZE_MAX;
}
