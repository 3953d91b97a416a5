/* SPDX-License-Identifier: MIT */

/*
 * How long a call takes: asks each service in turn, a block of calls at a time, one call after the
 * other on one warm connection. Writes a line for each service, "P50 P99", in nanoseconds. A
 * service is three arguments: the address of its bus, its name, and the account that it is asked
 * for.
 */

#include <stdio.h>

#include "raw-bus.h"
#include "samples.h"

#define BLOCK    50
#define WARM_UP  200
#define TARGET   3 /* arguments */
#define MOST     8
#define FIRST_AT 3

typedef struct Target {
        RawBus *bus;
        RawMessage call;
        int64_t *samples;
} Target;

static int64_t target_ask(Target *t) {
        int64_t start = now_nsec();
        RawAnswer answer = raw_bus_await(t->bus, raw_bus_add(t->bus, &t->call));

        if (answer.is_error)
                errx(EXIT_FAILURE, "refused: %s", answer.error);
        return now_nsec() - start;
}

static Target target_new(RawCall call, char *argv[], size_t n_calls) {
        Target t = {
                .bus = raw_bus_open(argv[0]),
                .call = raw_message_new_for(call, argv[1], argv[2]),
                .samples = samples_new(n_calls),
        };

        for (unsigned i = 0; i < WARM_UP; i++)
                (void) target_ask(&t);
        return t;
}

static void target_print(Target *t, size_t n) {
        long long p50 = samples_percentile(t->samples, n, 50);
        long long p99 = samples_percentile(t->samples, n, 99);

        printf("%lli %lli\n", p50, p99);
}

static void target_done(Target *t) {
        raw_bus_close(t->bus);
        raw_message_done(&t->call);
        free(t->samples);
}

int main(int argc, char *argv[]) {
        int n_targets = (argc - FIRST_AT) / TARGET;
        RawCall call = argc > 1 ? raw_call_from_string(argv[1]) : _RAW_CALL_INVALID;
        size_t n_calls = argc > 2 ? strtoul(argv[2], NULL, 10) / BLOCK * BLOCK : 0;
        Target targets[MOST] = {};

        if (call < 0 || n_calls == 0 || n_targets < 1 || n_targets > MOST)
                errx(EXIT_FAILURE, "usage: latency MEMBER CALLS { ADDRESS NAME ACCOUNT }...");

        for (int i = 0; i < n_targets; i++)
                targets[i] = target_new(call, argv + FIRST_AT + i * TARGET, n_calls);
        for (size_t at = 0; at < n_calls; at += BLOCK)
                for (int i = 0; i < n_targets; i++) {
                        Target *t = &targets[turn_of(i, at / BLOCK, n_targets)];

                        for (size_t n = 0; n < BLOCK; n++)
                                t->samples[at + n] = target_ask(t);
                }

        for (int i = 0; i < n_targets; i++) {
                target_print(&targets[i], n_calls);
                target_done(&targets[i]);
        }
        return EXIT_SUCCESS;
}
