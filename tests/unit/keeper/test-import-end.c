/* SPDX-License-Identifier: MIT */

/* Whatever happens during an import, what Yandex gave is not lost. */

#include "import-rig.h"

static void a_keyring_that_fails_loses_nothing(void) {
        begin();
        start();
        import(pair("a-0", "r-0"));
        yandex_says_whose("100", "anna", "app");
        fake_vault_fail(FAKE_STORE, CONDITION_KEYRING_FAILED, 2);
        yandex_gives("a-1", "r-1", YEAR);
        check_ended(0);
        check(!account_is_saved(account(only_id())));
        check_int(fake_fdstore_count(), 1);
        check_int(fake_notifier_count(), 1);
        pass(HOUR);
        check(account_is_saved(account(only_id())));
        check_str(kept_refresh_token(only_id()), "r-1");
        end_import();
}

/* At each step. What Yandex gave before that is there in the next life; before it there is nothing,
 * and the tokens are good where they came from. */
static void a_death_loses_nothing(void) {
        for (unsigned step = 0; step < 5; step++) {
                begin();
                start();
                import(pair("a-0", "r-0"));
                if (step >= 1)
                        yandex_says_whose("100", "anna", "app");
                if (step == 3)
                        fake_vault_hold(FAKE_STORE);
                if (step == 2) {
                        the_answer_arrives("a-1", "r-1", YEAR);
                } else if (step >= 3)
                        yandex_gives("a-1", "r-1", YEAR);
                check_int(visitor.n_ends, step == 4);
                die();

                fake_vault_let_go(FAKE_STORE);
                start();
                if (step < 2) {
                        check_nothing_kept();
                        end_import();
                        continue;
                }
                if (step == 2)
                        yandex_says_who("100", "anna");
                check_str(kept_refresh_token(only_id()), "r-1");
                check_served(ask(only_id()), "a-1", 1);
                check_str(account_record(account(only_id()))->login, "anna");
                check_int(fake_fdstore_count(), 0);
                end_import();
        }
}

/* Yandex may have renewed it by then. */
static void once_yandex_was_asked_it_goes_on_without_the_caller(void) {
        for (unsigned refused = 0; refused < 2; refused++) {
                begin();
                start();
                import(pair("a-0", "r-0"));
                yandex_says_whose("100", "anna", "app");
                visitor_leaves();
                check_int(waiting(), 1);
                if (refused) {
                        yandex_refuses(400, "invalid_grant");
                        check_nothing_kept();
                } else {
                        yandex_gives("a-1", "r-1", YEAR);
                        check_int(state(only_id()), ACCOUNT_ACTIVE);
                        check_str(kept_refresh_token(only_id()), "r-1");
                }
                check_int(visitor.n_ends, 0);
                end_import();
        }
}

static void before_yandex_was_asked_it_is_forgotten(void) {
        begin();
        start();
        import(pair("a-0", "r-0"));
        visitor_leaves();
        check_int(waiting(), 0);
        check_nothing_kept();
        end_import();
}

/* The tokens are with the account that was here; in two accounts they would be used twice, and
 * Yandex may end them then. */
static void leaving_during_a_renewal_of_an_account_that_is_here(void) {
        for (unsigned step = 0; step < 3; step++) {
                begin();
                keyring_has((Known){ .login = "anna" });
                start();
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

static void the_account_may_go_meanwhile(void) {
        begin();
        start();
        fake_vault_hold(FAKE_STORE);
        import(pair("a-0", "r-0"));
        yandex_says_whose("100", "anna", "app");
        yandex_gives("a-1", "r-1", YEAR);
        check_int(visitor.n_ends, 0);
        accounts_remove(world->accounts, account(only_id()));
        run();
        check_ended(CONDITION_CANCELLED);
        end_import();
}

static void a_daemon_that_stops_waits_for_its_end(void) {
        for (unsigned left = 0; left < 2; left++) {
                begin();
                start();
                import(pair("a-0", "r-0"));
                yandex_says_whose("100", "anna", "app");
                if (left)
                        visitor_leaves();
                stop();
                pass(1);
                check_int(seen.stopped, 0);
                yandex_gives("a-1", "r-1", YEAR);
                if (!left)
                        check_ended(0);
                pass(1);
                check_int(seen.stopped, 1);
                check_str(kept_refresh_token(only_id()), "r-1");
                end_import();
        }
}

static void one_that_is_refused_does_not_keep_the_daemon(void) {
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

TEST_MAIN(TEST(a_keyring_that_fails_loses_nothing), TEST(a_death_loses_nothing),
          TEST(once_yandex_was_asked_it_goes_on_without_the_caller),
          TEST(before_yandex_was_asked_it_is_forgotten),
          TEST(leaving_during_a_renewal_of_an_account_that_is_here),
          TEST(the_account_may_go_meanwhile), TEST(a_daemon_that_stops_waits_for_its_end),
          TEST(one_that_is_refused_does_not_keep_the_daemon))
