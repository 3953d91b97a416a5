/* SPDX-License-Identifier: MIT */

/* How many requests may be sent, and when. */

#include "check.h"
#include "yandex/budget.h"

#define SECOND UINT64_C(1000000)
/* The clock begins when the machine does. */
#define START  (7 * SECOND)

/* How many requests of that kind may be sent at that time. */
static unsigned take_all(Budget *b, uint64_t now, bool due) {
        unsigned n = 0;

        while (budget_take(b, now, due))
                n++;
        return n;
}

/* Each row goes on where the one before it ended: so many are sent at that time, and then no more;
 * the next ones may be sent at the times in the last columns. */
static void a_day(void) {
        static const struct {
                uint64_t at;
                bool due;
                unsigned n;
                uint64_t next_due, next_other;
        } rows[] = {
                { 0, false, 100, 0, 1 },            /* the burst, but for what is kept */
                { 0, false, 0, 0, 1 },              /* and no more */
                { 0, true, 20, 1, 21 },             /* what was kept */
                { 0, true, 0, 1, 21 },              /* it is little, too */
                { 1, false, 0, 1, 21 },             /* what comes back is kept first */
                { 1, true, 1, 2, 22 },              /* one a second */
                { 10, true, 9, 11, 31 },            /* those that nobody took meanwhile */
                { 31, false, 1, 12, 32 },           /* what is kept is there again */
                { 33, false, 2, 14, 34 },           /* one a second in the long run */
                { 40, false, 7, 21, 41 },           /* however many are wanted */
                { 3600, false, 100, 3581, 3601 },   /* never more than the burst */
                { 3600, true, 20, 3601, 3621 },     /* */
                { 3602, true, 2, 3603, 3623 },      /* a machine that was asleep meanwhile: */
                { 90000, true, 120, 90001, 90021 }, /* all is for what is due, */
                { 90001, false, 0, 90001, 90021 },  /* and nothing is left for others */
                { 90010, false, 0, 90001, 90021 },  /* while that comes back */
                { 90021, false, 1, 90002, 90022 },  /* */
                { 90022, true, 21, 90023, 90043 },  /* */
        };
        Budget b = budget_new(SECOND);

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                uint64_t now = START + rows[i].at * SECOND;
                unsigned n = take_all(&b, now, rows[i].due);

                if (n != rows[i].n)
                        fprintf(stderr, "row %zu: %u\n", i, n);
                check_int(n, rows[i].n);
                check_int(MAX_OF(budget_next(&b, true), START), START + rows[i].next_due * SECOND);
                check_int(MAX_OF(budget_next(&b, false), START),
                          START + rows[i].next_other * SECOND);
        }
}

static void the_next_one_may_be_sent_then_and_not_before(void) {
        Budget b = budget_new(BUDGET_INTERVAL_USEC);

        (void) take_all(&b, START, true);
        for (unsigned due = 0; due < 2; due++) {
                uint64_t next = budget_next(&b, due);

                check(!budget_take(&b, next - 1, due));
                check(budget_take(&b, next, due));
        }
}

/* Whenever requests come, none of 120 seconds sees more than the burst and one a second. */
static void no_two_minutes_see_more(void) {
        static uint64_t sent[20000];
        uint64_t now = START, seed = 1;
        Budget b = budget_new(SECOND);
        size_t n = 0, first = 0;

        while (n < ELEMENTSOF(sent)) {
                seed = seed * UINT64_C(6364136223846793005) + 1;
                now += (seed >> 33) % (seed >> 63 ? 3 * SECOND : SECOND / 50);
                if (!budget_take(&b, now, seed >> 62 & 1))
                        continue;
                sent[n++] = now;
                while (now - sent[first] >= 120 * SECOND)
                        first++;
                check_within((int64_t) (n - first), 1, 240);
        }
}

/* The event loop's time may be a little older than the last one. */
static void a_time_before_the_last_one_gives_nothing(void) {
        Budget b = budget_new(SECOND);

        (void) take_all(&b, START, true);
        check(!budget_take(&b, START - SECOND, true));
        check(!budget_take(&b, 0, true));
        check(budget_take(&b, START + SECOND, true));
}

TEST_MAIN(TEST(a_day), TEST(the_next_one_may_be_sent_then_and_not_before),
          TEST(no_two_minutes_see_more), TEST(a_time_before_the_last_one_gives_nothing))
