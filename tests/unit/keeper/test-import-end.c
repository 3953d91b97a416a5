/* SPDX-License-Identifier: MIT */

/* Whatever happens during an import, what Yandex gave is not lost. */

#include "import-rig.h"
#include "keeper/sign-in/sign-out.h"

static void a_keyring_that_fails_afterwards_loses_nothing(void) {
        begin();
        start();
        import(pair("a-0", "r-0"));
        yandex_says_whose("100", "anna", "app");
        fake_vault_fail(FAKE_STORE, CONDITION_KEYRING_FAILED, 2);
        yandex_gives("a-1", "r-1", YEAR);
        check_ended(0);
        check(!account_is_saved(account(only_id())));
        check_int(fake_fdstore_count(), 1);
        check_int(fake_notifier_count(), 1); /* the trial is over: now it is told */
        pass(HOUR);
        check(account_is_saved(account(only_id())));
        check_str(kept_refresh_token(only_id()), "r-1");
        end_import();
}

/* Dies at each step. Whatever Yandex gave before that is there in the next life. */
/* Nobody tells the daemon that he leaves. */
static void die(void) {
        fake_fdstore_die(true);
        visitor.sign_in = sign_in_free(visitor.sign_in);
        quit();
        fake_fdstore_die(false);
}

static void a_death_loses_nothing(void) {
        for (unsigned step = 0; step < 4; step++) {
                begin();
                start();
                if (step == 0)
                        fake_vault_hold(FAKE_STORE);
                import(pair("a-0", "r-0"));
                yandex_says_whose("100", "anna", "app");
                if (step == 2)
                        fake_vault_hold(FAKE_STORE);
                if (step >= 2)
                        yandex_gives("a-1", "r-1", YEAR);
                check_int(visitor.n_ends, step == 3);
                die();

                fake_vault_let_go(FAKE_STORE);
                start();
                check_str(kept_refresh_token(only_id()), step >= 2 ? "r-1" : "r-0");
                check_served(ask(only_id()), step >= 2 ? "a-1" : "a-0", step >= 2 ? 2 : 1);
                check_str(account_record(account(only_id()))->login, "anna");
                check_int(fake_fdstore_count(), 0);
                end_import();
        }
}

static void a_refresh_token_alone_outlives_us_too(void) {
        begin();
        start();
        import(pair(NULL, "r-0"));
        die();
        start();
        check_int(state(only_id()), ACCOUNT_EXPIRED);
        check_asked_with("r-0");
        check_int(fake_http_count("/info"), 0);
        yandex_gives("a-1", "r-1", YEAR);
        yandex_says_who("100", "anna");
        check_served(ask(only_id()), "a-1", 2);
        end_import();
}

/* Yandex may have renewed it by then; what it refuses is of no use to anybody. */
static void once_yandex_was_asked_it_is_not_called_back(void) {
        for (unsigned answered = 0; answered < 2; answered++) {
                begin();
                start();
                import(pair("a-0", "r-0"));
                yandex_says_whose("100", "anna", "app");
                visitor_leaves();
                check_int(waiting(), 1);
                if (answered) {
                        yandex_gives("a-1", "r-1", YEAR);
                        check_int(state(only_id()), ACCOUNT_ACTIVE);
                        check(!account_is_on_trial(account(only_id())));
                        check_str(kept_refresh_token(only_id()), "r-1");
                } else {
                        yandex_refuses(400, "invalid_grant");
                        check_nothing_kept();
                }
                check_int(visitor.n_ends, 0);
                end_import();
        }
}

static void before_anything_is_stored_it_is_forgotten(void) {
        begin();
        start();
        import(pair("a-0", "r-0"));
        visitor_leaves();
        check_int(waiting(), 0);
        check_nothing_kept();
        end_import();
}

static void so_it_is_before_yandex_was_asked(void) {
        begin();
        start();
        fake_vault_hold(FAKE_STORE);
        import(pair("a-0", "r-0"));
        yandex_says_whose("100", "anna", "app");
        check_int(accounts_count(world->accounts), 1);
        visitor_leaves();
        fake_vault_let_go(FAKE_STORE);
        run();
        check_int(asked(), 0);
        check_nothing_kept();
        end_import();
}

static void leaving_during_the_removal(void) {
        begin();
        start();
        fake_vault_hold(FAKE_ERASE);
        import(pair("a-0", "r-0"));
        yandex_says_whose("100", "anna", "app");
        yandex_refuses(400, "invalid_grant");
        check_int(accounts_count(world->accounts), 1);
        visitor_leaves();
        fake_vault_let_go(FAKE_ERASE);
        run();
        check_int(visitor.n_ends, 0);
        check_nothing_kept();
        end_import();
}

/* The pair is with the account that was here; in two it would be used twice, and Yandex may end it then. */
static void leaving_during_a_merge(void) {
        for (unsigned step = 0; step < 4; step++) {
                begin();
                keyring_has((Known){ .login = "anna" });
                start();
                if (step == 3)
                        fake_vault_hold(FAKE_ERASE);
                import(pair(NULL, "r-0"));
                if (step == 0)
                        visitor_leaves();
                yandex_gives("b-1", "rb-1", YEAR);
                if (step == 1)
                        visitor_leaves();
                if (step == 2)
                        fake_vault_hold(FAKE_STORE);
                yandex_says_who("100", "anna");
                visitor_leaves();
                fake_vault_let_go(FAKE_STORE);
                fake_vault_let_go(FAKE_ERASE);
                run();
                check_int(visitor.n_ends, 0);
                check_str(only_id(), "one");
                check_int(fake_vault_count_items(VAULT_ACCOUNT, NULL), 1);
                check_str(kept_refresh_token("one"), "rb-1");
                check_served(ask("one"), "b-1", 2);
                check_int(fake_fdstore_count(), 0);
                check_int(fake_notifier_count(), 0);
                end_import();
        }
}

/* The user is told, but the other account has to go all the same. */
static void a_keyring_that_does_not_let_go_after_a_merge(void) {
        for (unsigned leaves = 0; leaves < 2; leaves++) {
                const char *other;

                begin();
                keyring_has((Known){ .login = "anna" });
                start();
                fake_vault_fail(FAKE_ERASE, CONDITION_KEYRING_FAILED, 3);
                import(pair(NULL, "r-0"));
                yandex_gives("b-1", "rb-1", YEAR);
                if (leaves)
                        visitor_leaves();
                yandex_says_who("100", "anna");
                if (!leaves) {
                        check_ended(0);
                        check_str(visitor.account_id, "one");
                }
                check_int(accounts_count(world->accounts), 2);
                other = account_id(accounts_at(world->accounts, 1));
                check(account_is_signing_out(account(other)));
                (void) ask_by_force(other);
                check_int(waiting(), 0);
                pass(HOUR);
                check_str(only_id(), "one");
                check_int(fake_vault_calls(FAKE_ERASE), 4);
                check_int(fake_vault_count_items(VAULT_ACCOUNT, NULL), 1);
                check_str(kept_refresh_token("one"), "rb-1");
                check_int(fake_fdstore_count(), 0);
                check_int(visitor.n_ends, !leaves);
                end_import();
        }
}

/* It does not keep the daemon from stopping, nor from signing the other one out. */
static void the_end_of_a_withdrawal_that_is_tried_again(void) {
        for (unsigned stops = 0; stops < 2; stops++) {
                begin();
                keyring_has((Known){ .login = "anna" });
                start();
                fake_vault_fail(FAKE_ERASE, CONDITION_KEYRING_FAILED, FOR_EVER);
                import(pair(NULL, "r-0"));
                yandex_gives("b-1", "rb-1", YEAR);
                yandex_says_who("100", "anna");
                check_ended(0);
                check_int(accounts_count(world->accounts), 2);
                if (stops) {
                        stop();
                        pass(1);
                        check_int(seen.stopped, 1);
                } else {
                        accounts_remove(world->accounts, accounts_at(world->accounts, 1));
                        pass(HOUR);
                        check_str(only_id(), "one");
                }
                end_import();
        }
}

/* It would be renewed as soon as it is stored. */
static void leaving_before_it_is_stored(void) {
        begin();
        start();
        fake_vault_hold(FAKE_STORE);
        import(pair(NULL, "r-0"));
        fake_vault_hold(FAKE_FIND);
        visitor_leaves();
        fake_vault_let_go(FAKE_STORE);
        run();
        check_int(asked(), 0);
        fake_vault_let_go(FAKE_FIND);
        run();
        check_int(asked(), 0);
        check_nothing_kept();
        end_import();
}

static void both_accounts_may_go_during_a_merge(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        start();
        fake_vault_hold(FAKE_ERASE);
        import(pair(NULL, "r-0"));
        yandex_gives("b-1", "rb-1", YEAR);
        yandex_says_who("100", "anna");
        fake_vault_remove(VAULT_ACCOUNT, "one");
        accounts_remove(world->accounts, account("one"));
        fake_vault_fail(FAKE_ERASE, CONDITION_KEYRING_FAILED, 1);
        fake_vault_let_go(FAKE_ERASE);
        run();
        check_ended(CONDITION_CANCELLED);
        pass(HOUR);
        check_int(accounts_count(world->accounts), 0);
        end_import();
}

static void on_signed_out(int r, bool revoked, const char *reason, void *userdata) {
        SignOut **s = userdata;

        check_int(r, CONDITION_KEYRING_FAILED);
        *s = sign_out_free(*s);
}

/* The renewal is broken off for that, and nobody who was left asks again. */
static void a_sign_out_that_fails_leaves_nobody_waiting(void) {
        SignOut *sign_out = NULL;

        begin();
        start();
        import(pair("a-0", "r-0"));
        yandex_says_whose("100", "anna", "app");
        check_int(waiting(), 1);
        visitor_leaves();
        fake_vault_fail(FAKE_ERASE, CONDITION_KEYRING_FAILED, 1);
        check_int(sign_out_start(world, account(only_id()), false, on_signed_out, &sign_out,
                                 &sign_out),
                  0);
        run();
        check(!sign_out);
        check_str(kept_refresh_token(only_id()), "r-0");
        stop();
        pass(1);
        check_int(seen.stopped, 1);
        end_import();
}

static void a_daemon_that_stops_waits_for_one_that_was_left(void) {
        begin();
        start();
        import(pair("a-0", "r-0"));
        yandex_says_whose("100", "anna", "app");
        visitor_leaves();
        stop();
        pass(1);
        check_int(seen.stopped, 0);
        yandex_refuses(400, "invalid_grant");
        pass(1);
        check_int(seen.stopped, 1);
        check_nothing_kept();
        end_import();
}

static void the_account_may_go_meanwhile(void) {
        for (unsigned step = 0; step < 3; step++) {
                begin();
                start();
                if (step == 0)
                        fake_vault_hold(FAKE_STORE);
                import(pair(NULL, "r-0"));
                if (step == 2)
                        yandex_gives("a-1", "r-1", YEAR);
                check_int(visitor.n_ends, 0);
                accounts_remove(world->accounts, account(only_id()));
                run();
                check_ended(CONDITION_CANCELLED);
                end_import();
        }
}

/* First there, then gone here. */
static void the_newest_pair_is_always_kept_somewhere(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        start();
        import(pair(NULL, "r-0"));
        yandex_gives("b-1", "rb-1", YEAR);
        fake_vault_hold(FAKE_STORE);
        yandex_says_who("100", "anna");
        check_int(visitor.n_ends, 0);
        visitor.sign_in = sign_in_free(visitor.sign_in);
        quit();
        fake_vault_let_go(FAKE_STORE);
        start();
        check_str(kept_refresh_token("one"), "rb-1");
        check_served(ask("one"), "b-1", 2);
        end_import();
}

static void a_daemon_that_stops_waits_for_its_end(void) {
        begin();
        start();
        import(pair("a-0", "r-0"));
        yandex_says_whose("100", "anna", "app");
        stop();
        check_int(seen.stopped, 0);
        yandex_gives("a-1", "r-1", YEAR);
        check_ended(0);
        pass(1);
        check_int(seen.stopped, 1);
        check_str(kept_refresh_token(only_id()), "r-1");
        end_import();
}

TEST_MAIN(TEST(a_keyring_that_fails_afterwards_loses_nothing), TEST(a_death_loses_nothing),
          TEST(a_refresh_token_alone_outlives_us_too),
          TEST(once_yandex_was_asked_it_is_not_called_back),
          TEST(before_anything_is_stored_it_is_forgotten), TEST(so_it_is_before_yandex_was_asked),
          TEST(leaving_during_the_removal), TEST(leaving_during_a_merge),
          TEST(a_keyring_that_does_not_let_go_after_a_merge),
          TEST(the_end_of_a_withdrawal_that_is_tried_again), TEST(leaving_before_it_is_stored),
          TEST(both_accounts_may_go_during_a_merge),
          TEST(a_sign_out_that_fails_leaves_nobody_waiting),
          TEST(a_daemon_that_stops_waits_for_one_that_was_left), TEST(the_account_may_go_meanwhile),
          TEST(the_newest_pair_is_always_kept_somewhere),
          TEST(a_daemon_that_stops_waits_for_its_end))
