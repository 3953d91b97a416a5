/* SPDX-License-Identifier: MIT */

#include "feed/connection.h"

#include <microhttpd.h>
#include <sys/queue.h>
#include <sys/socket.h>

#define DEADLINE_USEC (UINT64_C(10) * 1000 * 1000)

struct Connection {
        TAILQ_ENTRY(Connection) entry;
        Connections *set;
        int fd; /* the HTTP library's */
        SocketOwner peer;
        uint64_t deadline;              /* monotonic, in microseconds */
        struct MHD_Connection *waiting; /* for us; NULL: we wait for it */
};

struct Connections {
        sd_event *event;
        sd_event_source *timer;
        TAILQ_HEAD(ConnectionQueue, Connection) queue; /* of those that have a deadline, by it */
        size_t count;
        void (*resumed)(void *userdata);
        void *userdata;
};

/* Sets the timer for the first deadline, or turns it off if there is none. */
static void connections_set_timer(Connections *set) {
        const Connection *first = TAILQ_FIRST(&set->queue);

        if (first)
                (void) sd_event_source_set_time(set->timer, first->deadline);
        (void) sd_event_source_set_enabled(set->timer, first ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

/* Since all have the same time, the last to begin is the last to end. */
static void connection_expect(Connection *c) {
        uint64_t now = 0;

        (void) sd_event_now(c->set->event, CLOCK_MONOTONIC, &now);
        c->deadline = now + DEADLINE_USEC;
        TAILQ_INSERT_TAIL(&c->set->queue, c, entry);
        connections_set_timer(c->set);
}

bool connections_end_oldest(Connections *set) {
        Connection *c = TAILQ_FIRST(&set->queue);

        if (!c)
                return false;

        /* It goes to the end of the queue, in case that closing it takes a moment. */
        (void) shutdown(c->fd, SHUT_RDWR);
        TAILQ_REMOVE(&set->queue, c, entry);
        connection_expect(c);
        return true;
}

static int connections_on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        Connections *set = userdata;
        const Connection *c;

        while ((c = TAILQ_FIRST(&set->queue)) && c->deadline <= usec)
                (void) connections_end_oldest(set);
        connections_set_timer(set);
        return 0;
}

int connections_new(sd_event *event, void (*resumed)(void *userdata), void *userdata,
                    Connections **ret) {
        _cleanup_(connections_freep) Connections *set = calloc(1, sizeof(Connections));
        int r;

        if (!set)
                return -ENOMEM;

        set->event = sd_event_ref(event);
        set->resumed = resumed;
        set->userdata = userdata;
        TAILQ_INIT(&set->queue);
        r = sd_event_add_time(event, &set->timer, CLOCK_MONOTONIC, 0, 0, connections_on_timer, set);
        if (r >= 0)
                r = sd_event_source_set_enabled(set->timer, SD_EVENT_OFF);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(set);
        return 0;
}

Connections *connections_free(Connections *set) {
        if (!set)
                return NULL;

        sd_event_source_disable_unref(set->timer);
        sd_event_unref(set->event);
        free(set);
        return NULL;
}

size_t connections_count(const Connections *set) {
        return set->count;
}

int connection_new(Connections *set, int fd, const SocketOwner *peer, Connection **ret) {
        Connection *c = malloc(sizeof(Connection));

        if (!c)
                return -ENOMEM;

        *c = (Connection){ .set = set, .fd = fd, .peer = *peer };
        set->count++;
        connection_expect(c);
        *ret = c;
        return 0;
}

Connection *connection_free(Connection *c) {
        if (!c)
                return NULL;

        if (!c->waiting)
                TAILQ_REMOVE(&c->set->queue, c, entry);
        c->set->count--;
        connections_set_timer(c->set);
        free(c);
        return NULL;
}

const SocketOwner *connection_peer(const Connection *c) {
        return &c->peer;
}

void connection_suspend(Connection *c, struct MHD_Connection *http) {
        TAILQ_REMOVE(&c->set->queue, c, entry);
        connections_set_timer(c->set);
        c->waiting = http;
        MHD_suspend_connection(http);
}

void connection_resume(Connection *c) {
        MHD_resume_connection(TAKE_PTR(c->waiting));
        connection_expect(c);
        c->set->resumed(c->set->userdata);
}
