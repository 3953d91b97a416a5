/* SPDX-License-Identifier: MIT */

/* SignIn, and the Request objects that it makes. */

#include "request-rig.h"

static const char *sign_in(void) {
        return request_of(call("SignIn", "a{sv}", 1, "client_id", "s", "app"));
}

static void a_device_code_signs_in(void) {
        const char *path, *said, *done;
        Call *prompt;

        begin_empty();
        path = sign_in();
        prompt = call_request(path, "GetPrompt", NULL);
        check_waiting_call(prompt);
        yandex_shows_a_code();
        check_done(prompt);
        check(strstr(dump(prompt->reply), "STRING \"abcd1234\""));
        check(strstr(dump(prompt->reply), "STRING \"https://ya.ru/device\""));
        check(strstr(dump(prompt->reply), "STRING \"expires_at\""));
        check(strstr(dump(prompt->reply), "UINT64 1767225900"));
        check(strstr(dump(prompt->reply), "UINT32 5"));
        check_done(call_request(path, "GetPrompt", NULL)); /* at once now */

        pass(5);
        yandex_gives("SECRET-a", "SECRET-r", YEAR);
        check(!find_completed(signals(), path));
        yandex_says_who();
        said = signals();
        done = find_completed(said, path);
        check(done);
        check(strstr(done, "UINT32 0"));
        check(strstr(done, "STRING \"account\""));
        check(strstr(done, path_of(account_id(accounts_at(world->accounts, 0)))));
        check(strstr(said, "InterfacesAdded"));
        check(strstr(said, "InterfacesAdded") < done); /* when it is told, it is there */
        check(!client_ever_saw("SECRET"));
        end_serving();
}

static void cancel_is_told_and_stops_polling(void) {
        const char *path, *done;
        Call *prompt;

        begin_empty();
        path = sign_in();
        prompt = call_request(path, "GetPrompt", NULL);
        (void) signals();
        check_done(call_request(path, "Cancel", NULL));
        done = find_completed(signals(), path);
        check(done && strstr(done, "UINT32 1"));
        check_error(prompt, ERROR("Cancelled"));
        check_int(waiting(), 0);
        pass(HOUR);
        check_int(fake_http_count(NULL), 1);

        /* A second Cancel changes nothing. */
        check_done(call_request(path, "Cancel", NULL));
        check_str(signals(), "");
        check_error(call_request(path, "GetPrompt", NULL), ERROR("Cancelled"));
        end_serving();
}

static void failure_is_told_with_name_and_sentence(void) {
        const char *path, *done;

        begin_empty();
        path = sign_in();
        yandex_shows_a_code();
        pass(5);
        (void) signals();
        yandex_refuses(400, "access_denied");
        done = find_completed(signals(), path);
        check(done && strstr(done, "UINT32 2"));
        check(strstr(done, "\"error\""));
        check(strstr(done, ERROR("AccessDenied")));
        check(strstr(done, "\"message\""));
        check_error(call_request(path, "GetPrompt", NULL), ERROR("AccessDenied"));
        end_serving();
}

static void a_caller_of_get_prompt_hears_of_the_failure(void) {
        Call *prompt;

        begin_empty();
        prompt = call_request(sign_in(), "GetPrompt", NULL);
        yandex_refuses(400, "invalid_client");
        check_error(prompt, ERROR("AppRefused"));
        end_serving();
}

static void expiry_is_told(void) {
        const char *path, *done;

        begin_empty();
        path = sign_in();
        yandex_shows_a_code();
        (void) signals();
        for (unsigned i = 0; i < 60; i++) {
                pass(5);
                if (waiting() > 0)
                        yandex_refuses(400, "authorization_pending");
        }
        done = find_completed(signals(), path);
        check(done && strstr(done, ERROR("Expired")));
        end_serving();
}

static void a_prompt_that_takes_long_is_not_waited_for(void) {
        Call *prompt;

        begin_empty();
        prompt = call_request(sign_in(), "GetPrompt", NULL);
        pass(19);
        check_error(prompt, ERROR("ServerTrouble"));
        yandex_shows_a_code();
        end_serving();
}

static void this_flow_takes_no_code(void) {
        begin_empty();
        check_error(call_request(sign_in(), "SubmitCode", "s", "1234567"), INVALID_ARGS);
        end_serving();
}

static void options_are_checked(void) {
        begin();
        keyring_has((Known){});
        keyring_has_application("app", "app-secret");
        keyring_has_application("other", "secret");
        serve();
        check_error(call("SignIn", "a{sv}", 1, "client_id", "u", 1), INVALID_ARGS);
        check_error(call("SignIn", "a{sv}", 1, "client_id", "s", "a b"), INVALID_ARGS);
        check_error(call("SignIn", "a{sv}", 1, "client_id", "s", "unknown"), INVALID_ARGS);
        check_error(call("SignIn", "a{sv}", 2, "client_id", "s", "new", "client_secret", "s", ""),
                    INVALID_ARGS);
        check_error(call("SignIn", "a{sv}", 2, "client_id", "s", "app", "flow", "s", "pigeon"),
                    INVALID_ARGS);
        check_error(call("SignIn", "a{sv}", 2, "client_id", "s", "app", "label", "s", ""),
                    INVALID_ARGS);
        check_error(call("SignIn", "a{sv}", 2, "client_id", "s", "app", "scopes", "s", "disk:read"),
                    INVALID_ARGS);
        check_error(
                call("SignIn", "a{sv}", 2, "client_id", "s", "app", "scopes", "as", 2, "a", "b c"),
                INVALID_ARGS);
        check_error(call("SignIn", "a{sv}", 2, "client_id", "s", "other", "account", "o",
                         path_of("one")),
                    INVALID_ARGS);
        check_error(call("SignIn", "a{sv}", 1, "account", "o", path_of("two")),
                    ERROR("NoSuchAccount"));
        check_error(call("SignIn", "a{sv}", 1, "account", "o", "/"), ERROR("NoSuchAccount"));
        check_error(call("SignIn", "a{sv}", 0), INVALID_ARGS); /* through which of the two? */
        check_int(fake_http_count(NULL), 0);
        end_serving();
}

static void the_only_application_need_not_be_named(void) {
        begin_empty();
        check_done(call("SignIn", "a{sv}", 0));
        check_str(fake_http_field("client_id"), "app");
        end_serving();
}

static void an_account_names_its_application(void) {
        begin();
        keyring_has((Known){ .client_id = "other" });
        keyring_has_application("app", "app-secret");
        keyring_has_application("other", "secret");
        serve();
        check_done(call("SignIn", "a{sv}", 1, "account", "o", path_of("one")));
        check_str(fake_http_field("client_id"), "other");
        end_serving();
}

static void scopes_and_label_go_where_they_belong(void) {
        const char *id;

        begin_empty();
        check_done(call("SignIn", "a{sv}", 4, "client_id", "s", "app", "label", "s", "work",
                        "scopes", "as", 2, "disk:read", "disk:write", "flow", "s", "device"));
        check_str(fake_http_field("scope"), "disk:read disk:write");
        yandex_shows_a_code();
        pass(5);
        yandex_gives("a-1", "r-1", YEAR);
        yandex_says_who();
        id = account_id(accounts_at(world->accounts, 0));
        check_str(account_string(id, "Label"), "work");
        end_serving();
}

/* A grant without a refresh token must not get the one of a caller. */
static void tokens_of_an_import_are_ignored(void) {
        begin_empty();
        (void) request_of(call("SignIn", "a{sv}", 3, "client_id", "s", "app", "refresh_token", "s",
                               "SECRET not ours", "access_token", "s", "SECRET not ours"));
        yandex_shows_a_code();
        pass(5);
        yandex_gives("SECRET-a", NULL, YEAR);
        yandex_says_who();
        check_str(kept_refresh_token(account_id(accounts_at(world->accounts, 0))), "");
        end_serving();
}

static void a_locked_keyring_is_unlocked_first(void) {
        begin();
        fake_vault_set_state(VAULT_LOCKED);
        serve();
        check_error(call("SignIn", "a{sv}", 1, "client_id", "s", "app"), ERROR("KeyringLocked"));
        check_int(fake_vault_prompts(), 0);
        interactively();
        check_done(call("SignIn", "a{sv}", 1, "client_id", "s", "app"));
        check_int(fake_vault_prompts(), 1);
        check_int(fake_http_count("/device/code"), 1);
        end_serving();
}

static void the_number_of_sign_ins_is_limited(void) {
        const char *first;

        begin_empty();
        first = sign_in();
        for (unsigned i = 1; i < 4; i++)
                (void) sign_in();
        check_error(call("SignIn", "a{sv}", 1, "client_id", "s", "app"),
                    "org.freedesktop.DBus.Error.LimitsExceeded");
        check_done(call_request(first, "Cancel", NULL));
        (void) sign_in();
        end_serving();
}

static void each_request_has_a_path_of_its_own(void) {
        const char *a, *b;

        begin_empty();
        a = sign_in();
        b = sign_in();
        check(!streq(a, b));
        check_done(call_request(a, "Cancel", NULL));
        check(find_completed(signals(), a));
        yandex_shows_a_code();
        check_done(call_request(b, "GetPrompt", NULL));
        check(!find_completed(signals(), b));
        end_serving();
}

static void a_request_that_does_not_exist(void) {
        begin_empty();
        check_error(call_request(TOKENS_REQUEST_PATH "/99", "Cancel", NULL),
                    "org.freedesktop.DBus.Error.UnknownObject");
        end_serving();
}

static void the_end_of_the_daemon_is_a_cancel(void) {
        const char *path, *done;
        Call *prompt;

        begin_empty();
        path = sign_in();
        prompt = call_request(path, "GetPrompt", NULL);
        (void) signals();
        stop_serving();
        done = find_completed(signals(), path);
        check(done && strstr(done, "UINT32 1"));
        check_error(prompt, ERROR("Cancelled"));
        end_serving();
}

TEST_MAIN(TEST(a_device_code_signs_in), TEST(cancel_is_told_and_stops_polling),
          TEST(failure_is_told_with_name_and_sentence),
          TEST(a_caller_of_get_prompt_hears_of_the_failure), TEST(expiry_is_told),
          TEST(a_prompt_that_takes_long_is_not_waited_for), TEST(this_flow_takes_no_code),
          TEST(options_are_checked), TEST(the_only_application_need_not_be_named),
          TEST(an_account_names_its_application), TEST(scopes_and_label_go_where_they_belong),
          TEST(tokens_of_an_import_are_ignored), TEST(a_locked_keyring_is_unlocked_first),
          TEST(the_number_of_sign_ins_is_limited), TEST(each_request_has_a_path_of_its_own),
          TEST(a_request_that_does_not_exist), TEST(the_end_of_the_daemon_is_a_cancel))
