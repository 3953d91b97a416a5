/* SPDX-License-Identifier: MIT */

/* Taking over the tokens of another program: stored, renewed, and only then ours. */

#include "import-rig.h"

static void the_way_it_goes(void) {
        const char *journal;

        begin();
        start();
        import(pair("a-0", "r-0"));
        check_str(fake_http_authorization(), "OAuth a-0");
        check_int(accounts_count(world->accounts), 0); /* nothing is stored before that is known */
        yandex_says_whose("100", "anna", "app");
        check_str(kept_refresh_token(only_id()), "r-0");
        check_int(asked(), 1);
        check_asked_with("r-0");
        check_str(fake_http_field("client_secret"), "app-secret");
        check_int(visitor.n_ends, 0);
        yandex_gives("a-1", "r-1", YEAR);
        check_ended(0);
        check_str(visitor.account_id, only_id());
        check_served(ask(only_id()), "a-1", 2);
        check_str(kept_refresh_token(only_id()), "r-1");
        check_str(kept_label(only_id()), "anna");
        check_str(account_record(account(only_id()))->uid, "100");
        journal = journal_take();
        check(strstr(journal, "stored"));
        check(strstr(strstr(journal, "stored") + 1, "stored") < strstr(journal, "signed in 0"));
        check_int(fake_fdstore_count(), 0);
        check_int(fake_http_count("/revoke_token"), 0);
        pass(HOUR);
        check_int(asked(), 1);
        end_import();
}

static void options_go_where_they_belong(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("new-secret");
        SignInOptions options;

        begin();
        start();
        options = pair("a-0", "r-0");
        options.client_id = "new";
        options.client_secret = s;
        options.label = "work";
        import(options);
        yandex_says_whose("100", "anna", "new");
        check_str(fake_http_field("client_secret"), "new-secret");
        yandex_gives("a-1", "r-1", YEAR);
        check_ended(0);
        check_str(kept_label(only_id()), "work");
        check_int(fake_vault_count_items(VAULT_APPLICATION, "new"), 1);
        end_import();
}

static void without_an_access_token(void) {
        begin();
        start();
        import(pair(NULL, "r-0"));
        check_int(asked(), 1);
        check_asked_with("r-0");
        check_str(kept_refresh_token(only_id()), "r-0");
        check_str(kept_access_token(only_id()), "");
        check_int(state(only_id()), ACCOUNT_EXPIRED);
        yandex_gives("a-1", "r-1", YEAR);
        check_int(visitor.n_ends, 0); /* it is asked whose it is */
        yandex_says_who("100", "anna");
        check_ended(0);
        check_int(fake_http_count("/info"), 1);
        check_served(ask(only_id()), "a-1", 2);
        check_str(kept_label(only_id()), "anna");
        end_import();
}

/* It may well have expired: that says nothing of the refresh token. */
static void an_access_token_that_is_dead_is_dropped(void) {
        begin();
        start();
        import(pair("a-0", "r-0"));
        yandex_answers(401, "{}");
        check_str(kept_access_token(only_id()), "");
        yandex_gives("a-1", "r-1", YEAR);
        yandex_says_who("100", "anna");
        check_ended(0);
        check_served(ask(only_id()), "a-1", 2);
        end_import();
}

/* Whoever asks meanwhile never gets a token that there is not. */
static void nobody_gets_a_token_that_is_not_there(void) {
        Asker *asker, *forced;

        begin();
        start();
        fake_vault_hold(FAKE_STORE);
        import(pair(NULL, "r-0"));
        asker = ask(only_id());
        forced = ask_by_force(only_id());
        check_waits(asker);
        check_int(asked(), 0); /* stored first */
        fake_vault_let_go(FAKE_STORE);
        run();
        check_waits(asker);
        check_int(asked(), 1);
        yandex_gives("a-1", "r-1", YEAR);
        check_served(asker, "a-1", 2);
        check_served(forced, "a-1", 2);
        visitor_leaves();
        end_import();
}

/* As by a sign-out that the keyring then did not carry out. */
static void nor_where_the_renewal_was_called_off(void) {
        Asker *forced;

        begin();
        keyring_has((Known){ .access = "" });
        start();
        check_int(waiting(), 1);
        account_begin_sign_out(account("one"));
        account_cancel_sign_out(account("one"));
        forced = ask_by_force("one");
        check_waits(forced);
        yandex_gives("a-1", "r-2", YEAR);
        check_served(forced, "a-1", 2);
        end();
}

static void an_end_that_is_told_is_kept(void) {
        SignInOptions options;

        begin();
        start();
        options = pair("a-0", "r-0");
        options.expires_at = DAWN + 30 * DAY;
        import(options);
        yandex_says_whose("100", "anna", "app");
        check_int(account_times(account(only_id())).expires_at, DAWN + 30 * DAY);
        visitor_leaves();
        end_import();
}

/* Yandex accepts it: then it cannot be over. */
static void an_end_in_the_past_is_not_believed(void) {
        SignInOptions options;

        begin();
        start();
        options = pair("a-0", "r-0");
        options.expires_at = DAWN - 1;
        import(options);
        yandex_says_whose("100", "anna", "app");
        check_int(account_times(account(only_id())).expires_at, GRANT_END_UNKNOWN);
        check_served(ask(only_id()), "a-0", 1);
        visitor_leaves();
        end_import();
}

static void through_another_application_it_is_another_account(void) {
        begin();
        keyring_has((Known){ .login = "anna", .client_id = "other" });
        keyring_has_application("app", "app-secret");
        start();
        import(pair("a-0", "r-0"));
        yandex_says_whose("100", "anna", "app");
        yandex_gives("a-1", "r-1", YEAR);
        check_ended(0);
        check_int(accounts_count(world->accounts), 2);
        end_import();
}

static void a_second_question_may_tell(void) {
        begin();
        start();
        import(pair("a-0", "r-0"));
        yandex_answers(502, "");
        yandex_says_whose("100", "anna", "app");
        yandex_gives("a-1", "r-1", YEAR);
        check_ended(0);
        end_import();
}

/* Only after the renewal it shows that the user is here: the pair is the newest that there is. */
static void whoever_turns_out_to_be_here_is_renewed(void) {
        begin();
        keyring_has((Known){ .login = "anna", .label = "work", .verdict = RECORD_REFUSED });
        start();
        import(pair(NULL, "r-0"));
        yandex_gives("b-1", "rb-1", YEAR);
        yandex_says_who("100", "anna");
        check_ended(0);
        check_str(visitor.account_id, "one");
        check_str(only_id(), "one");
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_served(ask("one"), "b-1", 2);
        check_str(kept_refresh_token("one"), "rb-1");
        check_str(kept_label("one"), "work");
        check_int(fake_vault_count_items(VAULT_ACCOUNT, NULL), 1);
        check_int(fake_vault_count_items(VAULT_APPLICATION, "app"), 1);
        check_int(fake_fdstore_count(), 0);
        end_import();
}

static void who_it_was_may_be_found_out_later(void) {
        begin();
        start();
        import(pair(NULL, "r-0"));
        yandex_gives("a-1", "r-1", YEAR);
        yandex_cannot_be_reached();
        check_int(visitor.n_ends, 0);
        yandex_answers(500, "");
        check_ended(0);
        check_str(kept_label(only_id()), "Yandex Disk");
        check_str(kept_refresh_token(only_id()), "r-1");
        end_import();
}

static void it_needs_the_secret_and_takes_no_code(void) {
        SignInOptions options;
        const char *sentence;

        begin();
        start();
        options = pair("a-0", "r-0");
        options.client_id = "new";
        check_int(sign_in_with(options), CONDITION_INVALID_ARGS);
        options.client_id = "app";
        import(options);
        check_int(sign_in_submit(visitor.sign_in, "1234567", &sentence), CONDITION_INVALID_ARGS);
        check(!sign_in_prompt(visitor.sign_in));
        visitor_leaves();
        end_import();
}

TEST_MAIN(TEST(the_way_it_goes), TEST(options_go_where_they_belong), TEST(without_an_access_token),
          TEST(an_access_token_that_is_dead_is_dropped),
          TEST(nobody_gets_a_token_that_is_not_there), TEST(nor_where_the_renewal_was_called_off),
          TEST(an_end_that_is_told_is_kept), TEST(an_end_in_the_past_is_not_believed),
          TEST(through_another_application_it_is_another_account), TEST(a_second_question_may_tell),
          TEST(whoever_turns_out_to_be_here_is_renewed), TEST(who_it_was_may_be_found_out_later),
          TEST(it_needs_the_secret_and_takes_no_code))
