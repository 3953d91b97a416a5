/* SPDX-License-Identifier: MIT */

/* A token that is asked for is served from memory, refreshed, or refused; and how often Yandex is
 * asked at most. */

#include "keeper-rig.h"

static void begin_with(Known known) {
        begin();
        keyring_has(known);
        start();
}

static void a_year_is_served_from_memory(void) {
        begin_with((Known){});
        for (unsigned i = 0; i < 74; i++) {
                check_served(ask("one"), "a-1", 1);
                pass(DAY);
        }
        check_int(fake_http_count(NULL), 0);
        end();
}

static void more_life_than_is_left_is_refreshed_for(void) {
        Asker *asker;

        begin_with((Known){});
        pass(20 * DAY);
        check_served(ask_for("one", 345 * DAY), "a-1", 1);
        asker = ask_for("one", 345 * DAY + 1);
        check_waits(asker);
        yandex_gives("a-2", "r-2", YEAR);
        check_served(asker, "a-2", 2);
        check_served(ask_for("one", 345 * DAY + 1), "a-2", 2);
        check_int(asked(), 1);
        end();
}

static void whoever_needs_more_gets_an_error_where_it_fails(void) {
        Asker *asker;

        begin_with((Known){});
        pass(20 * DAY);
        asker = ask_for("one", 364 * DAY);
        yandex_cannot_be_reached();
        check_refused(asker, CONDITION_OFFLINE);
        check_refused(ask_for("one", 364 * DAY), CONDITION_OFFLINE); /* without asking */
        check_served(ask_for("one", 300 * DAY), "a-1", 1);
        check_served(ask("one"), "a-1", 1);
        check_int(asked(), 1);
        end();
}

static void more_than_a_whole_life_is_one_refresh(void) {
        Asker *asker;

        begin_with((Known){ .life = HOUR });
        check_served(ask_for("one", 2 * HOUR), "a-1", 1); /* fresh */
        pass(6 * MINUTE + 1);
        asker = ask_for("one", 2 * HOUR);
        check_waits(asker);
        yandex_gives("a-2", "r-2", HOUR);
        check_served(asker, "a-2", 2);
        check_int(asker->expires_at, clock_now() + HOUR);
        check_served(ask_for("one", 2 * HOUR), "a-2", 2);
        check_int(asked(), 1);
        end();
}

static void by_default_a_minute_must_be_left(void) {
        Asker *asker;

        begin_with((Known){ .obtained_at = DAWN - YEAR + 60 });
        check_int(waiting(), 1); /* long since due */
        check_served(ask("one"), "a-1", 1);
        pass(1);
        asker = ask("one");
        check_waits(asker);
        check_served(ask_for("one", 59), "a-1", 1);
        check_served(ask_for("one", 0), "a-1", 1);
        yandex_gives("a-2", "r-2", YEAR);
        check_served(asker, "a-2", 2);
        end();
}

/* A tenth of a short life is enough, or else such a token would hardly ever be served. */
static void of_a_short_life_a_tenth_must_be_left(void) {
        begin_with((Known){ .obtained_at = DAWN - 85, .life = 100 });
        check_int(waiting(), 1);
        check_served(ask("one"), "a-1", 1);
        pass(5);
        check_served(ask("one"), "a-1", 1);
        pass(1);
        check_waits(ask("one"));
        end();
}

static void whoever_did_not_insist_takes_what_still_lives(void) {
        Asker *lenient, *strict, *forced;

        begin_with((Known){ .obtained_at = DAWN - YEAR + 30 });
        lenient = ask("one");
        strict = ask_for("one", 31);
        forced = ask_by_force("one");
        yandex_cannot_be_reached();
        check_served(lenient, "a-1", 1);
        check_refused(strict, CONDITION_OFFLINE);
        check_refused(forced, CONDITION_OFFLINE);
        check_served(ask("one"), "a-1", 1);
        end();
}

static void a_dead_token_is_served_to_nobody(void) {
        Asker *asker;

        begin_with((Known){ .obtained_at = DAWN - 2 * YEAR });
        asker = ask_for("one", 0);
        check_waits(asker);
        yandex_cannot_be_reached();
        check_refused(asker, CONDITION_OFFLINE);
        check_refused(ask_for("one", 0), CONDITION_OFFLINE);
        end();
}

/* A thousand impatient programs cause no more requests than one. */
static void a_crowd_offline_is_no_storm(void) {
        begin_with((Known){ .obtained_at = DAWN - 2 * YEAR });
        for (unsigned second = 0; second < 3600; second++) {
                (void) ask("one");
                if (waiting() > 0)
                        yandex_cannot_be_reached();
                pass(1);
        }
        check_within(asked(), 5, 40);
        end();
}

static void the_wait_between_failures_grows(void) {
        int64_t last = 0;
        unsigned n = 0;

        begin_with((Known){ .obtained_at = DAWN - 2 * YEAR });
        for (unsigned i = 0; i < 30; i++) {
                static const int64_t ceilings[] = { 30, 60, 120, 240, 480, 960, 1920 };
                int64_t wait = account_next_refresh_at(account("one"));

                check_int(waiting(), 1);
                yandex_cannot_be_reached();
                wait = account_next_refresh_at(account("one")) - clock_now();
                check_within(wait, 10, i < ELEMENTSOF(ceilings) ? ceilings[i] : HOUR);
                n += i >= 7 && wait != last;
                last = wait;
                pass(wait);
        }
        check(n > 15); /* jitter, not a step */
        end();
}

static void retry_after_is_kept_to(void) {
        begin_with((Known){ .obtained_at = DAWN - 2 * YEAR });
        fake_http_set_retry_after(2 * HOUR);
        yandex_refuses(429, "slow");
        check_within(account_next_refresh_at(account("one")), DAWN + 2 * HOUR, DAWN + 3 * HOUR);
        pass(2 * HOUR - 1);
        check_refused(ask("one"), CONDITION_RATE_LIMITED);
        check_refused(ask_by_force("one"), CONDITION_RATE_LIMITED);
        check_refused(ask_refresh("one"), CONDITION_RATE_LIMITED);
        fake_network_set(true);
        run();
        check_int(asked(), 1);
        pass(HOUR + 1);
        check_int(asked(), 2);
        end();
}

static void force_gets_another_token(void) {
        Asker *asker;

        begin_with((Known){});
        asker = ask_by_force("one");
        check_waits(asker);
        check_int(asked(), 1);
        yandex_gives("a-2", "r-2", YEAR);
        check_served(asker, "a-2", 2);
        end();
}

static void force_and_refresh_are_granted_every_ten_seconds(void) {
        begin_with((Known){});
        (void) ask_by_force("one");
        yandex_gives("a-2", "r-2", YEAR);
        check_served(ask_by_force("one"), "a-2", 2); /* it is fresh */
        check_served(ask_refresh("one"), "a-2", 2);
        pass(9);
        check_served(ask_by_force("one"), "a-2", 2);
        check_int(asked(), 1);
        pass(1);
        check_waits(ask_refresh("one"));
        check_int(asked(), 2);
        yandex_cannot_be_reached();
        check_refused(ask_refresh("one"), CONDITION_OFFLINE); /* the result stands */
        check_refused(ask_by_force("one"), CONDITION_OFFLINE);
        check_int(asked(), 2);
        pass(10);
        check_waits(ask_by_force("one"));
        check_int(asked(), 3);
        end();
}

static void a_wish_breaks_the_backoff(void) {
        Asker *asker;

        begin_with((Known){ .obtained_at = DAWN - 2 * YEAR });
        for (unsigned i = 0; i < 12; i++) {
                yandex_cannot_be_reached();
                pass(account_next_refresh_at(account("one")) - clock_now());
        }
        yandex_cannot_be_reached();
        pass(10);
        if (waiting() == 0) {
                check_refused(ask("one"), CONDITION_OFFLINE);
                asker = ask_refresh("one");
                check_waits(asker);
                yandex_gives("a-2", "r-2", YEAR);
                check_served(asker, "a-2", 2);
        }
        end();
}

static void refresh_under_way_is_shared_by_all_who_wish(void) {
        Asker *a, *b, *c;

        begin_with((Known){});
        a = ask_refresh("one");
        pass(9);
        b = ask_refresh("one");
        c = ask_by_force("one");
        pass(9);
        yandex_gives("a-2", "r-2", YEAR);
        check_served(a, "a-2", 2);
        check_served(b, "a-2", 2);
        check_served(c, "a-2", 2);
        check_int(asked(), 1);
        end();
}

/* A refresh did not move the end of life, so another one today would not either. */
static void an_end_that_does_not_move_is_served_as_it_is(void) {
        int64_t rest = 30 * DAY - DAY - HOUR;
        Asker *asker;

        begin_with((Known){ .life = 30 * DAY, .end_did_not_move = true });
        pass(HOUR);
        asker = ask_for("one", 30 * DAY);
        check_served(asker, "a-1", 1);
        check_int(asker->expires_at, DAWN + 30 * DAY);
        check_int(asked(), 0);
        pass(DAY);
        check_waits(ask_for("one", 30 * DAY));
        yandex_gives("a-1", "r-1", rest);
        for (unsigned i = 0; i < 23; i++) {
                pass(HOUR);
                check_served(ask_for("one", (uint32_t) rest), "a-1", 2);
        }
        check_int(asked(), 1);
        pass(HOUR);
        check_waits(ask_for("one", (uint32_t) rest));
        end();
}

TEST_MAIN(TEST(a_year_is_served_from_memory), TEST(more_life_than_is_left_is_refreshed_for),
          TEST(whoever_needs_more_gets_an_error_where_it_fails),
          TEST(more_than_a_whole_life_is_one_refresh), TEST(by_default_a_minute_must_be_left),
          TEST(of_a_short_life_a_tenth_must_be_left),
          TEST(whoever_did_not_insist_takes_what_still_lives),
          TEST(a_dead_token_is_served_to_nobody), TEST(a_crowd_offline_is_no_storm),
          TEST(the_wait_between_failures_grows), TEST(retry_after_is_kept_to),
          TEST(force_gets_another_token), TEST(force_and_refresh_are_granted_every_ten_seconds),
          TEST(a_wish_breaks_the_backoff), TEST(refresh_under_way_is_shared_by_all_who_wish),
          TEST(an_end_that_does_not_move_is_served_as_it_is))
