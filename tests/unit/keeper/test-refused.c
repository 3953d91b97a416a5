/* SPDX-License-Identifier: MIT */

/* Yandex refuses the refresh token, or the application: what is believed, and what is kept. */

#include "keeper-rig.h"

static void begin_with_one(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        start();
}

static void replace_item(Known known) {
        _cleanup_(secret_unrefp) Secret *text = document(known);

        fake_vault_replace(VAULT_ACCOUNT, "one", text);
}

static void the_end_of_a_sign_in(void) {
        Asker *asker, *other;

        begin_with_one();
        asker = ask_by_force("one");
        other = ask_refresh("one");
        yandex_refuses(400, "invalid_grant");
        check_refused(asker, CONDITION_SIGN_IN_NEEDED);
        check_refused(other, CONDITION_SIGN_IN_NEEDED);
        check_int(state("one"), ACCOUNT_SIGN_IN_NEEDED);
        check_int(account_last_error(account("one")), CONDITION_SIGN_IN_NEEDED);
        check_int(account_next_refresh_at(account("one")), 0);
        check(fake_notifier_shows("sign-in-one"));
        /* The dead grant is kept. */
        check_str(kept_access_token("one"), "a-1");
        check_str(kept_refresh_token("one"), "r-1");
        check_int(kept_verdict("one"), RECORD_REFUSED);
        end();
}

static void a_401_is_as_good_as_a_400(void) {
        begin_with_one();
        ask_by_force("one");
        yandex_refuses(401, "invalid_grant");
        check_int(state("one"), ACCOUNT_SIGN_IN_NEEDED);
        end();
}

static void after_the_end_nothing_is_asked(void) {
        begin_with_one();
        ask_by_force("one");
        yandex_refuses(400, "invalid_grant");
        check_refused(ask("one"), CONDITION_SIGN_IN_NEEDED);
        check_refused(ask_for("one", 1), CONDITION_SIGN_IN_NEEDED);
        check_refused(ask_by_force("one"), CONDITION_SIGN_IN_NEEDED);
        check_refused(ask_refresh("one"), CONDITION_SIGN_IN_NEEDED);
        account_report_refused(account("one"), 1);
        fake_network_set(true);
        fake_clock_step(DAY);
        pass(2 * YEAR);
        check_int(fake_http_count(NULL), 1);
        check_int(state("one"), ACCOUNT_SIGN_IN_NEEDED);
        check_int(fake_notifier_count_ever(), 1);
        end();
}

static void the_verdict_outlives_a_restart(void) {
        begin_with_one();
        ask_by_force("one");
        yandex_refuses(400, "invalid_grant");
        quit();
        start();
        check_int(state("one"), ACCOUNT_SIGN_IN_NEEDED);
        check_refused(ask("one"), CONDITION_SIGN_IN_NEEDED);
        check_int(asked(), 1);
        end();
}

static void the_keyring_is_read_before_it_is_believed(void) {
        unsigned before;
        Asker *asker;

        begin_with_one();
        before = fake_vault_calls(FAKE_FIND);
        fake_vault_hold(FAKE_FIND);
        asker = ask_by_force("one");
        yandex_refuses(400, "invalid_grant");
        check_int(fake_vault_calls(FAKE_FIND), before + 1);
        check_waits(asker);
        check_int(state("one"), ACCOUNT_ACTIVE);
        fake_vault_let_go(FAKE_FIND);
        run();
        check_refused(asker, CONDITION_SIGN_IN_NEEDED);
        end();
}

static void a_newer_grant_in_the_keyring_is_used(void) {
        Asker *asker;

        begin_with_one();
        replace_item((Known){ .access = "a-5", .refresh = "r-5", .generation = 5 });
        asker = ask_by_force("one");
        check_asked_with("r-1");
        yandex_refuses(400, "invalid_grant");
        check_int(asked(), 2);
        check_asked_with("r-5");
        check_waits(asker);
        yandex_gives("a-6", "r-6", YEAR);
        check_served(asker, "a-6", 6);
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_str(kept_refresh_token("one"), "r-6");
        check_int(fake_notifier_count_ever(), 0);
        end();
}

static void another_refresh_token_of_that_generation_is_used(void) {
        begin_with_one();
        replace_item((Known){ .refresh = "r-other" });
        ask_by_force("one");
        yandex_refuses(400, "invalid_grant");
        check_asked_with("r-other");
        /* That refresh token is dead as well; the keyring is not read a third time. */
        yandex_refuses(400, "invalid_grant");
        check_int(asked(), 2);
        check_int(state("one"), ACCOUNT_SIGN_IN_NEEDED);
        check_str(kept_refresh_token("one"), "r-other");
        end();
}

static void the_newest_of_several_items_is_used(void) {
        begin_with_one();
        replace_item((Known){ .refresh = "r-5", .generation = 5 });
        keyring_has((Known){ .refresh = "r-7", .generation = 7 });
        keyring_has((Known){ .refresh = "r-6", .generation = 6 });
        ask_by_force("one");
        yandex_refuses(400, "invalid_grant");
        check_asked_with("r-7");
        end();
}

static void an_older_grant_in_the_keyring_is_no_news(void) {
        begin_with_one();
        ask_by_force("one");
        yandex_gives("a-2", "r-2", YEAR);
        replace_item((Known){ .refresh = "r-1", .generation = 1 });
        pass(10);
        ask_by_force("one");
        yandex_refuses(400, "invalid_grant");
        check_int(asked(), 2);
        check_int(state("one"), ACCOUNT_SIGN_IN_NEEDED);
        end();
}

static void a_newer_grant_that_cannot_be_renewed_is_no_news(void) {
        begin_with_one();
        replace_item((Known){ .refresh = "", .generation = 5 });
        ask_by_force("one");
        yandex_refuses(400, "invalid_grant");
        check_int(state("one"), ACCOUNT_SIGN_IN_NEEDED);
        end();
}

/* The refusal is not believed then, and Yandex is asked again later. */
static void check_not_believed(int condition) {
        Asker *asker = ask_by_force("one");

        yandex_refuses(400, "invalid_grant");
        check_refused(asker, condition);
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_served(ask("one"), "a-1", 1);
        check_int(kept_verdict("one"), RECORD_ACCEPTED);
        pass(30);
        check_int(asked(), 2);
        check_asked_with("r-1");
}

static void without_the_keyring_it_is_not_believed(void) {
        begin_with_one();
        fake_vault_fail(FAKE_FIND, CONDITION_KEYRING_FAILED, FOR_EVER);
        check_not_believed(CONDITION_KEYRING_FAILED);
        fake_vault_fail(FAKE_FIND, 0, 0);
        yandex_refuses(400, "invalid_grant");
        check_int(state("one"), ACCOUNT_SIGN_IN_NEEDED);
        end();
}

/* The keyring is locked while the answer is on its way. */
static void in_a_locked_keyring_something_newer_may_be(void) {
        Asker *asker;

        begin_with_one();
        asker = ask_by_force("one");
        fake_vault_set_state(VAULT_LOCKED);
        yandex_refuses(400, "invalid_grant");
        check_refused(asker, CONDITION_KEYRING_LOCKED);
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_served(ask("one"), "a-1", 1);
        check_int(kept_verdict("one"), RECORD_ACCEPTED);
        pass(HOUR);
        check_int(asked(), 1);

        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_int(asked(), 2);
        check_asked_with("r-1");
        end();
}

static void a_locked_item_may_be_newer(void) {
        begin_with_one();
        fake_vault_lock_item(VAULT_ACCOUNT, "one", true);
        check_not_believed(CONDITION_KEYRING_LOCKED);
        end();
}

static void a_refused_application_costs_no_token(void) {
        static const struct {
                int status;
                const char *error;
                int condition;
                RecordVerdict verdict;
        } table[] = {
                { 401, "invalid_client", CONDITION_APP_REFUSED, RECORD_APP_REFUSED },
                { 400, "unauthorized_client", CONDITION_APP_NOT_ALLOWED, RECORD_APP_NOT_ALLOWED },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                Asker *asker;

                begin_with_one();
                asker = ask_by_force("one");
                yandex_refuses(table[i].status, table[i].error);
                check_refused(asker, table[i].condition);
                check_int(state("one"), ACCOUNT_APP_REFUSED);
                check_int(kept_verdict("one"), table[i].verdict);
                check_str(kept_refresh_token("one"), "r-1");
                check_served(ask("one"), "a-1", 1); /* it still lives */
                check(fake_notifier_shows("application-one"));
                end();
        }
}

static void a_refused_application_is_tried_daily(void) {
        begin_with_one();
        ask_by_force("one");
        for (unsigned i = 2; i < 40; i++) {
                yandex_refuses(400, "invalid_client");
                fake_network_set(true); /* changes nothing */
                run();
                check_within(account_next_refresh_at(account("one")), clock_now() + 20 * HOUR,
                             clock_now() + DAY);
                pass(account_next_refresh_at(account("one")) - clock_now());
                check_int(asked(), i);
                check_int(waiting(), 1);
        }
        yandex_gives("a-2", "r-2", YEAR);
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_int(kept_verdict("one"), RECORD_ACCEPTED);
        check_int(fake_notifier_count(), 0);
        check_int(fake_notifier_count_ever(), 1);
        end();
}

static void check_after_restart(const char *error, int condition) {
        begin_with_one();
        ask_by_force("one");
        yandex_refuses(400, error);
        quit();
        start();
        check_int(state("one"), ACCOUNT_APP_REFUSED);
        check_int(account_last_error(account("one")), condition);
        check_served(ask("one"), "a-1", 1);
        check_int(asked(), 1);
        pass(DAY);
        check_int(asked(), 2);
        end();
}

static void a_refused_application_stays_so_after_a_restart(void) {
        check_after_restart("invalid_client", CONDITION_APP_REFUSED);
        check_after_restart("unauthorized_client", CONDITION_APP_NOT_ALLOWED);
}

static void a_life_that_ends_under_a_refused_application(void) {
        begin();
        keyring_has((Known){ .id = "one", .life = HOUR });
        start();
        ask_by_force("one");
        yandex_refuses(400, "invalid_client");
        pass(2 * HOUR);
        check_int(state("one"), ACCOUNT_APP_REFUSED);
        check_refused(ask("one"), CONDITION_APP_REFUSED);
        check_int(asked(), 1);
        end();
}

static void another_secret_is_tried_at_once(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("right-secret");

        begin_with_one();
        ask_by_force("one");
        yandex_refuses(400, "invalid_client");
        check_int(applications_put(world->applications, "app", s, true), 0);
        accounts_retry_refused(world->accounts, "app");
        run();
        check_int(asked(), 2);
        check_asked_with("r-1");
        check_str(fake_http_field("client_secret"), "right-secret");
        yandex_gives("a-2", "r-2", YEAR);
        check_int(state("one"), ACCOUNT_ACTIVE);
        end();
}

static void another_secret_is_nothing_to_the_others(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        keyring_has((Known){ .id = "two", .client_id = "other", .uid = "2" });
        start();
        ask_by_force("one");
        yandex_refuses(400, "invalid_client");
        accounts_retry_refused(world->accounts, "other");
        run();
        check_int(asked(), 1);
        end();
}

static void a_locked_application_is_no_refusal(void) {
        Asker *asker;

        begin();
        keyring_has((Known){ .id = "one" });
        keyring_has_application("app", "app-secret");
        fake_vault_lock_item(VAULT_APPLICATION, "app", true);
        start();
        asker = ask_by_force("one");
        check_refused(asker, CONDITION_KEYRING_LOCKED);
        check_int(asked(), 0); /* without the secret Yandex would refuse */
        check_int(state("one"), ACCOUNT_ACTIVE);
        end();
}

static void a_grant_that_cannot_be_renewed_ends_with_its_life(void) {
        begin();
        keyring_has((Known){ .life = DAY, .refresh = "" });
        start();
        check_int(account_next_refresh_at(account("one")), 0);
        check_served(ask("one"), "a-1", 1);
        check_served(ask_for("one", 2 * DAY), "a-1", 1);
        check_refused(ask_refresh("one"), CONDITION_SIGN_IN_NEEDED);
        pass(DAY - 1);
        check_served(ask("one"), "a-1", 1);
        pass(1);
        check_int(state("one"), ACCOUNT_SIGN_IN_NEEDED);
        check_refused(ask("one"), CONDITION_SIGN_IN_NEEDED);
        check_int(asked(), 0);
        end();
}

TEST_MAIN(TEST(the_end_of_a_sign_in), TEST(a_401_is_as_good_as_a_400),
          TEST(after_the_end_nothing_is_asked), TEST(the_verdict_outlives_a_restart),
          TEST(the_keyring_is_read_before_it_is_believed),
          TEST(a_newer_grant_in_the_keyring_is_used),
          TEST(another_refresh_token_of_that_generation_is_used),
          TEST(the_newest_of_several_items_is_used), TEST(an_older_grant_in_the_keyring_is_no_news),
          TEST(a_newer_grant_that_cannot_be_renewed_is_no_news),
          TEST(without_the_keyring_it_is_not_believed),
          TEST(in_a_locked_keyring_something_newer_may_be), TEST(a_locked_item_may_be_newer),
          TEST(a_refused_application_costs_no_token), TEST(a_refused_application_is_tried_daily),
          TEST(a_refused_application_stays_so_after_a_restart),
          TEST(a_life_that_ends_under_a_refused_application), TEST(another_secret_is_tried_at_once),
          TEST(another_secret_is_nothing_to_the_others), TEST(a_locked_application_is_no_refusal),
          TEST(a_grant_that_cannot_be_renewed_ends_with_its_life))
