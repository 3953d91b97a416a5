/* SPDX-License-Identifier: MIT */

/* Taking over the tokens of another program: renewed, and only then ours. */

#include "import-rig.h"

static void the_way_it_goes(void) {
        begin();
        start();
        import(pair("a-0", "r-0"));
        check_str(fake_http_authorization(), "OAuth a-0");
        yandex_says_whose("100", "anna", "app");
        check_int(asked(), 1);
        check_asked_with("r-0");
        check_str(fake_http_field("client_secret"), "app-secret");
        check_int(accounts_count(world->accounts), 0); /* nothing is stored before it is renewed */
        check_int(fake_vault_count_items(VAULT_ACCOUNT, NULL), 0);
        check_int(visitor.n_ends, 0);
        yandex_gives("a-1", "r-1", YEAR);
        check_ended(0);
        check_str(visitor.account_id, only_id());
        check_served(ask(only_id()), "a-1", 1);
        check_str(kept_refresh_token(only_id()), "r-1");
        check_str(kept_label(only_id()), "anna");
        check_str(account_record(account(only_id()))->uid, "100");
        check_int(fake_http_count("/info"), 1); /* it is known whose it is */
        check(strstr(strstr(journal_take(), "stored"), "signed in 0"));
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
        yandex_gives("a-1", "r-1", YEAR);
        check_int(visitor.n_ends, 0); /* it is asked whose it is */
        yandex_says_who("100", "anna");
        check_ended(0);
        check_int(fake_http_count("/info"), 1);
        check_served(ask(only_id()), "a-1", 1);
        check_str(kept_label(only_id()), "anna");
        end_import();
}

/* It may well have expired: that says nothing of the refresh token. */
static void an_access_token_that_is_dead_is_dropped(void) {
        begin();
        start();
        import(pair("a-0", "r-0"));
        yandex_answers(401, "{}");
        yandex_gives("a-1", "r-1", YEAR);
        yandex_says_who("100", "anna");
        check_ended(0);
        check_served(ask(only_id()), "a-1", 1);
        end_import();
}

static void an_answer_that_was_lost_is_asked_for_again(void) {
        begin();
        start();
        import(pair(NULL, "r-0"));
        yandex_is_not_heard();
        check_int(visitor.n_ends, 0);
        check_asked_with("r-0");
        yandex_gives("a-1", "r-1", YEAR);
        yandex_says_who("100", "anna");
        check_ended(0);
        check_str(kept_refresh_token(only_id()), "r-1");
        end_import();
}

/* RFC 6749 section 6: the old one stays good then. */
static void an_answer_without_a_refresh_token_keeps_the_old_one(void) {
        begin();
        start();
        import(pair("a-0", "r-0"));
        yandex_says_whose("100", "anna", "app");
        yandex_answers(200, "{\"access_token\": \"a-1\", \"token_type\": \"bearer\", "
                            "\"expires_in\": 31536000}");
        check_ended(0);
        check_str(kept_refresh_token(only_id()), "r-0");
        end_import();
}

/* A record of an earlier version may have no access token. */
static void a_token_that_is_not_there_is_given_to_nobody(void) {
        Asker *asker, *forced;

        begin();
        keyring_has((Known){ .access = "" });
        start();
        asker = ask("one");
        account_begin_sign_out(account("one"));
        account_cancel_sign_out(account("one"), false);
        forced = ask_by_force("one");
        check_waits(asker);
        check_waits(forced);
        yandex_gives("a-1", "r-2", YEAR);
        check_served(asker, "a-1", 2);
        check_served(forced, "a-1", 2);
        end();
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

/* It shows only after the renewal that the user is here: the tokens are the newest that there
 * are. */
static void an_account_that_turns_out_to_be_here_is_renewed(void) {
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
          TEST(an_answer_that_was_lost_is_asked_for_again),
          TEST(an_answer_without_a_refresh_token_keeps_the_old_one),
          TEST(a_token_that_is_not_there_is_given_to_nobody),
          TEST(through_another_application_it_is_another_account), TEST(a_second_question_may_tell),
          TEST(an_account_that_turns_out_to_be_here_is_renewed),
          TEST(who_it_was_may_be_found_out_later), TEST(it_needs_the_secret_and_takes_no_code))
