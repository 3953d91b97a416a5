/* SPDX-License-Identifier: MIT */

#include "bus/reader.h"

#include <endian.h>
#include <fcntl.h>
#include <sys/socket.h>

/* Other sources of the loop have their turn after so many messages. */
#define MESSAGES_MAX 32

/* Linux goes through all that waits, however little is peeked at, so as many headers as there are
 * in so many bytes are looked at in one go. */
#define WINDOW_BYTES 4096
#define AHEAD_MAX    32

/* How a message begins (D-Bus specification, message format). */
typedef struct Header {
        char order; /* 'l' or 'B' */
        uint8_t type, flags, version;
        uint32_t body_length, serial, fields_length;
} Header;

typedef struct MessageAhead {
        size_t size; /* SIZE_MAX: not known */
        uint32_t serial;
} MessageAhead;

struct Reader {
        sd_bus *connection;
        const ReaderEvents *events;
        void *userdata;
        sd_event_source *arrival, *timer;

        /* What was looked at, until sd-bus has read it. There is no look in the midst of a message,
         * where its sender may have put what looks like another one. */
        MessageAhead ahead[AHEAD_MAX];
        unsigned n_ahead, next;
};

static uint32_t header_number(const Header *h, uint32_t number) {
        return h->order == 'l' ? le32toh(number) : be32toh(number);
}

/* Returns how long the message is, or 0 if its header is not all there. */
static uint64_t message_ahead_read(MessageAhead *ahead, const uint8_t *bytes, size_t n) {
        uint64_t body_length, fields_length;
        Header h;

        *ahead = (MessageAhead){ .size = SIZE_MAX };
        if (n < sizeof(h))
                return 0;

        memcpy(&h, bytes, sizeof(h));
        if (h.order != 'l' && h.order != 'B')
                return 0;

        body_length = header_number(&h, h.body_length);
        fields_length = header_number(&h, h.fields_length);
        ahead->size = body_length + fields_length;
        ahead->serial = header_number(&h, h.serial);
        return sizeof(h) + (fields_length + 7) / 8 * 8 + body_length;
}

static void reader_look(Reader *reader) {
        uint8_t window[WINDOW_BYTES];
        uint64_t at = 0, length;
        ssize_t n;

        reader->next = reader->n_ahead = 0;
        n = recv(sd_bus_get_fd(reader->connection), window, sizeof(window),
                 MSG_PEEK | MSG_DONTWAIT);
        if (n <= 0)
                return;

        do {
                length = message_ahead_read(&reader->ahead[reader->n_ahead], window + at,
                                            (size_t) n - at);
                if (length > 0 || reader->n_ahead == 0)
                        reader->n_ahead++;
                at += length;
        } while (length > 0 && at < (uint64_t) n && reader->n_ahead < AHEAD_MAX);
        explicit_bzero(window, (size_t) n);
}

static bool reader_sees(const Reader *reader) {
        return reader->next < reader->n_ahead;
}

/* Whatever does not fit makes all that was seen worthless. */
size_t reader_take(Reader *reader, sd_bus_message *m, bool *ret_more_wait) {
        const MessageAhead *ahead = &reader->ahead[reader->next];
        size_t size = SIZE_MAX;
        uint64_t serial;

        if (reader_sees(reader) && sd_bus_message_get_cookie(m, &serial) >= 0 &&
            serial == ahead->serial)
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

/* Returns whether more can be done at once. */
static bool reader_process(Reader *reader) {
        uint64_t n_queued = 0;
        int r;

        /* The greeting is not made of messages. */
        if (!reader_sees(reader) && sd_bus_is_ready(reader->connection) > 0)
                reader_look(reader);
        r = sd_bus_process(reader->connection, NULL);
        if (r < 0)
                reader_fail(reader, r);
        if (r < 0 || sd_bus_is_open(reader->connection) <= 0)
                return false;

        /* Nothing is done if only a part of a message is there, or sd-bus has dropped one. */
        if (r > 0 && reader_sees(reader))
                return true;
        (void) sd_bus_get_n_queued_read(reader->connection, &n_queued);
        return n_queued > 0 || reader->events->on_drained(reader->userdata);
}

static int reader_serve(Reader *reader) {
        for (unsigned n = 0; n < MESSAGES_MAX && reader_process(reader); n++)
                ;
        return 0;
}

static int reader_on_arrival(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        return reader_serve(userdata);
}

static int reader_on_time(sd_event_source *source, uint64_t usec, void *userdata) {
        return reader_serve(userdata);
}

/* What the connection waits for changes with what is written to it and expected from it. A time
 * that has come is left as it is: set again, it would come after all else that is ready, in each
 * turn. An error that is returned would only turn the source off. */
static int reader_on_prepare(sd_event_source *source, void *userdata) {
        Reader *reader = userdata;
        uint64_t until;
        int r;

        r = sd_bus_get_events(reader->connection);
        if (r >= 0)
                r = sd_event_source_set_io_events(source, (uint32_t) r);
        if (r >= 0)
                r = sd_bus_get_timeout(reader->connection, &until);
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
