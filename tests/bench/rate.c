/* SPDX-License-Identifier: MIT */

/*
 * How many calls a second a service answers to so many clients, each of which asks again when it
 * has its answer: of each service in turn, a block of time for each. Writes a line for each
 * service, its best block. The services are on one bus.
 */

#include <stdbool.h>
#include <stdio.h>
#include <sys/epoll.h>

#include "raw-bus.h"
#include "samples.h"

#define BLOCK_NSEC INT64_C(100000000)
#define MOST       8
#define FIRST_AT   5
#define EVENTS     64

typedef struct Crowd {
        RawBus **clients;
        size_t n;
        int epoll_fd;
} Crowd;

static Crowd crowd_new(const char *address, size_t n) {
        Crowd c = { .clients = calloc(n, sizeof(RawBus *)), .n = n, .epoll_fd = epoll_create1(0) };

        if (!c.clients || c.epoll_fd < 0)
                err(EXIT_FAILURE, "no crowd");
        for (size_t i = 0; i < n; i++) {
                struct epoll_event event = { .events = EPOLLIN };

                c.clients[i] = raw_bus_open(address);
                event.data.ptr = c.clients[i];
                if (epoll_ctl(c.epoll_fd, EPOLL_CTL_ADD, raw_bus_fd(c.clients[i]), &event) < 0)
                        err(EXIT_FAILURE, "epoll");
        }
        return c;
}

static void crowd_done(Crowd *c) {
        for (size_t i = 0; i < c->n; i++)
                raw_bus_close(c->clients[i]);
        free(c->clients);
}

static void crowd_send(RawBus *client, const RawMessage *call) {
        (void) raw_bus_add(client, call);
        if (!raw_bus_send(client))
                errx(EXIT_FAILURE, "the bus takes no call");
}

/* Returns how many answers there were, and asks again for each if it is not too late. */
static size_t crowd_take_answers(RawBus *client, const RawMessage *call, bool again) {
        RawAnswer answer;
        size_t n = 0;

        for (; raw_bus_next(client, &answer); n++) {
                if (answer.is_error)
                        errx(EXIT_FAILURE, "refused: %s", answer.error);
                if (again)
                        crowd_send(client, call);
        }
        return n;
}

/* For so long, and until all have their last answer. Returns the calls a second. */
static int64_t crowd_ask(Crowd *c, const RawMessage *call, int64_t nsec) {
        int64_t start = now_nsec(), now = start;
        size_t n_answers = 0, n_waiting = c->n;
        struct epoll_event events[EVENTS];

        for (size_t i = 0; i < c->n; i++)
                crowd_send(c->clients[i], call);
        while (n_waiting > 0) {
                int n = epoll_wait(c->epoll_fd, events, EVENTS, -1);
                bool again = now < start + nsec;

                for (int i = 0; i < n; i++) {
                        size_t taken = crowd_take_answers(events[i].data.ptr, call, again);

                        n_answers += taken;
                        n_waiting -= again ? 0 : taken;
                }
                now = now_nsec();
        }
        return (int64_t) ((double) n_answers * 1e9 / (double) (now - start));
}

int main(int argc, char *argv[]) {
        int n_targets = argc - FIRST_AT;
        RawCall call = argc > 1 ? raw_call_from_string(argv[1]) : _RAW_CALL_INVALID;
        size_t n_clients = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
        size_t n_blocks = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
        int64_t *samples[MOST] = {};
        RawMessage calls[MOST] = {};
        Crowd crowd;

        if (call < 0 || n_clients == 0 || n_blocks == 0 || n_targets < 1 || n_targets > MOST)
                errx(EXIT_FAILURE, "usage: rate MEMBER CLIENTS BLOCKS ADDRESS NAME...");

        crowd = crowd_new(argv[4], n_clients);
        for (int i = 0; i < n_targets; i++) {
                calls[i] = raw_message_new(call, argv[FIRST_AT + i], NULL);
                samples[i] = samples_new(n_blocks);
                (void) crowd_ask(&crowd, &calls[i], 0);
        }
        for (size_t block = 0; block < n_blocks; block++)
                for (int i = 0; i < n_targets; i++) {
                        int turn = turn_of(i, block, n_targets);

                        samples[turn][block] = crowd_ask(&crowd, &calls[turn], BLOCK_NSEC);
                }

        for (int i = 0; i < n_targets; i++) {
                printf("%lli\n", (long long) samples_percentile(samples[i], n_blocks, 99));
                raw_message_done(&calls[i]);
                free(samples[i]);
        }
        crowd_done(&crowd);
        return EXIT_SUCCESS;
}
