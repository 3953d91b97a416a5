/* SPDX-License-Identifier: MIT */

/*
 * A program that does nothing wrong: it asks for a token, and again when it has got it. Writes how
 * long the answers took, in microseconds: "COUNT MEDIAN LONGEST". Ends with 1 if it is refused, and
 * says by which error.
 */

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "raw-bus.h"

static int64_t now_usec(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static int compare(const void *a, const void *b) {
        int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

        return (x > y) - (x < y);
}

static int64_t victim_ask(RawBus *bus, const RawMessage *m) {
        int64_t start = now_usec();
        RawAnswer answer = raw_bus_await(bus, raw_bus_add(bus, m));

        if (answer.is_error)
                errx(EXIT_FAILURE, "refused: %s", answer.error);
        return now_usec() - start;
}

/* At least one call, and at most so many, for about so many milliseconds. */
int main(int argc, char *argv[]) {
        long most = argc == 5 ? atol(argv[3]) : 0;
        int64_t *taken, end;
        RawMessage m;
        RawBus *bus;
        long n = 0;

        if (most < 1)
                errx(EXIT_FAILURE, "usage: victim ADDRESS NAME CALLS MILLISECONDS");

        taken = calloc((size_t) most, sizeof(int64_t));
        if (!taken)
                err(EXIT_FAILURE, "no memory");

        bus = raw_bus_open(argv[1]);
        m = raw_message_new(RAW_CALL_GET_TOKEN, argv[2], NULL);
        end = now_usec() + atol(argv[4]) * 1000;
        do
                taken[n++] = victim_ask(bus, &m);
        while (n < most && now_usec() < end);

        qsort(taken, (size_t) n, sizeof(int64_t), compare);
        printf("%li %lli %lli\n", n, (long long) taken[n / 2], (long long) taken[n - 1]);

        raw_message_done(&m);
        raw_bus_close(bus);
        free(taken);
        return EXIT_SUCCESS;
}
