/* SPDX-License-Identifier: MIT */

/* When to try again after a failure, and when Yandex may be asked on demand. */

#include "schedule-rig.h"

#define SEEDS 2000

static Backoff failed(unsigned count) {
        return (Backoff){
                .count = count,
                .at = IN_2026,
                .retry_after = BACKOFF_NO_RETRY_AFTER,
        };
}

static Backoff told_to_wait(int64_t seconds) {
        return (Backoff){ .count = 1, .at = IN_2026, .retry_after = seconds };
}

static void check_retry(Backoff failure, int64_t low, int64_t high) {
        for (uint64_t seed = 0; seed < SEEDS; seed++)
                check_within(backoff_next(&failure, IN_2026, seed), IN_2026 + low, IN_2026 + high);
}

/* Over many accounts the times reach from the earliest to the latest. */
static void check_reaches(Backoff failure, int64_t low, int64_t high) {
        int64_t first = INT64_MAX, last = 0;

        for (uint64_t seed = 0; seed < SAMPLES; seed++) {
                int64_t at = backoff_next(&failure, IN_2026, seed) - IN_2026;

                first = MIN_OF(first, at);
                last = MAX_OF(last, at);
        }
        check_int(first, low);
        check_int(last, high);
}

static void the_ceiling_doubles_from_30_s_to_an_hour(void) {
        static const int64_t ceilings[] = { 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600 };

        for (unsigned i = 0; i < ELEMENTSOF(ceilings); i++) {
                check_retry(failed(i + 1), 10, ceilings[i]);
                check_reaches(failed(i + 1), 10, ceilings[i]);
        }
}

static void there_is_no_end_to_failing(void) {
        check_retry(failed(1000), 10, HOUR);
        check_retry(failed(UINT32_MAX / 2), 10, HOUR);
        check_retry(failed(UINT32_MAX), 10, HOUR);
}

static void what_is_not_passing_is_tried_daily(void) {
        Backoff failure = failed(1);

        failure.daily = true;
        check_retry(failure, 20 * HOUR, DAY);
        failure.count = 100;
        check_retry(failure, 20 * HOUR, DAY);
        failure.retry_after = 1;
        check_retry(failure, 20 * HOUR, DAY);
}

static void retry_after_is_honoured(void) {
        check_retry(told_to_wait(120), 120, 240);
        check_retry(told_to_wait(HOUR), HOUR, 2 * HOUR);
        check_retry(told_to_wait(DAY), DAY, DAY + HOUR);
}

static void everybody_does_not_come_at_the_moment_that_was_named(void) {
        check_reaches(told_to_wait(10 * MINUTE), 10 * MINUTE, 20 * MINUTE);
        check_reaches(told_to_wait(HOUR), HOUR, 2 * HOUR);
}

static void a_short_retry_after_does_not_make_us_faster(void) {
        check_retry(told_to_wait(0), 10, 30);
        check_retry(told_to_wait(1), 10, 31);
        check_reaches(told_to_wait(0), 10, 30);
}

static void an_absurd_retry_after_is_a_day_at_most(void) {
        check_retry(told_to_wait(DAY + 1), DAY, DAY + HOUR);
        check_retry(told_to_wait(100 * YEAR), DAY, DAY + HOUR);
        check_retry(told_to_wait(INT64_MAX), DAY, DAY + HOUR);
        check_retry(told_to_wait(-2), 10, 30);
        check_retry(told_to_wait(INT64_MIN), 10, 30);
}

static void retry_after_does_not_shorten_a_long_backoff(void) {
        Backoff failure = failed(20);
        int64_t without = backoff_next(&failure, IN_2026, 7);

        failure.retry_after = 1;
        check_int(backoff_next(&failure, IN_2026, 7), without);
}

static void a_failure_in_the_future_counts_from_now(void) {
        Backoff failure = failed(1);

        check_within(backoff_next(&failure, IN_2026 - DAY, 7), IN_2026 - DAY + 10,
                     IN_2026 - DAY + 30);
        check_within(backoff_next(&failure, 0, 7), 10, 30);
        /* A small correction of the clock does not count as a step. */
        check_int(backoff_next(&failure, IN_2026 - HOUR, 7), backoff_next(&failure, IN_2026, 7));
        /* After a step forward it is due. */
        check(backoff_next(&failure, IN_2026 + DAY, 7) <= IN_2026 + DAY);
        check(backoff_next(&failure, IN_2038, 7) <= IN_2038);
}

static void each_failure_is_spread_anew(void) {
        unsigned same = 0;

        for (uint64_t seed = 0; seed < SEEDS; seed++) {
                Backoff ninth = failed(9), tenth = failed(10);

                same += backoff_next(&ninth, IN_2026, seed) == backoff_next(&tenth, IN_2026, seed);
        }
        check(same < SEEDS / 100);
}

static void a_wish_waits_ten_seconds_for_the_last_attempt(void) {
        Backoff failure = failed(5);

        check_int(schedule_earliest_on_demand(&failure, IN_2026, IN_2026), IN_2026 + 10);
        check_int(schedule_earliest_on_demand(&failure, IN_2026, IN_2026 + 9), IN_2026 + 10);
        check(schedule_earliest_on_demand(&failure, 0, IN_2026) <= IN_2026);
        failure = (Backoff){};
        check_int(schedule_earliest_on_demand(&failure, IN_2026, IN_2026), IN_2026 + 10);
}

static void a_wish_waits_for_what_the_server_named(void) {
        Backoff failure = told_to_wait(600);

        check_int(schedule_earliest_on_demand(&failure, IN_2026, IN_2026 + 100), IN_2026 + 600);
        failure.retry_after = 3;
        check_int(schedule_earliest_on_demand(&failure, IN_2026, IN_2026 + 100), IN_2026 + 10);
        failure.retry_after = INT64_MAX;
        check_int(schedule_earliest_on_demand(&failure, IN_2026, IN_2026 + 100), IN_2026 + DAY);
        failure.count = 0;
        check_int(schedule_earliest_on_demand(&failure, IN_2026, IN_2026 + 100), IN_2026 + 10);
}

static void a_wish_does_not_wait_for_a_clock_that_went_back(void) {
        Backoff failure = told_to_wait(600);

        check(schedule_earliest_on_demand(&failure, IN_2026, IN_2026 - DAY) <= IN_2026 - DAY);
        check(schedule_earliest_on_demand(&failure, IN_2026, 0) <= 0);
}

TEST_MAIN(TEST(the_ceiling_doubles_from_30_s_to_an_hour), TEST(there_is_no_end_to_failing),
          TEST(what_is_not_passing_is_tried_daily), TEST(retry_after_is_honoured),
          TEST(everybody_does_not_come_at_the_moment_that_was_named),
          TEST(a_short_retry_after_does_not_make_us_faster),
          TEST(an_absurd_retry_after_is_a_day_at_most),
          TEST(retry_after_does_not_shorten_a_long_backoff),
          TEST(a_failure_in_the_future_counts_from_now), TEST(each_failure_is_spread_anew),
          TEST(a_wish_waits_ten_seconds_for_the_last_attempt),
          TEST(a_wish_waits_for_what_the_server_named),
          TEST(a_wish_does_not_wait_for_a_clock_that_went_back))
