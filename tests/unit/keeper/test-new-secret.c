/* SPDX-License-Identifier: MIT */

/* An application is given another secret, which may be wrong: the one before is kept until Yandex
 * has accepted the new one. */

#include "import-rig.h"
#include "keeper/sign-in/sign-out.h"

static void put(const char *text) {
        _cleanup_(secret_unrefp) Secret *s = secret(text);

        check_int(applications_put(world->applications, "app", s, true), 0);
        run();
}

static void begin_with(const char *text) {
        begin();
        keyring_has((Known){ .id = "one" });
        start();
        put(text);
}

/* Which the keyring holds; "": none. */
static void check_kept(const char *current, const char *previous) {
        _cleanup_(secret_unrefp) Secret *text =
                secret(fake_vault_document(VAULT_APPLICATION, "app"));
        _cleanup_(application_record_done) ApplicationRecord record = {};

        check_int(application_record_parse(text, &record, NULL), 0);
        check_str(secret_string(record.client_secret), current);
        check_str(record.previous_secret ? secret_string(record.previous_secret) : "", previous);
        check_str(secret_string(applications_client_secret(world->applications, "app")), current);
}

static void check_asked_by(const char *client_secret) {
        fake_http_look_at_latest();
        check_str(fake_http_field("client_secret"), client_secret);
}

static void what_yandex_accepts_is_kept_alone(void) {
        begin_with("new");
        check_kept("new", "app-secret");
        ask_by_force("one");
        check_asked_by("new");
        yandex_gives("a-2", "r-2", YEAR);
        check_served(ask("one"), "a-2", 2);
        check_int(asked(), 1);
        check_kept("new", "");
        end();
}

static void what_yandex_refuses_gives_way_to_the_one_before(void) {
        Asker *asker;

        begin_with("wrong");
        asker = ask_by_force("one");
        yandex_refuses(400, "invalid_client");
        check_int(asked(), 2);
        check_asked_with("r-1");
        check_asked_by("app-secret");
        yandex_gives("a-2", "r-2", YEAR);
        check_served(asker, "a-2", 2);
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_kept("app-secret", "");
        end();
}

static void as_long_as_yandex_refuses_both_both_are_kept(void) {
        begin_with("wrong");
        check_waits(ask_by_force("one"));
        yandex_refuses(400, "invalid_client");
        yandex_refuses(401, "invalid_client");
        check_int(asked(), 2);
        check_int(state("one"), ACCOUNT_APP_REFUSED);
        check_kept("wrong", "app-secret");
        pass(DAY + HOUR);
        check_int(asked(), 3);
        check_asked_by("wrong");
        end();
}

static void passing_trouble_says_nothing(void) {
        begin_with("new");
        ask_by_force("one");
        yandex_refuses(500, "x");
        check_kept("new", "app-secret");
        check_int(asked(), 1);
        end();
}

/* Yandex looks at the application first. */
static void a_sign_in_that_is_over_tells_of_the_secret_too(void) {
        begin_with("new");
        ask_by_force("one");
        yandex_refuses(400, "invalid_grant");
        check_int(state("one"), ACCOUNT_SIGN_IN_NEEDED);
        check_kept("new", "");
        end();

        begin_with("wrong");
        ask_by_force("one");
        yandex_refuses(400, "invalid_client");
        yandex_refuses(400, "invalid_grant");
        check_int(state("one"), ACCOUNT_SIGN_IN_NEEDED);
        check_kept("app-secret", "");
        end();
}

static void of_several_the_one_that_worked_is_kept(void) {
        begin_with("wrong");
        put("wrong as well");
        check_kept("wrong as well", "app-secret");
        put("wrong as well");
        check_kept("wrong as well", "app-secret");
        put("app-secret");
        check_kept("app-secret", "");
        end();
}

static void the_one_before_outlives_us(void) {
        begin_with("wrong");
        quit();
        start();
        check_kept("wrong", "app-secret");
        ask_by_force("one");
        yandex_refuses(400, "invalid_client");
        check_asked_by("app-secret");
        yandex_gives("a-2", "r-2", YEAR);
        check_kept("app-secret", "");
        end();
}

static void it_outlives_a_crash_before_the_keyring_has_it(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        start();
        fake_vault_hold(FAKE_STORE);
        put("wrong");
        check_int(fake_fdstore_count(), 1);
        fake_fdstore_die(true);
        quit();
        fake_fdstore_die(false);
        fake_vault_let_go(FAKE_STORE);
        start();
        check_kept("wrong", "app-secret");
        check_int(fake_fdstore_count(), 0);
        end();
}

/* The request went out with the one before. */
static void a_secret_that_comes_during_a_request_is_not_judged_by_it(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        start();
        ask_by_force("one");
        put("new");
        yandex_gives("a-2", "r-2", YEAR);
        check_kept("new", "app-secret");
        end();

        begin_with("wrong");
        ask_by_force("one");
        yandex_refuses(400, "invalid_client");
        put("new");
        yandex_gives("a-2", "r-2", YEAR);
        check_kept("new", "app-secret");
        end();
}

static void a_sign_in_turns_to_the_one_before(void) {
        begin_with("wrong");
        sign_in_until_prompt(TO_APP);
        pass(5);
        check_asked_by("wrong");
        yandex_refuses(400, "invalid_client");
        pass(5);
        check_asked_by("app-secret");
        yandex_gives("a-2", "r-2", YEAR);
        yandex_says_who("100", "anna");
        check_ended(0);
        check_kept("app-secret", "");
        check_int(fake_fdstore_count(), 0);
        end();
}

static void a_sign_in_whose_secrets_are_both_refused_ends(void) {
        begin_with("wrong");
        sign_in_until_prompt(TO_APP);
        pass(5);
        yandex_refuses(400, "invalid_client");
        pass(5);
        yandex_refuses(400, "invalid_client");
        check_ended(CONDITION_APP_REFUSED);
        check_kept("wrong", "app-secret");
        end();
}

static void an_import_turns_to_the_one_before(void) {
        begin_with("wrong");
        import(pair(NULL, "r-0"));
        yandex_refuses(400, "invalid_client");
        check_asked_by("app-secret");
        yandex_gives("a-2", "r-2", YEAR);
        yandex_says_who("100", "anna");
        check_ended(0);
        check_kept("app-secret", "");
        end_import();
}

static void a_code_is_exchanged_with_the_one_before(void) {
        const char *sentence;

        begin_with("wrong");
        check_int(sign_in_with((SignInOptions){ .flow = SIGN_IN_CODE, .client_id = "app" }), 0);
        check_int(sign_in_submit(visitor.sign_in, "1234567", &sentence), 0);
        run();
        yandex_refuses(400, "invalid_client");
        check_int(asked(), 2);
        check_asked_by("app-secret");
        yandex_gives("a-2", "r-2", YEAR);
        yandex_says_who("100", "anna");
        check_ended(0);
        check_kept("app-secret", "");
        end();
}

static void a_sign_in_that_brings_a_secret_has_shown_that_it_works(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("right");

        begin_with("wrong");
        sign_in_as((SignInOptions){ .client_id = "app", .client_secret = s }, "100", "anna", "a-2",
                   "r-2");
        check_kept("right", "");
        end();
}

static void a_secret_that_came_along_is_used_alone(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("wrong as well");

        begin_with("wrong");
        sign_in_until_prompt((SignInOptions){ .client_id = "app", .client_secret = s });
        pass(5);
        yandex_refuses(400, "invalid_client");
        check_ended(CONDITION_APP_REFUSED);
        check_kept("wrong", "app-secret");
        end();
}

static SignOut *sign_out;
static bool is_revoked;

static void on_signed_out(int r, bool revoked, const char *reason, void *userdata) {
        check_int(r, 0);
        is_revoked = revoked;
        sign_out = sign_out_free(sign_out);
}

static void a_sign_out_revokes_with_the_one_before(void) {
        begin_with("wrong");
        check_int(sign_out_start(world, account("one"), true, on_signed_out, NULL, &sign_out), 0);
        run();
        check_asked_by("wrong");
        yandex_refuses(400, "invalid_client");
        check_asked_by("app-secret");
        check_str(fake_http_field("access_token"), "a-1");
        yandex_answers(200, "{\"status\": \"ok\"}");
        check(!sign_out);
        check(is_revoked);
        check_int(accounts_count(world->accounts), 0);
        end();
}

/* What is asked for without replace. */
static void whose_secret_is_replaced_without_a_question(void) {
        _cleanup_(secret_unrefp) Secret *same = secret("app-secret"), *other = secret("other");
        const Accounts *set;

        begin_with("app-secret");
        set = world->accounts;
        check_int(accounts_check_secret(set, "app", same, false), 0);
        check_int(accounts_check_secret(set, "app", other, false), CONDITION_SECRET_IN_USE);
        check_int(accounts_check_secret(set, "app", other, true), 0);
        check_int(accounts_check_secret(set, "nobody's", other, false), 0);

        put("wrong");
        check_int(accounts_check_secret(set, "app", same, false), 0); /* it has worked before */
        check_int(accounts_check_secret(set, "app", other, false), CONDITION_SECRET_IN_USE);
        put("app-secret");

        ask_by_force("one");
        yandex_refuses(400, "invalid_client"); /* then it is of no use */
        check_int(accounts_check_secret(set, "app", other, false), 0);
        end();

        begin();
        keyring_has((Known){ .client_id = "bare" }); /* nothing is replaced */
        start();
        check_int(accounts_check_secret(world->accounts, "bare", other, false), 0);
        check_int(accounts_check_secret(world->accounts, "app", other, false), 0); /* not used */
        end();
}

static void a_secret_that_is_not_known_is_not_replaced(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("other");

        begin();
        keyring_has((Known){ .id = "one" });
        keyring_has_application("app", "app-secret");
        fake_vault_lock_item(VAULT_APPLICATION, "app", true);
        start();
        check_int(accounts_check_secret(world->accounts, "app", s, true),
                  CONDITION_KEYRING_ITEMS_LOCKED);
        end();
}

TEST_MAIN(TEST(what_yandex_accepts_is_kept_alone),
          TEST(what_yandex_refuses_gives_way_to_the_one_before),
          TEST(as_long_as_yandex_refuses_both_both_are_kept), TEST(passing_trouble_says_nothing),
          TEST(a_sign_in_that_is_over_tells_of_the_secret_too),
          TEST(of_several_the_one_that_worked_is_kept), TEST(the_one_before_outlives_us),
          TEST(it_outlives_a_crash_before_the_keyring_has_it),
          TEST(a_secret_that_comes_during_a_request_is_not_judged_by_it),
          TEST(a_sign_in_turns_to_the_one_before),
          TEST(a_sign_in_whose_secrets_are_both_refused_ends),
          TEST(an_import_turns_to_the_one_before), TEST(a_code_is_exchanged_with_the_one_before),
          TEST(a_sign_in_that_brings_a_secret_has_shown_that_it_works),
          TEST(a_secret_that_came_along_is_used_alone),
          TEST(a_sign_out_revokes_with_the_one_before),
          TEST(whose_secret_is_replaced_without_a_question),
          TEST(a_secret_that_is_not_known_is_not_replaced))
