/* SPDX-License-Identifier: MIT */

/*
 * A program that asks for too much, until its standard input ends. It writes "ready" when the bus
 * has passed on its first calls; at the end it writes
 * "SENT ANSWERED REFUSED", the refused ones being those that were answered by LimitsExceeded.
 *
 *   window N    keeps N calls unanswered
 *   unread N    sends N / 2 calls and reads none of the answers, and as many by another connection,
 *               whose last answer tells that the former are answered as well, as the two are alike.
 *               Then again; when very many are unread, it leaves and comes again
 *   hold N      sends N calls, and reads the answers
 *   comers      connects, sends one call of each kind, and leaves when the bus has passed them on
 */

#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "raw-bus.h"

#define CALLS_MAX 8

/* The bus keeps an open descriptor for each unread answer that has one. When it has no more,
 * it throws out the service, whichever that is, and nothing is left to be measured. */
#define UNREAD_MAX 4096

typedef struct Flooder {
        const char *address;
        RawMessage calls[CALLS_MAX];
        size_t n_calls;
        unsigned window;
        bool ready;
        unsigned long sent, answered, refused;
} Flooder;

static void flooder_say_ready(Flooder *f) {
        if (f->ready)
                return;

        f->ready = true;
        puts("ready");
        (void) fflush(stdout);
}

/* One of each kind in turn. */
static uint32_t flooder_add(Flooder *f, RawBus *bus) {
        return raw_bus_add(bus, &f->calls[f->sent++ % f->n_calls]);
}

static void flooder_fill(Flooder *f, RawBus *bus, unsigned n) {
        for (unsigned i = 0; i < n; i++)
                (void) flooder_add(f, bus);
}

static void flooder_count(Flooder *f, const RawAnswer *answer) {
        f->answered++;
        f->refused += strcmp(answer->error, "org.freedesktop.DBus.Error.LimitsExceeded") == 0;
}

static bool must_end(void) {
        struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

        return poll(&p, 1, 0) > 0;
}

/* Returns whether it goes on. The bus is null if nothing more is wanted of it. */
static bool flooder_wait(RawBus *bus, bool sent_all) {
        struct pollfd p[] = {
                { .fd = STDIN_FILENO, .events = POLLIN },
                { .fd = raw_bus_fd(bus), .events = (short) (POLLIN | (sent_all ? 0 : POLLOUT)) },
        };

        if (poll(p, 2, -1) < 0)
                err(EXIT_FAILURE, "poll");
        return p[0].revents == 0;
}

static void flooder_keep_window(Flooder *f, bool refill) {
        RawMessage last = raw_message_new(RAW_CALL_GET_ID, NULL, NULL);
        RawBus *bus = raw_bus_open(f->address);
        uint32_t last_serial;
        RawAnswer answer;
        bool sent_all;

        flooder_fill(f, bus, f->window);
        last_serial = raw_bus_add(bus, &last);
        do {
                while (raw_bus_next(bus, &answer)) {
                        if (answer.reply_serial == last_serial) {
                                flooder_say_ready(f);
                                continue;
                        }
                        flooder_count(f, &answer);
                        if (refill)
                                (void) flooder_add(f, bus);
                }
                sent_all = raw_bus_send(bus);
        } while (flooder_wait(bus, sent_all));
        raw_message_done(&last);
        raw_bus_close(bus);
}

static void flooder_send_all(Flooder *f, RawBus *bus, unsigned n) {
        flooder_fill(f, bus, n);
        while (!raw_bus_send(bus)) {
                struct pollfd p = { .fd = raw_bus_fd(bus), .events = POLLOUT };

                (void) poll(&p, 1, -1);
        }
}

static void flooder_leave_unread(Flooder *f) {
        RawBus *reader = raw_bus_open(f->address), *bus = NULL;
        unsigned n = f->window / 2, unread = UNREAD_MAX;

        do {
                if (unread >= UNREAD_MAX) {
                        raw_bus_close(bus);
                        bus = raw_bus_open(f->address);
                        unread = 0;
                }
                flooder_send_all(f, bus, n);
                unread += n;
                flooder_fill(f, reader, n - 1);
                (void) raw_bus_await(reader, flooder_add(f, reader));
                f->answered += n;
                flooder_say_ready(f);
        } while (!must_end());
        raw_bus_close(reader);
        raw_bus_close(bus);
}

static void flooder_come_and_go(Flooder *f) {
        RawMessage last = raw_message_new(RAW_CALL_GET_ID, NULL, NULL);

        do {
                RawBus *bus = raw_bus_open(f->address);

                flooder_fill(f, bus, (unsigned) f->n_calls);
                (void) raw_bus_await(bus, raw_bus_add(bus, &last));
                raw_bus_close(bus);
                flooder_say_ready(f);
        } while (!must_end());
        raw_message_done(&last);
}

static void flooder_flood(Flooder *f, const char *way) {
        if (strcmp(way, "comers") == 0)
                flooder_come_and_go(f);
        else if (strcmp(way, "unread") == 0)
                flooder_leave_unread(f);
        else
                flooder_keep_window(f, strcmp(way, "window") == 0);
}

int main(int argc, char *argv[]) {
        Flooder f = { .address = argv[1] };

        if (argc < 7 || argc - 6 > CALLS_MAX)
                errx(EXIT_FAILURE, "usage: flooder ADDRESS NAME ID:SECRET WAY N CALL…");

        f.window = (unsigned) atoi(argv[5]);
        for (int i = 6; i < argc; i++) {
                RawCall call = raw_call_from_string(argv[i]);

                if (call == _RAW_CALL_INVALID)
                        errx(EXIT_FAILURE, "%s: no such call", argv[i]);
                f.calls[f.n_calls++] = raw_message_new(call, argv[2], argv[3]);
        }

        flooder_flood(&f, argv[4]);
        printf("%lu %lu %lu\n", f.sent, f.answered, f.refused);
        while (f.n_calls > 0)
                raw_message_done(&f.calls[--f.n_calls]);
        return EXIT_SUCCESS;
}
