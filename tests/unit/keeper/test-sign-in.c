/* SPDX-License-Identifier: MIT */

/* Signing in: the way it goes, and who it turns out to be. */

#include "sign-in-rig.h"

static const AccountRecord *record_of_visitor(void) {
        return account_record(account(visitor.account_id));
}

static void the_way_it_goes(void) {
        const SignInPrompt *prompt;

        begin();
        start();
        sign_in();
        check_int(codes(), 1);
        check_str(fake_http_field("client_id"), "app");
        check_str(fake_http_field("device_id"), "11111111-2222");
        check_str(fake_http_field("device_name"), "my host");
        check_str(fake_http_field("scope"), NULL);
        check(!sign_in_prompt(visitor.sign_in));

        yandex_shows_a_code();
        check_int(visitor.n_prompts, 1);
        prompt = sign_in_prompt(visitor.sign_in);
        check_str(prompt->user_code, "abcd1234");
        check_str(prompt->verification_url, "https://ya.ru/device");
        check_int(prompt->expires_at, DAWN + 300);
        check_int(prompt->interval, 5);

        pass_ms(4999);
        check_int(asked(), 0);
        pass_ms(1);
        check_int(asked(), 1);
        check_str(fake_http_field("grant_type"), "device_code");
        check_str(fake_http_field("code"), "dc-1");
        check_str(fake_http_field("client_secret"), "app-secret");
        yandex_refuses(400, "authorization_pending");
        pass(5);
        yandex_gives("a-1", "r-1", YEAR);
        check_int(visitor.n_ends, 0);
        check_str(fake_http_authorization(), "OAuth a-1");
        yandex_says_who("100", "anna");
        check_ended(0);

        check_int(accounts_count(world->accounts), 1);
        check_int(seen.added, 1);
        check_str(record_of_visitor()->login, "anna");
        check_str(record_of_visitor()->label, "anna");
        check_str(record_of_visitor()->uid, "100");
        check_int(record_of_visitor()->created_at, DAWN + 10);
        check_int(state(visitor.account_id), ACCOUNT_ACTIVE);
        check_served(ask(visitor.account_id), "a-1", 1);
        check_str(kept_access_token(visitor.account_id), "a-1");
        check_within(account_next_refresh_at(account(visitor.account_id)), DAWN + 75 * DAY,
                     DAWN + 91 * DAY);
        end();
}

static void it_is_stored_before_it_has_ended(void) {
        const char *journal;

        begin();
        start();
        fake_vault_hold(FAKE_STORE);
        sign_in_until_prompt(TO_APP);
        pass(5);
        yandex_gives("a-1", "r-1", YEAR);
        yandex_says_who("100", "anna");
        check_int(visitor.n_ends, 0);
        check_int(fake_fdstore_count(), 1);
        fake_vault_let_go(FAKE_STORE);
        run();
        check_ended(0);
        journal = journal_take();
        check(strstr(journal, "put account-"));
        check(strstr(journal, "stored") > strstr(journal, "put account-"));
        check(strstr(journal, "signed in 0") > strstr(journal, "stored"));
        check_int(fake_fdstore_count(), 0);
        end();
}

static void a_keyring_that_fails_after_all_loses_nothing(void) {
        begin();
        start();
        fake_vault_fail(FAKE_STORE, CONDITION_KEYRING_FAILED, 3);
        sign_in_as(TO_APP, "100", "anna", "a-1", "r-1");
        check_ended(0);
        check(!account_is_saved(account(visitor.account_id)));
        check_served(ask(visitor.account_id), "a-1", 1);
        check_int(fake_fdstore_count(), 1);
        pass(HOUR);
        check(account_is_saved(account(visitor.account_id)));
        check_str(kept_access_token(visitor.account_id), "a-1");
        end();
}

static void a_new_application_is_kept_with_its_secret(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("new-secret");
        Application *a;

        begin();
        start();
        sign_in_until_prompt((SignInOptions){ .client_id = "new", .client_secret = s });
        check_int(fake_vault_count_items(VAULT_APPLICATION, "new"), 0);
        pass(5);
        check_str(fake_http_field("client_secret"), "new-secret");
        yandex_gives("a-1", "r-1", YEAR);
        yandex_says_who("100", "anna");
        check_ended(0);
        a = applications_find(world->applications, "new");
        check(a && secret_equal(application_client_secret(a), s));
        check(!application_is_kept(a)); /* not by hand */
        check(strstr(fake_vault_document(VAULT_APPLICATION, "new"), "new-secret"));
        end();
}

/* The keyring has nothing yet when the process dies. */
static void a_new_account_and_its_application_outlive_us_together(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("new-secret");

        begin();
        start();
        fake_vault_hold(FAKE_STORE);
        sign_in_until_prompt((SignInOptions){ .client_id = "new", .client_secret = s });
        pass(5);
        yandex_gives("a-1", "r-1", YEAR);
        yandex_says_who("100", "user");
        check_int(fake_vault_count_items(VAULT_APPLICATION, "new"), 0);
        visitor_leaves();
        quit();

        fake_vault_let_go(FAKE_STORE);
        start();
        check_int(accounts_count(world->accounts), 1);
        check_int(fake_vault_count_items(VAULT_APPLICATION, "new"), 1);
        check_int(fake_fdstore_count(), 0);
        ask_refresh(account_id(accounts_at(world->accounts, 0)));
        check_asked_with("r-1");
        check_str(fake_http_field("client_secret"), "new-secret");
        end();
}

static void an_unknown_application_needs_its_secret(void) {
        begin();
        start();
        check_int(sign_in_with((SignInOptions){ .client_id = "new" }), CONDITION_INVALID_ARGS);
        check(!visitor.sign_in);
        check_int(fake_http_count(NULL), 0);
        end();
}

static void a_label_of_ones_own(void) {
        begin();
        start();
        sign_in_as((SignInOptions){ .client_id = "app", .label = "work" }, "100", "anna", "a", "r");
        check_str(record_of_visitor()->label, "work");
        check_str(record_of_visitor()->login, "anna");
        check_str(kept_label(visitor.account_id), "work");
        end();
}

static void scopes_are_asked_for_and_kept(void) {
        char *scopes[] = { (char *) "disk:read", (char *) "disk:write", NULL };

        begin();
        start();
        check_int(sign_in_with((SignInOptions){ .client_id = "app", .scopes = scopes }), 0);
        check_str(fake_http_field("scope"), "disk:read disk:write");
        yandex_shows_a_code();
        pass(5);
        yandex_gives("a-1", "r-1", YEAR);
        yandex_says_who("100", "anna");
        check(strv_same_set(record_of_visitor()->scopes, scopes));
        end();
}

static void fewer_scopes_than_asked_for_are_kept_as_they_are(void) {
        char *scopes[] = { (char *) "disk:read", (char *) "disk:write", NULL };

        begin();
        start();
        sign_in_until_prompt((SignInOptions){ .client_id = "app", .scopes = scopes });
        pass(5);
        yandex_answers(200, "{\"access_token\": \"a-1\", \"refresh_token\": \"r-1\", "
                            "\"expires_in\": 3600, \"scope\": \"disk:read\"}");
        yandex_says_who("100", "anna");
        check_int(strv_length(record_of_visitor()->scopes), 1);
        check_str(record_of_visitor()->scopes[0], "disk:read");
        end();
}

static void the_same_user_again_keeps_id_and_label(void) {
        begin();
        keyring_has((Known){ .login = "anna", .label = "work", .verdict = RECORD_REFUSED });
        start();
        check_int(state("one"), ACCOUNT_SIGN_IN_NEEDED);
        check(fake_notifier_shows("sign-in-one"));
        sign_in_as(TO_APP, "100", "anna", "a-2", "r-2");
        check_ended(0);
        check_str(visitor.account_id, "one");
        check_int(accounts_count(world->accounts), 1);
        check_int(seen.added, 1);
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_int(account_last_error(account("one")), 0);
        check_served(ask("one"), "a-2", 2);
        check_str(record_of_visitor()->label, "work");
        check_str(kept_access_token("one"), "a-2");
        check_int(kept_verdict("one"), RECORD_ACCEPTED);
        check_int(fake_vault_count_items(VAULT_ACCOUNT, NULL), 1);
        check_int(fake_notifier_count(), 0);
        end();
}

static void the_same_user_may_get_another_label(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        start();
        sign_in_as((SignInOptions){ .client_id = "app", .label = "work" }, "100", "anna", "a-2",
                   "r-2");
        check_str(visitor.account_id, "one");
        check_str(kept_label("one"), "work");
        end();
}

static void the_same_user_by_another_login_is_the_same(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        start();
        sign_in_as(TO_APP, "100", "anna.new", "a-2", "r-2");
        check_str(visitor.account_id, "one");
        check_str(record_of_visitor()->login, "anna.new");
        end();
}

static void another_user_is_another_account(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        start();
        sign_in_as(TO_APP, "200", "boris", "b-1", "rb-1");
        check(!streq(visitor.account_id, "one"));
        check_int(accounts_count(world->accounts), 2);
        check_served(ask("one"), "a-1", 1);
        check_served(ask(visitor.account_id), "b-1", 1);
        check_str(account_id(accounts_default(world->accounts)), "one");
        end();
}

static void through_another_application_it_is_another_account(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        keyring_has_application("app", "app-secret");
        keyring_has_application("other", "other-secret");
        start();
        sign_in_as((SignInOptions){ .client_id = "other" }, "100", "anna", "b-1", "rb-1");
        check_int(accounts_count(world->accounts), 2);
        end();
}

static void into_an_account_only_its_user_comes(void) {
        SignInOptions into_one = { .client_id = "app", .account_id = "one", .label = "new" };

        begin();
        keyring_has((Known){ .login = "anna" });
        start();
        sign_in_as(into_one, "200", "boris", "b-1", "rb-1");
        check_ended(CONDITION_ACCESS_DENIED);
        check_served(ask("one"), "a-1", 1);
        check_str(kept_label("one"), "anna");
        check_str(kept_access_token("one"), "a-1");

        sign_in_as(into_one, "100", "anna", "a-2", "r-2");
        check_ended(0);
        check_served(ask("one"), "a-2", 2);
        check_str(kept_label("one"), "new");
        end();
}

/* The apps that the user has allowed are the account's, not the grant's. */
static void allowed_apps_stay_with_the_account(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        start();
        check_int(account_allow(account("one"), "org.example.App"), 0);
        check(seen.account & ACCOUNT_CHANGED_ALLOWED);
        sign_in_as((SignInOptions){ .client_id = "app" }, "100", "anna", "a-2", "r-2");
        check_served(ask("one"), "a-2", 2);
        check(account_allows(account("one"), "org.example.App"));

        /* They are there after a restart. */
        quit();
        start();
        check(account_allows(account("one"), "org.example.App"));
        check(!account_allows(account("one"), "org.example.Other"));

        /* They are not those of another account of the application. */
        sign_in_as((SignInOptions){ .client_id = "app" }, "200", "boris", "b-1", "rb-1");
        check_int(accounts_count(world->accounts), 2);
        check(!account_allows(account(visitor.account_id), "org.example.App"));
        end();
}

static void an_account_that_went_meanwhile_is_not_made_again(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        start();
        sign_in_until_prompt((SignInOptions){ .client_id = "app", .account_id = "one" });
        accounts_remove(world->accounts, account("one"));
        pass(5);
        yandex_gives("a-2", "r-2", YEAR);
        yandex_says_who("100", "anna");
        check_ended(CONDITION_NO_SUCH_ACCOUNT);
        check_int(accounts_count(world->accounts), 0);
        end();
}

static void a_refresh_under_way_gives_way_to_a_sign_in(void) {
        Asker *asker;

        begin();
        keyring_has((Known){ .login = "anna" });
        start();
        sign_in_until_prompt(TO_APP);
        pass(5);
        yandex_gives("a-2", "r-2", YEAR);
        asker = ask_by_force("one");
        check_waits(asker);
        yandex_answers(200, "{\"id\": \"100\", \"login\": \"anna\"}");
        check_int(visitor.n_ends, 1);
        check_served(asker, "a-2", 2);

        /* It is not called back: what it says of the grant before is nothing to this one. */
        check_int(waiting(), 1);
        yandex_refuses(400, "invalid_grant");
        check_int(waiting(), 0);
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_str(kept_refresh_token("one"), "r-2");
        end();
}

/* Two sign-ins of one user: what Yandex gave last is valid, whichever is completed last. */
static void the_later_of_two_sign_ins_counts(void) {
        for (unsigned later_ends_first = 0; later_ends_first < 2; later_ends_first++) {
                begin();
                keyring_has((Known){ .login = "anna" });
                start();
                sign_in_until_prompt(TO_APP);
                pass(5);
                yandex_gives("a-2", "r-2", YEAR);
                visitor_leaves();

                fake_http_expect("/device/code", 200,
                                 "{\"device_code\": \"dc-2\", \"user_code\": \"efgh5678\"}");
                fake_http_expect("/token", 200,
                                 "{\"access_token\": \"a-3\", \"refresh_token\": \"r-3\"}");
                if (later_ends_first)
                        fake_http_expect("/info", 200, "{\"id\": \"100\", \"login\": \"anna\"}");
                sign_in();
                pass(5);
                pass(1);
                while (waiting() > 0)
                        yandex_says_who("100", "anna");
                check_ended(0);
                check_str(ask("one")->token, "a-3");
                check_str(kept_refresh_token("one"), "r-3");
                check_int(fake_fdstore_count(), 0);
                end();
        }
}

/* A clock that was wrong once does not make a sign-in an old one. */
static void a_grant_from_the_future_is_no_later_one(void) {
        begin();
        keyring_has((Known){ .login = "anna", .obtained_at = DAWN + HOUR });
        start();
        sign_in_as(TO_APP, "100", "anna", "a-2", "r-2");
        check_ended(0);
        check_served(ask("one"), "a-2", 2);
        end();
}

static void who_it_was_may_be_found_out_later(void) {
        begin();
        start();
        sign_in_until_prompt(TO_APP);
        pass(5);
        yandex_gives("a-1", "r-1", YEAR);
        yandex_cannot_be_reached();
        check_int(visitor.n_ends, 0);
        yandex_answers(500, "");
        check_ended(0);
        check_str(record_of_visitor()->uid, NULL);
        check_str(record_of_visitor()->label, "Yandex Disk");
        check_served(ask(visitor.account_id), "a-1", 1);

        pass(91 * DAY);
        yandex_gives("a-2", "r-2", YEAR);
        yandex_says_who("100", "anna");
        check_str(record_of_visitor()->uid, "100");
        check_str(record_of_visitor()->login, "anna");
        check_str(record_of_visitor()->label, "anna");
        check_str(kept_label(visitor.account_id), "anna");
        end();
}

static void a_second_question_may_tell_who_it_was(void) {
        begin();
        start();
        sign_in_until_prompt(TO_APP);
        pass(5);
        yandex_gives("a-1", "r-1", YEAR);
        yandex_cannot_be_reached();
        yandex_says_who("100", "anna");
        check_ended(0);
        check_str(record_of_visitor()->label, "anna");
        end();
}

/* Longer than a label may be. */
static void a_login_that_is_no_label_is_not_made_one(void) {
        char login[LABEL_MAX + 2];

        begin();
        start();
        memset(login, 'x', sizeof(login) - 1);
        login[sizeof(login) - 1] = '\0';
        sign_in_as(TO_APP, "100", login, "a-1", "r-1");
        check_ended(0);
        check_str(record_of_visitor()->label, "Yandex Disk");
        end();
}

static void another_secret_cures_the_other_accounts(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("right-secret");

        begin();
        keyring_has((Known){ .id = "one" });
        keyring_has((Known){ .id = "two", .uid = "2", .refresh = "r-two" });
        start();
        (void) ask_by_force("two");
        yandex_refuses(400, "invalid_client");
        check_int(state("two"), ACCOUNT_APP_REFUSED);
        sign_in_as((SignInOptions){ .client_id = "app", .client_secret = s }, "100", "user", "a-2",
                   "r-2");
        check_int(waiting(), 1);
        check_asked_with("r-two");
        check_str(fake_http_field("client_secret"), "right-secret");
        end();
}

TEST_MAIN(TEST(the_way_it_goes), TEST(it_is_stored_before_it_has_ended),
          TEST(a_keyring_that_fails_after_all_loses_nothing),
          TEST(a_new_application_is_kept_with_its_secret),
          TEST(a_new_account_and_its_application_outlive_us_together),
          TEST(an_unknown_application_needs_its_secret), TEST(a_label_of_ones_own),
          TEST(scopes_are_asked_for_and_kept),
          TEST(fewer_scopes_than_asked_for_are_kept_as_they_are),
          TEST(the_same_user_again_keeps_id_and_label), TEST(the_same_user_may_get_another_label),
          TEST(the_same_user_by_another_login_is_the_same), TEST(another_user_is_another_account),
          TEST(through_another_application_it_is_another_account),
          TEST(into_an_account_only_its_user_comes), TEST(allowed_apps_stay_with_the_account),
          TEST(an_account_that_went_meanwhile_is_not_made_again),
          TEST(a_refresh_under_way_gives_way_to_a_sign_in), TEST(the_later_of_two_sign_ins_counts),
          TEST(a_grant_from_the_future_is_no_later_one), TEST(who_it_was_may_be_found_out_later),
          TEST(a_second_question_may_tell_who_it_was),
          TEST(a_login_that_is_no_label_is_not_made_one),
          TEST(another_secret_cures_the_other_accounts))
