/* SPDX-License-Identifier: MIT */

/* The methods of an account, and those of the Manager that deal with applications. */

#include "request-rig.h"

static void begin_with_one(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        serve();
}

static void refresh_tells_the_new_end(void) {
        uint64_t expires_at;
        Call *c, *other;

        begin_with_one();
        c = call_one("Refresh", NULL);
        other = call_one("Refresh", NULL);
        check_waiting_call(c);
        pass(1);
        yandex_gives("a-2", "r-2", 2 * YEAR);
        check_read(c, "t", &expires_at);
        check_int(expires_at, DAWN + 1 + 2 * YEAR);
        check_read(other, "t", &expires_at);

        /* Again at once: the same. */
        check_read(call_one("Refresh", NULL), "t", &expires_at);
        check_int(expires_at, DAWN + 1 + 2 * YEAR);
        check_int(asked(), 1);
        end_serving();
}

static void refresh_fails_by_name(void) {
        Call *c;

        begin_with_one();
        c = call_one("Refresh", NULL);
        yandex_cannot_be_reached();
        check_error(c, ERROR("Offline"));
        check_error(call_one("Refresh", NULL), ERROR("Offline"));
        check_int(asked(), 1);
        end_serving();
}

static void report_refused_is_answered_at_once(void) {
        begin_with_one();
        check_done(call_one("ReportRefused", "u", 7));
        check_int(fake_http_count(NULL), 0);
        check_done(call_one("ReportRefused", "u", 1));
        check_int(fake_http_count("/v1/disk/operations/0000"), 1);
        check_done(call_one("ReportRefused", "u", 1));
        check_int(fake_http_count(NULL), 1);
        end_serving();
}

static void a_label_is_changed_and_kept(void) {
        const char *path;

        begin_with_one();
        check_done(call_one("SetLabel", "s", "work"));
        check_str(account_string("one", "Label"), "work");
        check_str(kept_label("one"), "work");
        check(strstr(signals(), "Label"));
        check_read(call("FindAccount", "s", "work"), "o", &path);
        check_str(path, path_of("one"));
        check_done(call_one("SetLabel", "s", "Работа ☕"));
        check_str(kept_label("one"), "Работа ☕");
        end_serving();
}

static void not_everything_is_a_label(void) {
        char longest[LABEL_MAX + 1], longer[LABEL_MAX + 2];

        begin_with_one();
        memset(longest, 'x', LABEL_MAX);
        longest[LABEL_MAX] = '\0';
        memset(longer, 'x', LABEL_MAX + 1);
        longer[LABEL_MAX + 1] = '\0';
        check_done(call_one("SetLabel", "s", longest));
        check_error(call_one("SetLabel", "s", longer), INVALID_ARGS);
        check_error(call_one("SetLabel", "s", ""), INVALID_ARGS);
        check_error(call_one("SetLabel", "s", "a\nb"), INVALID_ARGS);
        check_error(call_one("SetLabel", "s", "\x1b[31m"), INVALID_ARGS);
        check_error(call_one("SetLabel", "s", "\x7f"), INVALID_ARGS);
        check_error(call_one("SetLabel", "s", " "), INVALID_ARGS);
        check_error(call_one("SetLabel", "s", "\u00a0\u200b"), INVALID_ARGS);
        check_str(account_string("one", "Label"), longest);
        end_serving();
}

static void a_label_has_64_characters_in_any_script(void) {
        char label[2 * LABEL_MAX + 3];

        for (size_t i = 0; i <= LABEL_MAX; i++)
                (void) stpcpy(&label[2 * i], "я");
        begin_with_one();
        check_error(call_one("SetLabel", "s", label), INVALID_ARGS);
        label[2 * LABEL_MAX] = '\0';
        check_done(call_one("SetLabel", "s", label));
        end_serving();
}

/* The name would mean both, or only the other one. A login is another matter: the label comes
 * first. */
static void no_two_accounts_get_one_label(void) {
        begin();
        keyring_has((Known){ .id = "one", .label = "home", .login = "anna" });
        keyring_has((Known){ .id = "two", .uid = "2", .label = "work", .login = "ivan" });
        serve();
        check_error(call_one("SetLabel", "s", "work"), INVALID_ARGS);
        check_error(call_one("SetLabel", "s", "two"), INVALID_ARGS);
        check_str(account_string("one", "Label"), "home");
        check_done(call_one("SetLabel", "s", "home"));
        check_done(call_one("SetLabel", "s", "ivan"));
        end_serving();
}

static void check_allowed(const char *expected) {
        Call *c = call_other(path_of("one"), "org.freedesktop.DBus.Properties", "Get", "ss",
                             TOKENS_ACCOUNT_INTERFACE, "Allowed");
        _cleanup_(strv_freep) char **l = NULL;
        _cleanup_free_ char *joined = NULL;

        check_done(c);
        check(sd_bus_message_enter_container(c->reply, 'v', "as") > 0);
        check(sd_bus_message_read_strv(c->reply, &l) >= 0);
        check_int(strv_join(l, &joined), 0);
        check_str(joined, expected);
}

static void apps_are_allowed_and_denied(void) {
        begin_with_one();
        check_allowed("");
        check_done(call_one("Allow", "s", "org.example.App"));
        check_done(call_one("Allow", "s", "snap.foo"));
        check(strstr(signals(), "Allowed"));
        check_allowed("org.example.App snap.foo");
        check(strstr(fake_vault_document(VAULT_ACCOUNT, "one"),
                     "\"allowed\":[\"org.example.App\",\"snap.foo\"]"));

        /* Once more: nothing changes. */
        check_done(call_one("Allow", "s", "snap.foo"));
        check_done(call_one("Deny", "s", "snap.other"));
        check_str(signals(), "");
        check_allowed("org.example.App snap.foo");

        check_done(call_one("Deny", "s", "org.example.App"));
        check(strstr(signals(), "Allowed"));
        check_done(call_one("Deny", "s", "snap.foo"));
        check_allowed("");
        check(!strstr(fake_vault_document(VAULT_ACCOUNT, "one"), "allowed"));
        end_serving();
}

static void not_everything_is_an_app(void) {
        char longest[APP_NAME_MAX + 1], longer[APP_NAME_MAX + 2];
        const char *const bad[] = { "",     "-a",  "a b",        "a\nb",     "a/b", "<b>",
                                    "a\"b", "a'b", "Приложение", "a\u202eb", longer };

        memset(longest, 'x', APP_NAME_MAX);
        longest[APP_NAME_MAX] = '\0';
        memset(longer, 'x', APP_NAME_MAX + 1);
        longer[APP_NAME_MAX + 1] = '\0';

        begin_with_one();
        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                check_error(call_one("Allow", "s", bad[i]), INVALID_ARGS);
                check_error(call_one("Deny", "s", bad[i]), INVALID_ARGS);
        }
        check_allowed("");
        check_done(call_one("Allow", "s", longest));
        check_done(call_one("Allow", "s", "a\\x2db@1.service"));
        end_serving();
}

static void so_many_apps_and_no_more(void) {
        char app[16];

        begin_with_one();
        for (unsigned i = 0; i < ALLOWED_APPS_MAX; i++) {
                (void) snprintf(app, sizeof(app), "app%u", i);
                check_done(call_one("Allow", "s", app));
        }
        check_error(call_one("Allow", "s", "another"), "org.freedesktop.DBus.Error.LimitsExceeded");
        check_done(call_one("Allow", "s", "app0"));
        check_done(call_one("Deny", "s", "app0"));
        check_done(call_one("Allow", "s", "another"));
        end_serving();
}

static void apps_of_a_locked_account_are_not_known(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        fake_vault_set_state(VAULT_LOCKED);
        serve();
        check_error(call_one("Allow", "s", "app"), ERROR("KeyringLocked"));
        check_error(call_one("Deny", "s", "app"), ERROR("KeyringLocked"));
        check_allowed("");
        end_serving();
}

static void the_default_is_chosen(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        keyring_has((Known){ .id = "two", .uid = "2", .created_at = DAWN + 1, .access = "a-two" });
        serve();
        check_token(call("GetToken", "sa{sv}", "", 0), "a-1", 1);
        check_done(call("SetDefaultAccount", "o", path_of("two")));
        check(strstr(signals(), "DefaultAccount"));
        check_str(manager_string("DefaultAccount"), path_of("two"));
        check_token(call("GetToken", "sa{sv}", "", 0), "a-two", 1);
        end_serving();
}

static void check_signed_out(Call *c, bool expect_revoked) {
        const char *key1, *key2, *reason;
        int revoked;

        check_done(c);
        check(sd_bus_message_read(c->reply, "a{sv}", 2, &key1, "b", &revoked, &key2, "s", &reason) >
              0);
        check_str(key1, "revoked");
        check_str(key2, "reason");
        check_int(revoked, expect_revoked);
        check_int(str_is_empty(reason), expect_revoked);
        check_int(accounts_count(world->accounts), 0);
        check_int(fake_vault_count_items(VAULT_ACCOUNT, NULL), 0);
}

static void sign_out_tells_whether_yandex_ended_it(void) {
        Call *c;

        begin_with_one();
        c = call_one("SignOut", "a{sv}", 0);
        check_waiting_call(c);
        yandex_answers(200, "{\"status\": \"ok\"}");
        check_signed_out(c, true);
        check(strstr(signals(), "InterfacesRemoved"));
        end_serving();

        begin_with_one();
        c = call_one("SignOut", "a{sv}", 1, "revoke", "b", 1);
        yandex_refuses(400, "unsupported_token_type");
        check_signed_out(c, false);
        end_serving();

        begin_with_one();
        check_signed_out(call_one("SignOut", "a{sv}", 2, "revoke", "b", 0, "why", "s", "so"),
                         false);
        check_int(fake_http_count(NULL), 0);
        end_serving();
}

static void sign_out_that_fails_leaves_all_as_it_was(void) {
        begin_with_one();
        check_error(call_one("SignOut", "a{sv}", 1, "revoke", "s", "no"), INVALID_ARGS);
        fake_vault_fail(FAKE_ERASE, CONDITION_KEYRING_FAILED, 1);
        check_error(call_one("SignOut", "a{sv}", 1, "revoke", "b", 0), ERROR("KeyringFailed"));
        check_token(call("GetToken", "sa{sv}", "", 0), "a-1", 1);
        end_serving();
}

static void two_callers_sign_out_at_once(void) {
        Call *a, *b;

        begin_with_one();
        a = call_one("SignOut", "a{sv}", 1, "revoke", "b", 1);
        b = call_one("SignOut", "a{sv}", 1, "revoke", "b", 1);
        while (waiting() > 0)
                yandex_answers(200, "{\"status\": \"ok\"}");
        check(a->reply && b->reply);
        check_int(accounts_count(world->accounts), 0);
        check_int(fake_vault_count_items(VAULT_ACCOUNT, NULL), 0);
        end_serving();
}

static void check_applications(const char *expected) {
        _cleanup_free_ char *joined = NULL;
        Call *c = call("ListApplications", NULL);
        char **l = NULL;

        check_done(c);
        check(sd_bus_message_read_strv(c->reply, &l) >= 0);
        check_int(strv_join(l, &joined), 0);
        check_str(joined, expected);
        strv_free(l);
}

static void applications_are_added_listed_and_removed(void) {
        begin();
        keyring_has_application("first", "secret");
        serve();
        check_applications("first");
        check_done(call("AddApplication", "ss", "second", "its-secret"));
        check_applications("second first");
        check(strstr(fake_vault_document(VAULT_APPLICATION, "second"), "its-secret"));
        check_done(call("RemoveApplication", "s", "first"));
        check_applications("second");
        check_int(fake_vault_count_items(VAULT_APPLICATION, "first"), 0);
        check_error(call("RemoveApplication", "s", "first"), INVALID_ARGS);
        end_serving();
}

static void an_application_in_use_stays(void) {
        begin_with_one();
        check_error(call("RemoveApplication", "s", "app"), INVALID_ARGS);
        check_applications("app");
        end_serving();
}

/* The user signs in while the keyring erases. */
static void an_application_that_comes_into_use_meanwhile_stays(void) {
        Call *removal;

        begin();
        keyring_has_application("app", "app-secret");
        serve();
        (void) request_of(call("SignIn", "a{sv}", 1, "client_id", "s", "app"));
        yandex_shows_a_code();
        pass(5);
        yandex_gives("a-1", "r-1", YEAR);
        fake_vault_hold(FAKE_ERASE);
        removal = call("RemoveApplication", "s", "app");
        check_waiting_call(removal);
        yandex_says_who();
        check_int(accounts_count(world->accounts), 1);
        fake_vault_let_go(FAKE_ERASE);
        run();
        check_error(removal, INVALID_ARGS);
        check(strstr(sd_bus_message_get_error(removal->reply)->message, "sign it out"));
        check_applications("app");
        check(strstr(fake_vault_document(VAULT_APPLICATION, "app"), "app-secret"));
        end_serving();
}

static void an_application_that_is_added_again_meanwhile_stays(void) {
        Call *removal;

        begin();
        keyring_has_application("app", "app-secret");
        serve();
        fake_vault_hold(FAKE_ERASE);
        removal = call("RemoveApplication", "s", "app");
        check_done(call("AddApplication", "ss", "app", "another-secret"));
        fake_vault_let_go(FAKE_ERASE);
        run();
        check_done(removal);
        check_applications("app");
        check(strstr(fake_vault_document(VAULT_APPLICATION, "app"), "another-secret"));
        end_serving();
}

static void another_secret_is_put_in_place_of_the_first_on_request(void) {
        begin_with_one();
        check_done(call("SetApplication", "ssa{sv}", "app", "another", 1, "replace", "b", 1));
        check_int(fake_vault_count_items(VAULT_APPLICATION, NULL), 1);
        (void) call_one("Refresh", NULL);
        check_str(fake_http_field("client_secret"), "another");
        end_serving();
}

static void a_secret_in_use_stays_without_a_request(void) {
        begin_with_one();
        check_error(call("AddApplication", "ss", "app", "wrong"), INVALID_ARGS);
        check_error(call("SetApplication", "ssa{sv}", "app", "wrong", 0), INVALID_ARGS);
        check_error(call("SetApplication", "ssa{sv}", "app", "wrong", 1, "replace", "b", 0),
                    INVALID_ARGS);
        check_error(call("SetApplication", "ssa{sv}", "app", "wrong", 1, "replace", "s", "yes"),
                    INVALID_ARGS);
        check_error(
                call("SignIn", "a{sv}", 2, "client_id", "s", "app", "client_secret", "s", "wrong"),
                INVALID_ARGS);
        check_int(fake_http_count(NULL), 0);
        check_done(call("AddApplication", "ss", "app", "app-secret"));
        check_done(call("SetApplication", "ssa{sv}", "app", "app-secret", 0));
        check_done(call("SignIn", "a{sv}", 3, "client_id", "s", "app", "client_secret", "s",
                        "other", "replace", "b", 1));
        (void) call_one("Refresh", NULL);
        check_str(fake_http_field("client_secret"), "app-secret");
        end_serving();
}

/* A neighbour does what the option is for. */
static void the_account_goes_on_being_renewed_even_so(void) {
        Call *c;

        begin_with_one();
        check_done(call("SetApplication", "ssa{sv}", "app", "wrong", 1, "replace", "b", 1));
        check_done(call("SetApplication", "ssa{sv}", "app", "wrong too", 1, "replace", "b", 1));
        c = call_one("Refresh", NULL);
        yandex_refuses(400, "invalid_client");
        yandex_gives("a-2", "r-2", YEAR);
        check_done(c);
        check_str(account_string("one", "State"), "active");
        end_serving();
}

static void an_accepted_check_ends_the_secret_before(void) {
        Call *c;

        begin_with_one();
        check_done(call("SetApplication", "ssa{sv}", "app", "another", 1, "replace", "b", 1));
        check(strstr(fake_vault_document(VAULT_APPLICATION, "app"), "app-secret"));
        c = call("CheckApplication", "sa{sv}", "app", 1, "client_secret", "s", "another");
        yandex_answers(200,
                       "{\"device_code\": \"d-1\", \"user_code\": \"u\", \"expires_in\": 300}");
        yandex_refuses(400, "invalid_grant");
        check_done(c);
        run();
        check(!strstr(fake_vault_document(VAULT_APPLICATION, "app"), "app-secret"));
        end_serving();
}

static void another_secret_ends_app_refused(void) {
        Call *c;

        begin_with_one();
        c = call_one("Refresh", NULL);
        yandex_refuses(400, "invalid_client");
        check_error(c, ERROR("AppRefused"));
        check_done(call("AddApplication", "ss", "app", "right"));
        check_int(asked(), 2);
        yandex_gives("a-2", "r-2", YEAR);
        check_str(account_string("one", "State"), "active");
        end_serving();
}

static void an_application_that_cannot_be_stored_is_not_kept(void) {
        begin();
        keyring_has_application("first", "secret");
        serve();
        fake_vault_fail(FAKE_STORE, CONDITION_KEYRING_FAILED, 1);
        check_error(call("AddApplication", "ss", "second", "x"), ERROR("KeyringFailed"));
        check_applications("first");
        pass(DAY);
        check_int(fake_vault_count_items(VAULT_APPLICATION, NULL), 1);
        end_serving();
}

static void not_everything_is_a_client_id_or_a_secret(void) {
        char longer[CLIENT_ID_MAX + 2];
        char secret_text[1026];

        begin();
        serve();
        memset(longer, 'a', CLIENT_ID_MAX + 1);
        longer[CLIENT_ID_MAX + 1] = '\0';
        memset(secret_text, 's', 1025);
        secret_text[1025] = '\0';
        check_error(call("AddApplication", "ss", "", "x"), INVALID_ARGS);
        check_error(call("AddApplication", "ss", "a b", "x"), INVALID_ARGS);
        check_error(call("AddApplication", "ss", "a\n", "x"), INVALID_ARGS);
        check_error(call("AddApplication", "ss", "ключ", "x"), INVALID_ARGS);
        check_error(call("AddApplication", "ss", longer, "x"), INVALID_ARGS);
        check_error(call("AddApplication", "ss", "id", ""), INVALID_ARGS);
        check_error(call("AddApplication", "ss", "id", secret_text), INVALID_ARGS);
        check_done(call("AddApplication", "ss", "id", secret_text + 1));
        check_done(call("AddApplication", "ss", longer + 1, "x"));
        end_serving();
}

TEST_MAIN(TEST(refresh_tells_the_new_end), TEST(refresh_fails_by_name),
          TEST(report_refused_is_answered_at_once), TEST(a_label_is_changed_and_kept),
          TEST(not_everything_is_a_label), TEST(a_label_has_64_characters_in_any_script),
          TEST(no_two_accounts_get_one_label), TEST(apps_are_allowed_and_denied),
          TEST(not_everything_is_an_app), TEST(so_many_apps_and_no_more),
          TEST(apps_of_a_locked_account_are_not_known), TEST(the_default_is_chosen),
          TEST(sign_out_tells_whether_yandex_ended_it),
          TEST(sign_out_that_fails_leaves_all_as_it_was), TEST(two_callers_sign_out_at_once),
          TEST(applications_are_added_listed_and_removed), TEST(an_application_in_use_stays),
          TEST(an_application_that_comes_into_use_meanwhile_stays),
          TEST(an_application_that_is_added_again_meanwhile_stays),
          TEST(another_secret_is_put_in_place_of_the_first_on_request),
          TEST(a_secret_in_use_stays_without_a_request),
          TEST(the_account_goes_on_being_renewed_even_so),
          TEST(an_accepted_check_ends_the_secret_before), TEST(another_secret_ends_app_refused),
          TEST(an_application_that_cannot_be_stored_is_not_kept),
          TEST(not_everything_is_a_client_id_or_a_secret))
