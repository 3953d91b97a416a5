/* SPDX-License-Identifier: MIT */

/* When to refresh, case by case. */

#include "schedule-rig.h"

#define SEEDS 2000

static const Backoff no_failure = {};

/* For many accounts. */
static void check_due(int64_t obtained_at, int64_t expires_in, int64_t low, int64_t high) {
        GrantTimes times = grant_times(obtained_at, expires_in);

        for (uint64_t seed = 0; seed < SEEDS; seed++)
                check_within(schedule_due(times, obtained_at, seed), obtained_at + low,
                             obtained_at + high);
}

static void a_year_is_renewed_between_day_75_and_90(void) {
        check_due(IN_2026, YEAR, 75 * DAY, 90 * DAY);
        check_due(IN_2026, 31535338, 75 * DAY, 90 * DAY); /* what Yandex gave on a recorded day */
        check_due(IN_2038, YEAR, 75 * DAY, 90 * DAY);
        check_due(0, YEAR, 75 * DAY, 90 * DAY);
}

static void longer_lives_are_renewed_as_early(void) {
        check_due(IN_2026, 10 * YEAR, 75 * DAY, 90 * DAY);
        check_due(IN_2026, INT64_C(1) << 40, 75 * DAY, 90 * DAY);
        check_due(IN_2026, INT64_MAX, 75 * DAY, 90 * DAY);
        check_due(IN_9999, INT64_MAX, 75 * DAY, 90 * DAY);
}

static void an_hour_is_renewed_between_minute_40_and_55(void) {
        check_due(IN_2026, HOUR, 40 * MINUTE, 55 * MINUTE);
        check_due(0, HOUR, 40 * MINUTE, 55 * MINUTE);
}

static void a_machine_may_be_off_for_two_months(void) {
        check_due(IN_2026, 150 * DAY, 75 * DAY, 90 * DAY);
        check_due(IN_2026, 120 * DAY, 50 * DAY, 60 * DAY);
        /* A shorter life leaves room for two thirds of itself. */
        check_due(IN_2026, 90 * DAY, 25 * DAY, 30 * DAY);
        check_due(IN_2026, 60 * DAY, 50 * DAY / 3, 20 * DAY);
}

static void lives_shorter_than_60_days_keep_the_proportion(void) {
        check_due(IN_2026, 60 * DAY - 1, 40 * DAY - 1, 55 * DAY);
        check_due(IN_2026, DAY, 16 * HOUR, 22 * HOUR);
        check_due(IN_2026, 12 * MINUTE, 8 * MINUTE, 11 * MINUTE);
}

static void the_shortest_lives_are_renewed_before_their_end(void) {
        check_due(IN_2026, 10, 7, 9);
        check_due(IN_2026, 3, 2, 2);
        check_due(IN_2026, 2, 1, 1);
        check_due(IN_2026, 1, 0, 0);
}

static void without_a_known_end_it_is_daily(void) {
        static const int64_t absurd[] = { 0, -1, -HOUR, -YEAR, INT64_MIN };

        for (size_t i = 0; i < ELEMENTSOF(absurd); i++) {
                check_int(grant_times(IN_2026, absurd[i]).expires_at, GRANT_END_UNKNOWN);
                check_due(IN_2026, absurd[i], 20 * HOUR, DAY);
        }
}

static void the_longest_life_is_a_hundred_years(void) {
        check_int(grant_times(IN_2026, INT64_C(1) << 40).expires_at, IN_2026 + 100 * YEAR);
        check_int(grant_times(IN_2026, INT64_MAX).expires_at, IN_2026 + 100 * YEAR);
        check_int(grant_times(IN_2026, 100 * YEAR).expires_at, IN_2026 + 100 * YEAR);
        check_int(grant_times(IN_2026, 100 * YEAR - 1).expires_at, IN_2026 + 100 * YEAR - 1);
}

/* Times as a keyring that was tampered with may hold. */
static void an_end_before_the_beginning_is_due(void) {
        GrantTimes times = { .obtained_at = IN_2026, .expires_at = IN_2026 - HOUR };

        for (uint64_t seed = 0; seed < SEEDS; seed++)
                check_int(schedule_due(times, IN_2026, seed), IN_2026);
}

static void the_answer_does_not_depend_on_when_it_is_asked(void) {
        GrantTimes times = grant_times(IN_2026, YEAR);
        int64_t due = schedule_due(times, IN_2026, 7);

        check_int(schedule_due(times, IN_2026 + DAY, 7), due);
        check_int(schedule_due(times, due, 7), due);
        check_int(schedule_due(times, IN_2026 + 2 * YEAR, 7), due);
        check_int(schedule_next(times, &no_failure, due, 7), due);
}

static void a_step_of_the_clock_is_no_loss(void) {
        GrantTimes times = grant_times(IN_2026, YEAR);
        int64_t due = schedule_due(times, IN_2026, 7);

        /* After a step forward by a day it is not due, by a year it is. */
        check(schedule_due(times, IN_2026 + DAY, 7) > IN_2026 + DAY);
        check(schedule_due(times, IN_2026 + YEAR, 7) <= IN_2026 + YEAR);
        /* A small step back changes nothing. A large one makes the date of the grant doubtful, so
         * it is due. */
        check_int(schedule_due(times, IN_2026 - HOUR, 7), due);
        check_int(schedule_due(times, IN_2026 - HOUR - 1, 7), IN_2026 - HOUR - 1);
        check_int(schedule_due(times, IN_2026 - DAY, 7), IN_2026 - DAY);
        check_int(schedule_due(times, IN_2026 - YEAR, 7), IN_2026 - YEAR);
        check_int(schedule_due(times, 0, 7), 0);
}

static void a_grant_dated_1970_is_due_once_the_clock_is_right(void) {
        GrantTimes times = grant_times(100, YEAR);

        check_within(schedule_due(times, 100, 7), 75 * DAY, 90 * DAY + 100);
        check(schedule_due(times, IN_2026, 7) <= IN_2026);
        check(!schedule_is_good_for(times, IN_2026, 0));
}

static void times_are_64_bit(void) {
        check_due(IN_2038 - 1, HOUR, 40 * MINUTE, 55 * MINUTE);
        check_due(IN_2038 + 1, HOUR, 40 * MINUTE, 55 * MINUTE);
        check_due(IN_2106 - 1, HOUR, 40 * MINUTE, 55 * MINUTE);
        check_due(IN_2106 + 1, HOUR, 40 * MINUTE, 55 * MINUTE);
        check_due(IN_9999, HOUR, 40 * MINUTE, 55 * MINUTE);
}

static void a_failure_takes_the_place_of_the_due_time(void) {
        Backoff failure = { .count = 1, .at = IN_2026, .retry_after = -1 };
        GrantTimes times = grant_times(IN_2026, YEAR);

        check_int(schedule_next(times, &failure, IN_2026, 7), backoff_next(&failure, IN_2026, 7));
        check_within(schedule_next(times, &failure, IN_2026, 7), IN_2026 + 10, IN_2026 + 30);
}

static void min_valid_is_a_minute_or_a_tenth(void) {
        check_int(schedule_default_min_valid(grant_times(IN_2026, YEAR)), 60);
        check_int(schedule_default_min_valid(grant_times(IN_2026, 600)), 60);
        check_int(schedule_default_min_valid(grant_times(IN_2026, 599)), 59);
        check_int(schedule_default_min_valid(grant_times(IN_2026, 10)), 1);
        check_int(schedule_default_min_valid(grant_times(IN_2026, 9)), 0);
        check_int(schedule_default_min_valid(grant_times(IN_2026, 0)), 0);
        check_int(schedule_default_min_valid((GrantTimes){ IN_2026, IN_2026 - 10 }), 0);
}

static void between_attempts_lie_ten_seconds_or_half_a_life(void) {
        check_int(schedule_shortest_pause(grant_times(IN_2026, YEAR)), 10);
        check_int(schedule_shortest_pause(grant_times(IN_2026, 20)), 10);
        check_int(schedule_shortest_pause(grant_times(IN_2026, 18)), 9);
        check_int(schedule_shortest_pause(grant_times(IN_2026, 1)), 1);
        check_int(schedule_shortest_pause(grant_times(IN_2026, 0)), 10);
        check_int(schedule_shortest_pause((GrantTimes){ IN_2026, IN_2026 - 10 }), 1);
}

static void a_token_is_good_while_it_lives_long_enough(void) {
        GrantTimes times = grant_times(IN_2026, HOUR);

        check(schedule_is_good_for(times, IN_2026, 60));
        check(schedule_is_good_for(times, IN_2026 + HOUR - 60, 60));
        check(!schedule_is_good_for(times, IN_2026 + HOUR - 59, 60));
        check(schedule_is_good_for(times, IN_2026 + HOUR - 1, 0));
        check(!schedule_is_good_for(times, IN_2026 + HOUR, 0));
        check(!schedule_is_good_for(times, IN_2026 + YEAR, 0));
        check(schedule_is_good_for(grant_times(IN_2026, 0), IN_2026 + YEAR, YEAR));
}

static void more_than_a_life_is_met_by_a_fresh_token(void) {
        GrantTimes times = grant_times(IN_2026, HOUR);

        check(schedule_is_good_for(times, IN_2026, 2 * HOUR));
        check(schedule_is_good_for(times, IN_2026 + 6 * MINUTE, 2 * HOUR));
        check(!schedule_is_good_for(times, IN_2026 + 6 * MINUTE + 1, 2 * HOUR));
        check(!schedule_is_good_for(times, IN_2026 - 1, 2 * HOUR)); /* dated by a wrong clock */
        /* This is not more than a life, but more than is left of it. */
        check(!schedule_is_good_for(times, IN_2026 + 1, HOUR));
}

static void an_end_that_did_not_move_is_tried_once_a_day(void) {
        GrantTimes times = grant_times(IN_2026, 10 * DAY);

        check(schedule_may_extend(times, true, IN_2026));
        check(!schedule_may_extend(times, false, IN_2026));
        check(!schedule_may_extend(times, false, IN_2026 + DAY - 1));
        check(schedule_may_extend(times, false, IN_2026 + DAY));
        /* On the last day it may be tried as often as the other rules allow. */
        check(schedule_may_extend(grant_times(IN_2026, DAY), false, IN_2026));
        check(!schedule_may_extend(grant_times(IN_2026, DAY + 1), false, IN_2026));
        check(schedule_may_extend(grant_times(IN_2026, DAY + 1), false, IN_2026 + 1));
        check(schedule_may_extend(grant_times(IN_2026, 0), false, IN_2026));
        check(schedule_may_extend(times, false, IN_2026 - DAY)); /* dated by a wrong clock */
}

TEST_MAIN(TEST(a_year_is_renewed_between_day_75_and_90), TEST(longer_lives_are_renewed_as_early),
          TEST(an_hour_is_renewed_between_minute_40_and_55),
          TEST(a_machine_may_be_off_for_two_months),
          TEST(lives_shorter_than_60_days_keep_the_proportion),
          TEST(the_shortest_lives_are_renewed_before_their_end),
          TEST(without_a_known_end_it_is_daily), TEST(the_longest_life_is_a_hundred_years),
          TEST(an_end_before_the_beginning_is_due),
          TEST(the_answer_does_not_depend_on_when_it_is_asked),
          TEST(a_step_of_the_clock_is_no_loss),
          TEST(a_grant_dated_1970_is_due_once_the_clock_is_right), TEST(times_are_64_bit),
          TEST(a_failure_takes_the_place_of_the_due_time), TEST(min_valid_is_a_minute_or_a_tenth),
          TEST(between_attempts_lie_ten_seconds_or_half_a_life),
          TEST(a_token_is_good_while_it_lives_long_enough),
          TEST(more_than_a_life_is_met_by_a_fresh_token),
          TEST(an_end_that_did_not_move_is_tried_once_a_day))
