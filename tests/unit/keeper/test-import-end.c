/* SPDX-License-Identifier: MIT */

/* Whatever happens during an import, what Yandex gave is not lost. */

#include "import-rig.h"

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
                visitor.sign_in = sign_in_free(visitor.sign_in);
                quit();

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
        visitor.sign_in = sign_in_free(visitor.sign_in);
        quit();
        start();
        check_int(state(only_id()), ACCOUNT_EXPIRED);
        check_asked_with("r-0");
        check_int(fake_http_count("/info"), 0);
        yandex_gives("a-1", "r-1", YEAR);
        yandex_says_who("100", "anna");
        check_served(ask(only_id()), "a-1", 2);
        end_import();
}

static void once_it_is_stored_it_is_not_called_back(void) {
        for (unsigned answered = 0; answered < 2; answered++) {
                begin();
                start();
                import(pair("a-0", "r-0"));
                yandex_says_whose("100", "anna", "app");
                visitor_leaves();
                check_int(waiting(), 1);
                if (answered)
                        yandex_gives("a-1", "r-1", YEAR);
                else {
                        yandex_refuses(400, "invalid_grant");
                        check_int(fake_notifier_count(), 1);
                }
                check_int(visitor.n_ends, 0);
                check_int(state(only_id()), answered ? ACCOUNT_ACTIVE : ACCOUNT_SIGN_IN_NEEDED);
                check_str(kept_refresh_token(only_id()), answered ? "r-1" : "r-0");
                end_import();
        }
}

static void before_that_it_is_forgotten(void) {
        begin();
        start();
        import(pair("a-0", "r-0"));
        visitor_leaves();
        check_int(waiting(), 0);
        check_nothing_kept();
        end_import();
}

/* While it is being removed: it comes back, and nothing is half. */
static void leaving_during_the_removal(void) {
        begin();
        start();
        fake_vault_hold(FAKE_ERASE);
        import(pair("a-0", "r-0"));
        yandex_says_whose("100", "anna", "app");
        yandex_refuses(400, "invalid_grant");
        visitor_leaves();
        fake_vault_let_go(FAKE_ERASE);
        run();
        check_int(state(only_id()), ACCOUNT_SIGN_IN_NEEDED);
        check(account_is_saved(account(only_id())));
        check_int(fake_vault_count_items(VAULT_ACCOUNT, only_id()), 1);
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
                keeper_remove(keeper, account(only_id()));
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
          TEST(once_it_is_stored_it_is_not_called_back), TEST(before_that_it_is_forgotten),
          TEST(leaving_during_the_removal), TEST(the_account_may_go_meanwhile),
          TEST(the_newest_pair_is_always_kept_somewhere),
          TEST(a_daemon_that_stops_waits_for_its_end))
