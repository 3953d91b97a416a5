/* SPDX-License-Identifier: MIT */

#include "bus/reader.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "bus/header.h"
#include "common/log.h"

/* Other sources of the loop have their turn after so many messages. */
#define MESSAGES_MAX 32

/* Linux goes through all that waits, however little is peeked at, so as many headers as there are
 * in so many bytes are looked at in one go. */
#define WINDOW_BYTES 4096
#define AHEAD_MAX    32

struct Reader {
        sd_bus *connection;
        const ReaderEvents *events;
        void *userdata;
        sd_event_source *arrival, *timer;

        /* What was looked at and not read yet. The header of the first may not be all there. */
        Header ahead[AHEAD_MAX];
        unsigned n_ahead, next;

        /* In the midst of a message its sender may have put what looks like another one. sd-bus
         * does not tell how far it has read, but it hands over a message before it reads the
         * next. */
        bool at_start;        /* it has read whole messages only */
        bool looked_at_start; /* so it was when it was looked at */
        bool is_fresh;        /* nor has sd-bus read since */

        bool is_empty;    /* until something arrives */
        bool is_writable; /* until sd-bus has written */
        bool has_dropped; /* in this turn */
        uint64_t n_drop;  /* bytes to come of a message that is not wanted */
};

static const Header unknown_header = { .size = SIZE_MAX, .is_wanted = true };

static void reader_look(Reader *reader) {
        uint8_t window[WINDOW_BYTES];
        uint64_t at = 0;
        ssize_t n;

        reader->next = reader->n_ahead = 0;
        reader->looked_at_start = reader->is_fresh = reader->at_start;
        n = recv(sd_bus_get_fd(reader->connection), window, sizeof(window),
                 MSG_PEEK | MSG_DONTWAIT);
        reader->is_empty = n < 0 && errno == EAGAIN;
        if (n <= 0)
                return;

        while (at < (uint64_t) n && reader->n_ahead < AHEAD_MAX &&
               header_read(window + at, (size_t) n - at, &reader->ahead[reader->n_ahead]))
                at += reader->ahead[reader->n_ahead++].length;
        if (reader->n_ahead == 0)
                reader->ahead[reader->n_ahead++] = unknown_header;
        explicit_bzero(window, (size_t) n);
}

static bool reader_sees(const Reader *reader) {
        return reader->next < reader->n_ahead;
}

/* Whatever does not fit makes all that was seen worthless. */
size_t reader_take(Reader *reader, sd_bus_message *m, bool *ret_more_wait) {
        const Header *ahead = &reader->ahead[reader->next];
        size_t size = SIZE_MAX;
        uint64_t serial;

        reader->at_start = true;
        if (reader->looked_at_start && reader_sees(reader) &&
            sd_bus_message_get_cookie(m, &serial) >= 0 && serial == ahead->serial)
                size = ahead->size;
        if (size != SIZE_MAX)
                reader->next++;
        if (size == SIZE_MAX || !reader_sees(reader))
                reader_look(reader);
        *ret_more_wait = reader_sees(reader);
        return size;
}

static void reader_stop(Reader *reader) {
        reader->arrival = sd_event_source_disable_unref(reader->arrival);
        reader->timer = sd_event_source_disable_unref(reader->timer);
}

/* sd-bus tells by itself of a bus that has gone, but can fail on the way to that, as when the bus
 * does not let us in. */
static void reader_fail(Reader *reader, int r) {
        bool is_open = sd_bus_is_open(reader->connection) > 0;
        bool is_closing = !is_open && sd_bus_get_events(reader->connection) >= 0;

        if (is_closing)
                return;

        reader_stop(reader);
        if (is_open)
                reader->events->on_failed(r, reader->userdata);
}

static bool reader_sees_unwanted(const Reader *reader) {
        return reader_sees(reader) && !reader->ahead[reader->next].is_wanted;
}

/* What would be dropped is looked at once more: if sd-bus has dropped a message, what was seen does
 * not fit. */
static bool reader_must_look(const Reader *reader) {
        if (reader->n_drop > 0 || reader->is_empty)
                return false;
        return !reader_sees(reader) ||
               (reader->at_start && !reader->is_fresh && reader_sees_unwanted(reader));
}

static bool reader_must_drop(Reader *reader) {
        if (reader->n_drop == 0 && reader->is_fresh && reader_sees_unwanted(reader)) {
                reader->n_drop = reader->ahead[reader->next++].length;
                log_debug("A message that no program has a reason to send is dropped.");
        }
        return reader->n_drop > 0;
}

/* The kernel closes the descriptors that come with what is read like this. Returns whether there
 * was something. */
static bool reader_drop(Reader *reader) {
        uint8_t bytes[WINDOW_BYTES];
        ssize_t n;

        n = recv(sd_bus_get_fd(reader->connection), bytes, MIN_OF(reader->n_drop, sizeof(bytes)),
                 MSG_DONTWAIT);
        reader->has_dropped = true;
        reader->is_empty = n < 0 && errno == EAGAIN;
        if (n > 0)
                reader->n_drop -= (uint64_t) n;
        else if (!reader->is_empty)
                reader->n_drop = 0; /* the bus has gone, of which sd-bus is to tell */
        return n > 0;
}

/* Whether a question to the bus has had no answer for too long. */
static bool reader_is_due(const Reader *reader) {
        sd_event *event = sd_event_source_get_event(reader->timer);
        uint64_t until, now;

        return sd_bus_get_timeout(reader->connection, &until) >= 0 &&
               sd_event_now(event, CLOCK_MONOTONIC, &now) >= 0 && until <= now;
}

static bool reader_has_queued(const Reader *reader) {
        uint64_t n = 0;

        return sd_bus_get_n_queued_read(reader->connection, &n) >= 0 && n > 0;
}

/* What sd-bus reads was looked at: it is not called when nothing is there, as something may come
 * meanwhile, but for what it does before it reads. Returns whether more can be done at once. */
static bool reader_process(Reader *reader) {
        /* The greeting is not made of messages. */
        bool is_ready = sd_bus_is_ready(reader->connection) > 0;
        bool may_read = is_ready && !reader_has_queued(reader);
        int r;

        if (may_read && !(reader->is_writable && reader->n_drop == 0)) {
                if (reader_must_look(reader))
                        reader_look(reader);
                if (reader_must_drop(reader) && reader_drop(reader))
                        return true;
                if (reader->n_drop > 0 || (reader->is_empty && !reader_is_due(reader)))
                        return reader->events->on_drained(reader->userdata);
        }
        if (may_read)
                reader->at_start = reader->is_fresh = false; /* before reader_take() */

        r = sd_bus_process(reader->connection, NULL);
        reader->is_writable = false;
        if (r < 0)
                reader_fail(reader, r);
        if (r < 0 || sd_bus_is_open(reader->connection) <= 0)
                return false;

        if (r > 0 && reader->at_start && reader_sees(reader))
                return true;
        return reader_has_queued(reader) || reader->events->on_drained(reader->userdata);
}

static int reader_serve(Reader *reader) {
        unsigned n = 0;

        reader->has_dropped = false;
        while (n < MESSAGES_MAX && reader_process(reader))
                n++;

        /* Of what is dropped there may be no end. */
        if (n == MESSAGES_MAX && reader->has_dropped)
                (void) reader->events->on_drained(reader->userdata);
        return 0;
}

static int reader_on_arrival(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Reader *reader = userdata;

        reader->is_empty = false;
        reader->is_writable = events & EPOLLOUT;
        return reader_serve(reader);
}

static int reader_on_time(sd_event_source *source, uint64_t usec, void *userdata) {
        return reader_serve(userdata);
}

/* While a message is being dropped, sd-bus must not read the rest of it, as it does after it was
 * asked to write, or to look at the time. */
static int reader_get_waits(const Reader *reader, uint32_t *ret_events, uint64_t *ret_until) {
        int r;

        if (reader->n_drop > 0) {
                *ret_events = EPOLLIN;
                *ret_until = reader_has_queued(reader) ? 0 : UINT64_MAX;
                return 0;
        }

        r = sd_bus_get_events(reader->connection);
        if (r < 0)
                return r;

        *ret_events = (uint32_t) r;
        return sd_bus_get_timeout(reader->connection, ret_until);
}

/* What the connection waits for changes with what is written to it and expected from it. A time
 * that has come is left as it is: set again, it would come after all else that is ready, in each
 * turn. An error that is returned would only turn the source off. */
static int reader_on_prepare(sd_event_source *source, void *userdata) {
        Reader *reader = userdata;
        uint32_t events;
        uint64_t until;
        int r;

        r = reader_get_waits(reader, &events, &until);
        if (r >= 0)
                r = sd_event_source_set_io_events(source, events);
        if (r >= 0 && sd_event_source_get_pending(reader->timer) == 0)
                r = sd_event_source_set_time(reader->timer, until);
        if (r < 0)
                reader_fail(reader, r);
        return 0;
}

int reader_new(sd_bus *connection, const ReaderEvents *events, void *userdata, Reader **ret) {
        Reader *reader;

        reader = malloc(sizeof(Reader));
        if (!reader)
                return -ENOMEM;

        *reader = (Reader){
                .connection = connection,
                .events = events,
                .userdata = userdata,
                .at_start = true,
        };
        *ret = reader;
        return 0;
}

Reader *reader_free(Reader *reader) {
        if (!reader)
                return NULL;

        reader_stop(reader);
        free(reader);
        return NULL;
}

/* When the bus goes, sd-bus closes its descriptor, whose number may be reused before the source is
 * gone, so the source has a descriptor of its own. */
static int reader_watch(Reader *reader, sd_event *event) {
        _cleanup_fd_ int fd = -EBADF;
        int r;

        fd = fcntl(sd_bus_get_fd(reader->connection), F_DUPFD_CLOEXEC, 0);
        if (fd < 0)
                return -errno;

        r = sd_event_add_io(event, &reader->arrival, fd, 0, reader_on_arrival, reader);
        if (r >= 0)
                r = sd_event_source_set_io_fd_own(reader->arrival, true);
        if (r < 0)
                return r;

        TAKE_FD(fd);
        r = sd_event_source_set_prepare(reader->arrival, reader_on_prepare);
        return r < 0 ? r : sd_event_source_set_description(reader->arrival, "bus");
}

int reader_start(Reader *reader, sd_event *event) {
        int r;

        r = sd_event_add_time(event, &reader->timer, CLOCK_MONOTONIC, UINT64_MAX, 0, reader_on_time,
                              reader);
        if (r >= 0)
                r = sd_event_source_set_enabled(reader->timer, SD_EVENT_ON);
        if (r >= 0)
                r = sd_event_source_set_description(reader->timer, "bus-timer");
        return r < 0 ? r : reader_watch(reader, event);
}
