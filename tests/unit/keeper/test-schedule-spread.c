/* SPDX-License-Identifier: MIT */

/* What holds for every grant, failure and account, tried with many random ones; and that a million
 * machines do not ask at once. */

#include "schedule-rig.h"

#define CASES 300000

static void every_grant_is_due_within_its_life(void) {
        uint64_t random = 1;

        for (unsigned i = 0; i < CASES; i++) {
                int64_t obtained_at = next_magnitude(&random, 38);
                int64_t life = next_magnitude(&random, 50) + 1;
                GrantTimes times = grant_times(obtained_at, life);
                int64_t due = schedule_due(times, obtained_at, next_random(&random));

                check(due >= obtained_at);
                check(due < times.expires_at);
                check(due <= obtained_at + 90 * DAY);
                check(due >= obtained_at + MIN_OF(life / 4, 75 * DAY));
                if (life >= 60 * DAY)
                        check(times.expires_at - due >= MIN_OF(60 * DAY, life / 3 * 2));
        }
}

static void every_grant_and_clock_have_an_answer(void) {
        uint64_t random = 2;

        for (unsigned i = 0; i < CASES; i++) {
                int64_t obtained_at = next_magnitude(&random, 38), now;
                int64_t expires_in = (int64_t) next_random(&random) >> (next_random(&random) % 64);
                GrantTimes times = grant_times(obtained_at, expires_in);
                uint64_t seed = next_random(&random);
                int64_t due;

                now = next_magnitude(&random, 38);
                due = schedule_due(times, now, seed);
                check(due == schedule_due(times, now, seed));
                check(due <= MAX_OF(now, obtained_at + 90 * DAY));
                if (obtained_at - HOUR > now)
                        check_int(due, now);
                if (times.expires_at != GRANT_END_UNKNOWN && now >= times.expires_at)
                        check(due <= now);
        }
}

static void every_failure_is_tried_again_within_bounds(void) {
        uint64_t random = 3;

        for (unsigned i = 0; i < CASES; i++) {
                int64_t now = next_magnitude(&random, 38);
                Backoff failure = {
                        .count = 1 + (unsigned) next_magnitude(&random, 31),
                        .at = next_magnitude(&random, 38),
                        .retry_after =
                                (int64_t) next_random(&random) >> (next_random(&random) % 64),
                };
                int64_t from = failure.at - HOUR > now ? now : failure.at;
                int64_t named = MAX_OF(MIN_OF(failure.retry_after, DAY), 0);
                int64_t next = backoff_next(&failure, now, next_random(&random));

                check(next >= from + MAX_OF(named, 10));
                check(next <= from + MAX_OF(named + MAX_OF(MIN_OF(named, HOUR), 30), HOUR));
        }
}

static void whoever_is_served_has_a_token_that_lives(void) {
        uint64_t random = 4;

        for (unsigned i = 0; i < CASES; i++) {
                int64_t obtained_at = next_magnitude(&random, 33);
                GrantTimes times = grant_times(obtained_at, next_magnitude(&random, 30) + 1);
                int64_t now = obtained_at + next_magnitude(&random, 31);
                int64_t min_valid = next_magnitude(&random, 26);
                bool good = schedule_is_good_for(times, now, min_valid);

                check(!good || times.expires_at > now);
                if (times.expires_at - now >= MAX_OF(min_valid, 1))
                        check(good);
                if (good && times.expires_at - now < min_valid)
                        check(min_valid > times.expires_at - obtained_at);
                /* A fresh grant is served, or else a caller would cause one refresh after
                 * another. */
                check(schedule_is_good_for(times, obtained_at, min_valid));
                check(schedule_default_min_valid(times) * 10 <= times.expires_at - obtained_at);
        }
}

static void a_wish_is_never_put_off_for_long(void) {
        uint64_t random = 5;

        for (unsigned i = 0; i < CASES; i++) {
                int64_t now = next_magnitude(&random, 38);
                int64_t last_attempt = next_magnitude(&random, 38);
                Backoff failure = {
                        .count = (unsigned) next_magnitude(&random, 4),
                        .at = next_magnitude(&random, 38),
                        .retry_after =
                                (int64_t) next_random(&random) >> (next_random(&random) % 64),
                };
                int64_t earliest = schedule_earliest_on_demand(&failure, last_attempt, now);

                check(earliest <= now + DAY);
                if (failure.retry_after < 0 || failure.count == 0)
                        check(earliest <= now + 10);
        }
}

static void years_are_spread_over_15_days(void) {
        for (SeedKind kind = 0; kind < _SEED_KIND_MAX; kind++) {
                unsigned buckets[BUCKETS] = {};
                GrantTimes times = grant_times(IN_2026, YEAR);

                for (uint64_t i = 0; i < SAMPLES; i++)
                        count_into(buckets, schedule_due(times, IN_2026, make_seed(kind, i)),
                                   IN_2026 + 75 * DAY, IN_2026 + 90 * DAY);
                check_even(buckets);
        }
}

static void four_months_are_spread_over_10_days(void) {
        unsigned buckets[BUCKETS] = {};
        GrantTimes times = grant_times(IN_2026, 120 * DAY);

        for (uint64_t i = 0; i < SAMPLES; i++)
                count_into(buckets, schedule_due(times, IN_2026, i), IN_2026 + 50 * DAY,
                           IN_2026 + 60 * DAY);
        check_even(buckets);
}

static void hours_are_spread_over_15_minutes(void) {
        for (SeedKind kind = 0; kind < _SEED_KIND_MAX; kind++) {
                unsigned buckets[BUCKETS] = {};
                GrantTimes times = grant_times(IN_2026, HOUR);

                for (uint64_t i = 0; i < SAMPLES; i++)
                        count_into(buckets, schedule_due(times, IN_2026, make_seed(kind, i)),
                                   IN_2026 + 40 * MINUTE, IN_2026 + 55 * MINUTE - 1);
                check_even(buckets);
        }
}

/* Full jitter: the times are spread evenly over the whole span. */
static void retries_are_spread_over_the_whole_span(void) {
        for (SeedKind kind = 0; kind < _SEED_KIND_MAX; kind++) {
                Backoff failure = { .count = 20, .at = IN_2026, .retry_after = -1 };
                unsigned halves[2] = {}, tenths[10] = {};

                for (uint64_t i = 0; i < SAMPLES; i++) {
                        int64_t delay =
                                backoff_next(&failure, IN_2026, make_seed(kind, i)) - IN_2026;

                        check_within(delay, 10, HOUR);
                        halves[(delay - 10) * 2 / 3591]++;
                        tenths[(delay - 10) * 10 / 3591]++;
                }
                check_within(halves[0], SAMPLES / 2 - 800, SAMPLES / 2 + 800);
                for (unsigned i = 0; i < 10; i++)
                        check_within(tenths[i], SAMPLES / 10 - 500, SAMPLES / 10 + 500);
        }
}

static void an_account_does_not_always_come_early(void) {
        unsigned buckets[BUCKETS] = {};

        for (int64_t i = 0; i < SAMPLES; i++) {
                int64_t obtained_at = IN_2026 + i * 80 * DAY;
                GrantTimes times = grant_times(obtained_at, YEAR);

                count_into(buckets, schedule_due(times, obtained_at, 7) - obtained_at, 75 * DAY,
                           90 * DAY);
        }
        check_even(buckets);
}

/* Accounts that were signed in at the same second are due at different times. */
static void neighbours_have_nothing_in_common(void) {
        GrantTimes times = grant_times(IN_2026, YEAR);
        unsigned close = 0;

        for (uint64_t i = 0; i < SAMPLES; i++)
                close += llabs(schedule_due(times, IN_2026, i) -
                               schedule_due(times, IN_2026, i + 1)) < HOUR;
        /* By chance one pair in 180 is that close. */
        check_within(close, SAMPLES / 180 / 2, SAMPLES / 180 * 2);
}

TEST_MAIN(TEST(every_grant_is_due_within_its_life), TEST(every_grant_and_clock_have_an_answer),
          TEST(every_failure_is_tried_again_within_bounds),
          TEST(whoever_is_served_has_a_token_that_lives), TEST(a_wish_is_never_put_off_for_long),
          TEST(years_are_spread_over_15_days), TEST(four_months_are_spread_over_10_days),
          TEST(hours_are_spread_over_15_minutes), TEST(retries_are_spread_over_the_whole_span),
          TEST(an_account_does_not_always_come_early), TEST(neighbours_have_nothing_in_common))
