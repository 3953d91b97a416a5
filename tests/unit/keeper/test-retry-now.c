/* SPDX-License-Identifier: MIT */

/* What makes a retry come early: the network, the keyring, the clock, a resume; and how the daemon
 * stops. */

#include "keeper-rig.h"

static void begin_with(Known known) {
        begin();
        keyring_has(known);
        start();
}

/* An account whose refresh has failed so often that the next retry is far away. */
static void begin_with_one_backing_off(void) {
        begin_with((Known){ .obtained_at = DAWN - 2 * YEAR });
        do {
                pass(account_next_refresh_at(account("one")) - clock_now());
                yandex_cannot_be_reached();
        } while (account_next_refresh_at(account("one")) - clock_now() < 15 * MINUTE);
        pass(10);
}

static void network_that_comes_back_is_tried_at_once(void) {
        unsigned before;

        begin_with_one_backing_off();
        before = asked();
        fake_network_set(true);
        run();
        check_int(asked(), before + 1);
        yandex_gives("a-2", "r-2", YEAR);
        check_served(ask("one"), "a-2", 2);
        end();
}

static void network_that_goes_is_not(void) {
        unsigned before;

        begin_with_one_backing_off();
        before = asked();
        fake_network_set(false);
        run();
        check(!world->online);
        check_int(asked(), before);
        /* That there is no network is a hint, and no reason not to try. */
        pass(HOUR);
        check(asked() > before);
        end();
}

static void a_flapping_network_is_tried_every_ten_seconds(void) {
        unsigned before;

        begin_with_one_backing_off();
        before = asked();
        for (unsigned i = 0; i < 600; i++) {
                fake_network_set(i % 2);
                run();
                if (waiting() > 0)
                        yandex_cannot_be_reached();
                pass_ms(100);
        }
        check_within(asked() - before, 5, 7);
        end();
}

/* The application is not known, and cannot be read. */
static void what_cannot_be_begun_is_not_begun_without_end(void) {
        unsigned before;

        begin_with((Known){ .client_id = "other", .obtained_at = DAWN - 2 * YEAR });
        yandex_cannot_be_reached();
        fake_vault_set_state(VAULT_LOCKED);
        run();
        pass(10);
        before = asked();
        fake_network_set(true);
        run();
        check_int(asked(), before);
        check(account_next_refresh_at(account("one")) > clock_now());
        end();
}

/* One event is one retry. */
static void after_a_retry_in_vain_the_wait_goes_on(void) {
        int64_t begun;

        begin_with_one_backing_off();
        fake_network_set(true);
        run();
        yandex_cannot_be_reached();
        begun = clock_now();
        for (unsigned i = 0; i < 8; i++) {
                pass(account_next_refresh_at(account("one")) - clock_now());
                yandex_cannot_be_reached();
        }
        check(clock_now() - begun > HOUR);
        end();
}

static void what_did_not_fail_is_not_retried(void) {
        begin_with((Known){});
        fake_network_set(false);
        fake_network_set(true);
        fake_vault_set_state(VAULT_LOCKED);
        run();
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        fake_clock_step(DAY);
        run();
        check_int(asked(), 0);
        end();
}

static void an_unlocked_keyring_hurries_nobody_who_waits_for_yandex(void) {
        unsigned before;

        begin_with_one_backing_off();
        before = asked();
        fake_vault_set_state(VAULT_LOCKED);
        run();
        check_int(asked(), before);
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_int(asked(), before);
        end();
}

static void online_is_what_the_last_request_found(void) {
        begin_with((Known){});
        check(world->online);
        (void) ask_by_force("one");
        yandex_cannot_be_reached();
        check(!world->online);
        check(seen.keeper & KEEPER_CHANGED_ONLINE);
        pass(30);
        yandex_refuses(500, "x"); /* which is an answer */
        check(world->online);
        end();
}

static void a_step_of_a_year_forward_is_caught_up_with(void) {
        begin_with((Known){});
        fake_clock_step(YEAR);
        run();
        check_int(state("one"), ACCOUNT_EXPIRED);
        check_int(asked(), 1);
        yandex_gives("a-2", "r-2", YEAR);
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_int(account_times(account("one")).obtained_at, DAWN + YEAR);
        end();
}

/* While the machine is suspended, only the wall clock goes on. */
static void what_came_due_in_sleep_is_done_on_waking(void) {
        begin_with((Known){ .life = HOUR });
        fake_clock_step(56 * MINUTE);
        run();
        check_int(asked(), 1);
        check_int(state("one"), ACCOUNT_ACTIVE);
        end();
}

static void a_step_of_a_day_is_only_planned_for(void) {
        int64_t due;

        begin_with((Known){});
        due = account_next_refresh_at(account("one"));
        fake_clock_step(DAY);
        run();
        check_int(account_next_refresh_at(account("one")), due);
        check_int(asked(), 0);
        fake_clock_step(-DAY + MINUTE);
        run();
        check_int(account_next_refresh_at(account("one")), due);
        pass(due - clock_now());
        check_int(asked(), 1);
        end();
}

static void a_step_back_puts_the_date_of_the_grant_in_doubt(void) {
        begin_with((Known){});
        fake_clock_step(-YEAR);
        run();
        check_int(asked(), 1);
        check_served(ask("one"), "a-1", 1); /* it still lives */
        yandex_gives("a-2", "r-2", YEAR);
        check_int(account_times(account("one")).expires_at, DAWN);
        pass(60 * DAY);
        check_int(asked(), 1); /* once was enough */
        end();
}

static void a_clock_in_1970_that_is_corrected_costs_two_refreshes(void) {
        begin();
        fake_clock_step(-DAWN + 100);
        keyring_has((Known){});
        start();
        check_int(clock_now(), 100);
        check_int(asked(), 1);
        yandex_gives("a-2", "r-2", YEAR);
        check_int(account_times(account("one")).obtained_at, 100);
        pass(DAY);
        check_int(asked(), 1);

        fake_clock_step(DAWN);
        run();
        check_int(asked(), 2);
        yandex_gives("a-3", "r-3", YEAR);
        check_served(ask("one"), "a-3", 3);
        pass(70 * DAY);
        check_int(asked(), 2);
        end();
}

static void a_failure_before_a_step_back_is_no_reason_to_wait_for_years(void) {
        begin_with((Known){ .obtained_at = DAWN - 2 * YEAR });
        fake_http_set_retry_after(DAY);
        yandex_refuses(429, "slow");
        fake_clock_step(-YEAR);
        run();
        pass(2 * DAY);
        check(asked() >= 2);
        end();
}

static void after_2038_and_2106_it_goes_on(void) {
        begin();
        fake_clock_step(INT64_C(4294967000) - DAWN);
        keyring_has((Known){ .obtained_at = INT64_C(4294967000), .life = HOUR });
        start();
        for (unsigned i = 2; i < 10; i++) {
                pass(HOUR - 5 * MINUTE);
                check_int(waiting(), 1);
                yandex_gives("a-x", "r-x", HOUR);
                check_served(ask("one"), "a-x", i);
        }
        check(account_times(account("one")).expires_at > INT64_C(4294967296));
        quit();
        start();
        check_served(ask("one"), "a-x", 9);
        end();
}

static void with_nothing_under_way_the_end_is_at_once(void) {
        begin_with((Known){});
        stop();
        check_int(seen.stopped, 1);
        pass(YEAR);
        check_int(asked(), 0); /* begins nothing new */
        end();
}

static void an_answer_under_way_is_awaited_and_stored(void) {
        begin_with((Known){});
        (void) ask_by_force("one");
        stop();
        check_int(seen.stopped, 0);
        fake_vault_hold(FAKE_STORE);
        yandex_gives("a-2", "r-2", YEAR);
        pass(1);
        check_int(seen.stopped, 0);
        fake_vault_let_go(FAKE_STORE);
        pass_ms(100);
        check_int(seen.stopped, 1);
        check_str(kept_access_token("one"), "a-2");
        end();
}

/* When its turn comes, the answer may be too late for us. */
static void a_renewal_that_was_not_sent_is_given_up(void) {
        Asker *asker;

        begin_with((Known){});
        fake_http_hold_back(true);
        asker = ask_by_force("one");
        check_int(asked(), 1);
        stop();
        check_int(seen.stopped, 1);
        check_refused(asker, CONDITION_CANCELLED);
        fake_http_hold_back(false);
        end();
}

static void nothing_new_is_begun_while_one_is_awaited(void) {
        begin();
        keyring_has((Known){});
        keyring_has((Known){ .id = "two", .login = "boris", .refresh = "r-other" });
        start();
        (void) ask_by_force("one");
        stop();
        check_int(asked(), 1);
        (void) ask_by_force("two");
        check_int(asked(), 1);
        pass_ms(100);
        check_int(seen.stopped, 0);
        end();
}

static void an_answer_that_fails_is_the_end_too(void) {
        begin_with((Known){});
        (void) ask_by_force("one");
        stop();
        yandex_cannot_be_reached();
        pass_ms(100);
        check_int(seen.stopped, 1);
        end();
}

static void patience_ends_after_18_s(void) {
        begin_with((Known){});
        (void) ask_by_force("one");
        stop();
        pass_ms(17999);
        check_int(seen.stopped, 0);
        pass_ms(1);
        check_int(seen.stopped, 1);
        end();
}

static void what_the_keyring_does_not_take_stays_in_the_descriptor_store(void) {
        begin_with((Known){});
        (void) ask_by_force("one");
        stop();
        fake_vault_fail(FAKE_STORE, CONDITION_KEYRING_FAILED, FOR_EVER);
        yandex_gives("a-2", "r-2", YEAR);
        pass_ms(100);
        check_int(seen.stopped, 1);
        quit();
        check(fake_fdstore_document("account-one-2"));
        end();
}

TEST_MAIN(TEST(network_that_comes_back_is_tried_at_once), TEST(network_that_goes_is_not),
          TEST(a_flapping_network_is_tried_every_ten_seconds),
          TEST(what_cannot_be_begun_is_not_begun_without_end),
          TEST(after_a_retry_in_vain_the_wait_goes_on), TEST(what_did_not_fail_is_not_retried),
          TEST(an_unlocked_keyring_hurries_nobody_who_waits_for_yandex),
          TEST(online_is_what_the_last_request_found),
          TEST(a_step_of_a_year_forward_is_caught_up_with),
          TEST(what_came_due_in_sleep_is_done_on_waking), TEST(a_step_of_a_day_is_only_planned_for),
          TEST(a_step_back_puts_the_date_of_the_grant_in_doubt),
          TEST(a_clock_in_1970_that_is_corrected_costs_two_refreshes),
          TEST(a_failure_before_a_step_back_is_no_reason_to_wait_for_years),
          TEST(after_2038_and_2106_it_goes_on), TEST(with_nothing_under_way_the_end_is_at_once),
          TEST(an_answer_under_way_is_awaited_and_stored),
          TEST(a_renewal_that_was_not_sent_is_given_up),
          TEST(nothing_new_is_begun_while_one_is_awaited),
          TEST(an_answer_that_fails_is_the_end_too), TEST(patience_ends_after_18_s),
          TEST(what_the_keyring_does_not_take_stays_in_the_descriptor_store))
