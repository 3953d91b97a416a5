/* SPDX-License-Identifier: MIT */

/* Signing in: how it ends otherwise, and what is not asked any more then. */

#include "sign-in-rig.h"

static void a_keyring_that_cannot_keep_it_comes_first(void) {
        static const struct {
                VaultState state;
                int condition;
        } table[] = {
                { VAULT_LOCKED, CONDITION_KEYRING_LOCKED },
                { VAULT_ABSENT, CONDITION_KEYRING_UNAVAILABLE },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                begin();
                start();
                fake_vault_set_state(table[i].state);
                sign_in();
                check_ended(table[i].condition);
                pass(HOUR);
                check_int(fake_http_count(NULL), 0);
                check_int(fake_vault_prompts(), 0);
                end();
        }
}

static void a_keyring_that_fails_is_no_place_either(void) {
        begin();
        start();
        fake_vault_fail(FAKE_UNLOCK, CONDITION_KEYRING_FAILED, 1);
        sign_in();
        check_ended(CONDITION_KEYRING_FAILED);
        fake_vault_fail(FAKE_FIND, CONDITION_KEYRING_FAILED, 1);
        sign_in();
        check_ended(CONDITION_KEYRING_FAILED);
        check_int(fake_http_count(NULL), 0);
        end();
}

static void no_code_no_prompt(void) {
        static const struct {
                int status;
                const char *error;
                int condition;
        } table[] = {
                { 400, "invalid_client", CONDITION_APP_REFUSED },
                { 400, "unauthorized_client", CONDITION_APP_NOT_ALLOWED },
                { 400, "invalid_scope", CONDITION_INVALID_ARGS },
                { 500, "x", CONDITION_SERVER_TROUBLE },
                { 429, "x", CONDITION_RATE_LIMITED },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                begin();
                start();
                sign_in();
                yandex_refuses(table[i].status, table[i].error);
                check_ended(table[i].condition);
                check_int(visitor.n_prompts, 0);
                end();
        }

        begin();
        start();
        sign_in();
        yandex_cannot_be_reached();
        check_ended(CONDITION_OFFLINE);
        check(!world->online);
        end();
}

static void what_the_user_or_yandex_says_ends_it(void) {
        static const struct {
                const char *error;
                int condition;
        } table[] = {
                { "access_denied", CONDITION_ACCESS_DENIED },
                { "expired_token", CONDITION_EXPIRED },
                { "invalid_grant", CONDITION_EXPIRED },
                { "bad_verification_code", CONDITION_EXPIRED },
                { "invalid_client", CONDITION_APP_REFUSED },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                begin();
                start();
                sign_in_until_prompt(TO_APP);
                pass(5);
                yandex_refuses(400, "authorization_pending");
                pass(5);
                yandex_refuses(400, table[i].error);
                check_ended(table[i].condition);
                pass(HOUR);
                check_int(asked(), 2);
                check_int(accounts_count(world->accounts), 0);
                end();
        }
}

static void pending_is_polled_every_five_seconds(void) {
        begin();
        start();
        sign_in_until_prompt(TO_APP);
        for (unsigned i = 1; i <= 50; i++) {
                pass_ms(4999);
                check_int(asked(), i - 1);
                pass_ms(1);
                check_int(asked(), i);
                yandex_refuses(400, "authorization_pending");
        }
        check_int(visitor.n_ends, 0);
        check_int(visitor.n_prompts, 1);
        visitor_leaves();
        end();
}

static void slow_down_is_five_seconds_more_each_time(void) {
        begin();
        start();
        sign_in_until_prompt(TO_APP);
        pass(5);
        for (unsigned i = 2; i < 6; i++) {
                yandex_refuses(400, "slow_down");
                pass_ms(5000 * i - 1);
                check_int(waiting(), 0);
                pass_ms(1);
                check_int(waiting(), 1);
        }
        yandex_refuses(400, "authorization_pending");
        pass(24);
        check_int(waiting(), 0);
        pass(1);
        check_int(waiting(), 1);
        visitor_leaves();
        end();
}

static void a_retry_after_is_kept_to(void) {
        begin();
        start();
        sign_in_until_prompt(TO_APP);
        pass(5);
        fake_http_set_retry_after(60);
        yandex_refuses(429, "x");
        pass(59);
        check_int(waiting(), 0);
        pass(1);
        check_int(waiting(), 1);
        visitor_leaves();
        end();
}

static void the_code_dies_by_our_clock_too(void) {
        begin();
        start();
        sign_in_until_prompt(TO_APP);
        for (unsigned i = 0; i < 59; i++) {
                pass(5);
                yandex_refuses(400, "authorization_pending");
        }
        pass(4);
        check_int(visitor.n_ends, 0);
        pass(1);
        check_ended(CONDITION_EXPIRED); /* though a poll was due */
        pass(HOUR);
        check_int(waiting(), 0);
        end();
}

static void an_answer_in_the_last_moment_is_awaited(void) {
        for (unsigned allowed = 0; allowed < 2; allowed++) {
                begin();
                start();
                sign_in_until_prompt(TO_APP);
                for (unsigned i = 0; i < 58; i++) {
                        pass(5);
                        yandex_refuses(400, "authorization_pending");
                }
                pass(11);
                check_int(visitor.n_ends, 0);
                if (allowed) {
                        yandex_gives("a-1", "r-1", YEAR);
                        yandex_says_who("100", "anna");
                } else
                        yandex_refuses(400, "authorization_pending");
                check_ended(allowed ? 0 : CONDITION_EXPIRED);
                end();
        }
}

static void no_network_is_no_end_while_the_code_lives(void) {
        begin();
        start();
        sign_in_until_prompt(TO_APP);
        for (unsigned i = 0; i < 20; i++) {
                pass(5);
                yandex_cannot_be_reached();
        }
        pass(5);
        yandex_gives("a-1", "r-1", YEAR);
        yandex_says_who("100", "anna");
        check_ended(0);
        end();
}

static void three_troubles_in_a_row_are_an_end(void) {
        begin();
        start();
        sign_in_until_prompt(TO_APP);
        for (unsigned i = 0; i < 5; i++) {
                pass(5);
                yandex_answers(500, "");
                pass(5);
                yandex_answers(502, "");
                pass(5);
                yandex_refuses(400, "authorization_pending"); /* not in a row */
        }
        check_int(visitor.n_ends, 0);
        for (unsigned i = 0; i < 3; i++) {
                check_int(visitor.n_ends, 0);
                pass(5);
                yandex_answers(500, "");
        }
        check_ended(CONDITION_SERVER_TROUBLE);
        end();
}

/* The user may have confirmed long ago. */
static void a_code_that_dies_unheard_is_not_the_users_fault(void) {
        begin();
        start();
        sign_in_until_prompt(TO_APP);
        for (unsigned i = 1; i < 60; i++) {
                pass(5);
                yandex_cannot_be_reached();
        }
        check_int(visitor.n_ends, 0);
        pass(5);
        if (waiting())
                yandex_cannot_be_reached();
        check_ended(CONDITION_OFFLINE);
        check_str(visitor.sentence, "");
        end();
}

static void tokens_that_cannot_be_used_are_the_end(void) {
        static const char *const bodies[] = { "{}", "{\"access_token\": null}",
                                              "{\"access_token\": \"a\", \"refresh_token\": 5}" };

        for (size_t i = 0; i < ELEMENTSOF(bodies); i++) {
                begin();
                start();
                sign_in_until_prompt(TO_APP);
                pass(5);
                yandex_answers(200, bodies[i]);
                check_ended(CONDITION_SERVER_TROUBLE);
                check(strstr(visitor.sentence, "start the sign-in again"));
                end();
        }
}

/* The answer that was lost was the tokens. */
static void a_code_that_is_used_up_unheard_is_not_too_old(void) {
        begin();
        start();
        sign_in_until_prompt(TO_APP);
        pass(5);
        yandex_is_not_heard();
        pass(5);
        yandex_refuses(400, "invalid_grant");
        check_ended(CONDITION_SERVER_TROUBLE);
        check(strstr(visitor.sentence, "start the sign-in again"));
        end();
}

static void after_the_token_the_code_may_die(void) {
        begin();
        start();
        sign_in_until_prompt(TO_APP);
        pass(5);
        yandex_gives("a-1", "r-1", YEAR);
        pass(HOUR);
        check_int(visitor.n_ends, 0);
        yandex_says_who("100", "anna");
        check_ended(0);
        end();
}

/* Goes away at each step, and is never heard of again; but what Yandex gave by then is kept. */
static void whoever_leaves_is_forgotten(void) {
        for (unsigned step = 0; step < 6; step++) {
                begin();
                start();
                if (step == 0)
                        fake_vault_hold(FAKE_UNLOCK);
                if (step == 5)
                        fake_vault_hold(FAKE_STORE);
                sign_in();
                if (step >= 2)
                        yandex_shows_a_code();
                if (step >= 3)
                        pass(5);
                if (step >= 4)
                        yandex_gives("a-1", "r-1", YEAR);
                if (step >= 5)
                        yandex_says_who("100", "anna");

                check_int(visitor.n_ends, 0);
                visitor_leaves();
                fake_vault_let_go(FAKE_UNLOCK);
                fake_vault_let_go(FAKE_STORE);
                if (step == 4)
                        yandex_says_who("100", "anna");
                pass(HOUR);
                check_int(visitor.n_ends, 0);
                check_int(waiting(), 0);
                check_int(accounts_count(world->accounts), step >= 4);
                check_int(fake_vault_count_items(VAULT_ACCOUNT, NULL), step >= 4);
                end();
        }
}

/* The session ends, and the program that began the sign-in before us. */
static void what_was_given_is_kept_at_a_stop(void) {
        begin();
        start();
        sign_in_until_prompt(TO_APP);
        pass(5);
        yandex_gives("a-1", "r-1", YEAR);
        visitor_leaves();
        stop();
        check_int(seen.stopped, 0);
        yandex_says_who("100", "anna");
        pass(1);
        check_int(seen.stopped, 1);
        check_int(fake_vault_count_items(VAULT_ACCOUNT, NULL), 1);
        end();
}

/* Nobody is left who could say what is to become of it. */
static void what_somebody_else_was_given_is_kept(void) {
        begin();
        keyring_has((Known){ .id = "one", .uid = "1" });
        start();
        sign_in_until_prompt((SignInOptions){ .client_id = "app", .account_id = "one" });
        pass(5);
        yandex_gives("a-2", "r-2", YEAR);
        visitor_leaves();
        yandex_says_who("2", "boris");
        run();
        check_int(fake_vault_count_items(VAULT_ACCOUNT, NULL), 2);
        check_str(kept_access_token("one"), "a-1");
        end();
}

static void leaving_within_the_callback(void) {
        begin();
        start();
        visitor.leaves_at_prompt = true;
        sign_in();
        yandex_shows_a_code();
        visitor.leaves_at_prompt = false;
        check_int(visitor.n_prompts, 1);
        pass(HOUR);
        check_int(asked(), 0);
        check_int(visitor.n_ends, 0);
        end();
}

static void the_account_may_go_while_it_is_stored(void) {
        begin();
        start();
        fake_vault_hold(FAKE_STORE);
        sign_in_until_prompt(TO_APP);
        pass(5);
        yandex_gives("a-1", "r-1", YEAR);
        yandex_says_who("100", "anna");
        check_int(visitor.n_ends, 0);
        accounts_remove(world->accounts, accounts_at(world->accounts, 0));
        run();
        check_ended(CONDITION_CANCELLED);
        end();
}

static void a_request_that_cannot_start_ends_it(void) {
        begin();
        start();
        fake_http_refuse(-ENOMEM);
        sign_in();
        check_ended(-ENOMEM);
        sign_in_until_prompt(TO_APP);
        fake_http_refuse(-ENOMEM);
        pass(5);
        check_ended(-ENOMEM);
        end();
}

static void a_locked_application_has_no_secret_to_use(void) {
        begin();
        keyring_has_application("app", "app-secret");
        fake_vault_lock_item(VAULT_APPLICATION, "app", true);
        start();
        sign_in();
        check_ended(CONDITION_INVALID_ARGS);
        check_int(fake_http_count(NULL), 0);
        end();
}

/* The code is used up by the poll that brings the token: no other daemon would get it. */
static void a_daemon_that_stops_waits_for_the_answer_to_a_poll(void) {
        begin();
        start();
        sign_in_until_prompt(TO_APP);
        pass(5);
        check_stops_when_signed_in();
        end();
}

static void where_the_user_has_not_decided_it_does_not_wait_for_that(void) {
        begin();
        start();
        sign_in_until_prompt(TO_APP);
        stop();
        check_int(seen.stopped, 1); /* between two polls */
        visitor_leaves();
        end();

        begin();
        start();
        sign_in_until_prompt(TO_APP);
        pass(5);
        stop();
        check_int(seen.stopped, 0);
        yandex_refuses(400, "authorization_pending");
        pass_ms(100);
        check_int(seen.stopped, 1);
        check_int(visitor.n_ends, 0);
        visitor_leaves();
        end();
}

static void whoever_leaves_during_a_poll_does_not_hold_it(void) {
        begin();
        start();
        sign_in_until_prompt(TO_APP);
        pass(5);
        visitor_leaves();
        stop();
        check_int(seen.stopped, 1);
        end();
}

TEST_MAIN(TEST(a_keyring_that_cannot_keep_it_comes_first),
          TEST(a_keyring_that_fails_is_no_place_either), TEST(no_code_no_prompt),
          TEST(what_the_user_or_yandex_says_ends_it), TEST(pending_is_polled_every_five_seconds),
          TEST(slow_down_is_five_seconds_more_each_time), TEST(a_retry_after_is_kept_to),
          TEST(the_code_dies_by_our_clock_too), TEST(an_answer_in_the_last_moment_is_awaited),
          TEST(no_network_is_no_end_while_the_code_lives), TEST(three_troubles_in_a_row_are_an_end),
          TEST(a_code_that_dies_unheard_is_not_the_users_fault),
          TEST(tokens_that_cannot_be_used_are_the_end),
          TEST(a_code_that_is_used_up_unheard_is_not_too_old),
          TEST(after_the_token_the_code_may_die), TEST(whoever_leaves_is_forgotten),
          TEST(what_was_given_is_kept_at_a_stop), TEST(what_somebody_else_was_given_is_kept),
          TEST(leaving_within_the_callback), TEST(the_account_may_go_while_it_is_stored),
          TEST(a_request_that_cannot_start_ends_it),
          TEST(a_locked_application_has_no_secret_to_use),
          TEST(a_daemon_that_stops_waits_for_the_answer_to_a_poll),
          TEST(where_the_user_has_not_decided_it_does_not_wait_for_that),
          TEST(whoever_leaves_during_a_poll_does_not_hold_it))
