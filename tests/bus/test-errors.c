/* SPDX-License-Identifier: MIT */

/* Each error has its name; and only calls that allow prompts cause them. */

#include "bus-rig.h"

static void begin_with(Known known) {
        begin();
        keyring_has(known);
        serve();
}

static Call *get_token(void) {
        return call("GetToken", "sa{sv}", "", 0);
}

static Call *force(void) {
        return call("GetToken", "sa{sv}", "", 1, "force", "b", 1);
}

static void not_signed_in(void) {
        begin();
        serve();
        check_error(get_token(), ERROR("NotSignedIn"));
        check_error(call("GetToken", "sa{sv}", "anna", 0), ERROR("NoSuchAccount"));
        check_error(call("FindAccount", "s", ""), ERROR("NotSignedIn"));
        check_error(call("FindAccount", "s", "anna"), ERROR("NoSuchAccount"));
        end_serving();
}

static void ambiguous(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        keyring_has((Known){ .id = "two", .uid = "2" });
        serve();
        check_error(call("GetToken", "sa{sv}", "user", 0), ERROR("Ambiguous"));
        check_error(call("FindAccount", "s", "user"), ERROR("Ambiguous"));
        end_serving();
}

static void sign_in_needed(void) {
        begin_with((Known){ .verdict = RECORD_REFUSED });
        check_error(get_token(), ERROR("SignInNeeded"));
        check_error(call("GetTokenFD", "sa{sv}", "", 0), ERROR("SignInNeeded"));
        check_error(call_one("Refresh", NULL), ERROR("SignInNeeded"));
        end_serving();
}

static void what_yandex_answers_has_a_name(void) {
        static const struct {
                int status; /* 0: no answer */
                const char *error;
                const char *name;
        } table[] = {
                { 0, NULL, ERROR("Offline") },
                { 500, "x", ERROR("ServerTrouble") },
                { 400, "invalid_request", ERROR("ServerTrouble") },
                { 429, "x", ERROR("RateLimited") },
                { 400, "invalid_client", ERROR("AppRefused") },
                { 400, "invalid_grant", ERROR("SignInNeeded") },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                Call *c;

                begin_with((Known){});
                c = force();
                if (table[i].status == 0)
                        yandex_cannot_be_reached();
                else
                        yandex_refuses(table[i].status, table[i].error);
                check_error(c, table[i].name);
                end_serving();
        }
}

/* The keyring is checked before such an answer, but at most once a second. */
static void check_error_in_a_second(Call *c, const char *name) {
        pass_ms(1000);
        check_error(c, name);
}

static void the_keyring_has_three_troubles(void) {
        begin();
        fake_vault_set_state(VAULT_ABSENT);
        serve();
        check_error_in_a_second(get_token(), ERROR("KeyringUnavailable"));
        check_error_in_a_second(call("FindAccount", "s", "anna"), ERROR("KeyringUnavailable"));
        check_error_in_a_second(call("ListApplications", NULL), ERROR("KeyringUnavailable"));
        end_serving();

        begin();
        keyring_has((Known){});
        fake_vault_set_state(VAULT_LOCKED);
        serve();
        check_error_in_a_second(get_token(), ERROR("KeyringLocked"));
        check_error_in_a_second(call_one("Refresh", NULL), ERROR("KeyringLocked"));
        end_serving();

        begin();
        fake_vault_fail(FAKE_FIND, CONDITION_KEYRING_FAILED, FOR_EVER);
        serve();
        check_error(get_token(), ERROR("KeyringFailed"));
        end_serving();
}

/* No signal tells that the keyring was unlocked; the next call finds out. */
static void the_keyring_is_checked_before_it_is_called_locked(void) {
        Call *c[10] = {};
        unsigned before;

        begin();
        keyring_has((Known){});
        fake_vault_set_state(VAULT_LOCKED);
        serve();
        check_error(get_token(), ERROR("KeyringLocked"));

        /* All calls within a second share one check, which begins after them. */
        before = fake_vault_calls(FAKE_UNLOCK);
        for (size_t i = 0; i < ELEMENTSOF(c); i++) {
                c[i] = get_token();
                check_waiting_call(c[i]);
        }
        fake_vault_set_state_silently(VAULT_UNLOCKED);
        pass_ms(1000);
        check_int(fake_vault_calls(FAKE_UNLOCK), before + 1);
        for (size_t i = 0; i < ELEMENTSOF(c); i++)
                check_token(c[i], "a-1", 1);
        check_int(fake_vault_prompts(), 0);
        end_serving();
}

/* The keyring was unlocked, but what it hid is not read yet. */
static void a_call_waits_while_the_keyring_is_read(void) {
        Call *c;

        begin();
        keyring_has((Known){});
        fake_vault_hide_attributes(true);
        fake_vault_set_state(VAULT_LOCKED);
        serve();
        fake_vault_hold(FAKE_FIND);
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        c = get_token();
        check_waiting_call(c);
        fake_vault_let_go(FAKE_FIND);
        run();
        check_token(c, "a-1", 1);
        end_serving();
}

static void the_keyring_is_opened_on_demand(void) {
        begin();
        keyring_has((Known){});
        fake_vault_set_state(VAULT_LOCKED);
        serve();
        check_error(call("OpenKeyring", "a{sv}", 0), ERROR("KeyringLocked"));
        check_int(fake_vault_prompts(), 0);
        check_error(call("ListApplications", NULL), ERROR("KeyringLocked"));
        interactively();
        check_done(call("OpenKeyring", "a{sv}", 0));
        check_int(fake_vault_prompts(), 1);
        check_token(get_token(), "a-1", 1);
        check_done(call("ListApplications", NULL));

        fake_vault_set_state_silently(VAULT_LOCKED);
        check_error(call("OpenKeyring", "a{sv}", 0), ERROR("KeyringLocked"));
        check_done(call("ListApplications", NULL)); /* all of them are known */
        end_serving();
}

/* A refresh checks the keyring itself; if prompts are allowed, the user is asked, and the call goes
 * on. */
static void a_refresh_asks_the_user_to_unlock(void) {
        uint64_t expires_at;
        Call *c;

        begin_with((Known){});
        pass(HOUR);
        fake_vault_set_state_silently(VAULT_LOCKED);
        check_error(call_one("Refresh", NULL), ERROR("KeyringLocked"));
        check_int(fake_vault_prompts(), 0);

        interactively();
        c = call_one("Refresh", NULL);
        check_int(fake_vault_prompts(), 1);
        check_waiting_call(c);
        yandex_gives("a-2", "r-2", YEAR);
        check_read(c, "t", &expires_at);
        check_int(expires_at, DAWN + HOUR + YEAR);
        end_serving();
}

static void no_keyring_yet_is_not_a_locked_one(void) {
        begin();
        fake_vault_set_state(VAULT_MISSING);
        serve();
        check_error_in_a_second(get_token(), ERROR("KeyringUnavailable"));
        end_serving();
}

static void an_account_that_does_not_exist(void) {
        begin_with((Known){});
        check_error(call_account("two", "Refresh", NULL),
                    "org.freedesktop.DBus.Error.UnknownObject");
        check_done(call_other(path_of("one"), "org.freedesktop.DBus.Introspectable", "Introspect",
                              NULL));
        check_error(call("SetDefaultAccount", "o", "/somewhere/else"), ERROR("NoSuchAccount"));
        check_error(call("SetDefaultAccount", "o", path_of("two")), ERROR("NoSuchAccount"));
        end_serving();
}

/* Every call that could need the keyring. */
static void a_call_that_does_not_allow_prompts_causes_none(void) {
        begin();
        keyring_has((Known){});
        fake_vault_set_state(VAULT_LOCKED);
        serve();
        check_error(get_token(), ERROR("KeyringLocked"));
        check_error_in_a_second(call("GetTokenFD", "sa{sv}", "", 0), ERROR("KeyringLocked"));
        check_error(call("SignIn", "a{sv}", 2, "client_id", "s", "app", "client_secret", "s", "x"),
                    ERROR("KeyringLocked"));
        check_error(call("AddApplication", "ss", "new", "secret"), ERROR("KeyringLocked"));
        check_error(call("RemoveApplication", "s", "app"), ERROR("KeyringLocked"));
        check_error(call("SetDefaultAccount", "o", path_of("one")), ERROR("KeyringLocked"));
        check_error(call_one("SetLabel", "s", "new"), ERROR("KeyringLocked"));
        check_error(call_one("SignOut", "a{sv}", 0), ERROR("KeyringLocked"));
        check_error_in_a_second(call_one("Refresh", NULL), ERROR("KeyringLocked"));
        check_done(call_one("ReportRefused", "u", 1));
        pass(DAY);
        check_int(fake_vault_prompts(), 0);
        check_int(fake_http_count(NULL), 0);
        end_serving();
}

static void the_token_comes_after_a_prompt_that_was_allowed(void) {
        begin();
        keyring_has((Known){});
        fake_vault_set_state(VAULT_LOCKED);
        serve();
        interactively();
        check_token(get_token(), "a-1", 1);
        check_int(fake_vault_prompts(), 1);
        check_str(manager_string("KeyringState"), "unlocked");
        end_serving();
}

static void each_call_that_allows_prompts_may_prompt(void) {
        for (unsigned i = 0; i < 6; i++) {
                Call *c;

                begin();
                keyring_has((Known){});
                keyring_has_application("app", "app-secret");
                keyring_has_application("unused", "secret");
                fake_vault_set_state(VAULT_LOCKED);
                serve();
                interactively();
                c = i == 0   ? call("AddApplication", "ss", "new", "secret")
                    : i == 1 ? call("RemoveApplication", "s", "unused")
                    : i == 2 ? call("SetDefaultAccount", "o", path_of("one"))
                    : i == 3 ? call_one("SetLabel", "s", "new")
                    : i == 4 ? call_one("SignOut", "a{sv}", 1, "revoke", "b", 0)
                             : call("FindAccount", "s", "user");
                check_done(c);
                check_int(fake_vault_prompts(), 1);
                end_serving();
        }
}

static void a_dismissed_prompt_is_a_locked_keyring(void) {
        begin();
        keyring_has((Known){});
        fake_vault_set_state(VAULT_LOCKED);
        fake_vault_dismiss_prompts(true);
        serve();
        interactively();
        check_error(get_token(), ERROR("KeyringLocked"));
        check_int(fake_vault_prompts(), 1);
        end_serving();
}

static void nothing_is_prompted_if_nothing_is_locked(void) {
        begin_with((Known){});
        interactively();
        check_token(get_token(), "a-1", 1);
        interactively();
        check_error(call("FindAccount", "s", "nobody"), ERROR("NoSuchAccount"));
        check_int(fake_vault_calls(FAKE_UNLOCK), 0);
        check_int(fake_vault_prompts(), 0);
        end_serving();
}

static void writing_never_prompts(void) {
        Call *c;

        begin_with((Known){});
        interactively();
        c = force();
        fake_vault_set_state(VAULT_LOCKED);
        yandex_gives("a-2", "r-2", YEAR);
        check_token(c, "a-2", 2);
        check_int(fake_vault_prompts(), 0);
        end_serving();
}

TEST_MAIN(TEST(not_signed_in), TEST(ambiguous), TEST(sign_in_needed),
          TEST(what_yandex_answers_has_a_name), TEST(the_keyring_has_three_troubles),
          TEST(the_keyring_is_checked_before_it_is_called_locked),
          TEST(a_call_waits_while_the_keyring_is_read), TEST(the_keyring_is_opened_on_demand),
          TEST(a_refresh_asks_the_user_to_unlock), TEST(no_keyring_yet_is_not_a_locked_one),
          TEST(an_account_that_does_not_exist),
          TEST(a_call_that_does_not_allow_prompts_causes_none),
          TEST(the_token_comes_after_a_prompt_that_was_allowed),
          TEST(each_call_that_allows_prompts_may_prompt),
          TEST(a_dismissed_prompt_is_a_locked_keyring),
          TEST(nothing_is_prompted_if_nothing_is_locked), TEST(writing_never_prompts))
