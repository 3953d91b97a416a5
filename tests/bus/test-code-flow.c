/* SPDX-License-Identifier: MIT */

/* The flow "code", as a program sees it. */

#include "request-rig.h"

#define PAGE "https://oauth.test/verification_code"

static const char *sign_in(void) {
        return request_of(call("SignIn", "a{sv}", 2, "client_id", "s", "app", "flow", "s", "code"));
}

/* The state in the address that GetPrompt tells. */
static const char *state_of(const char *path) {
        static char state[64];
        const char *at;
        Call *prompt = call_request(path, "GetPrompt", NULL);

        check_done(prompt);
        at = strstr(dump(prompt->reply), "&state=");
        check(at && sscanf(at, "&state=%63[A-Za-z0-9_-]", state) == 1);
        return state;
}

static Call *submit_address(const char *path, const char *query) {
        _cleanup_free_ char *text = NULL;

        check(asprintf(&text, PAGE "?%s", query) > 0);
        return call_request(path, "SubmitCode", "s", text);
}

static void a_code_signs_in(void) {
        const char *path, *done;
        Call *prompt;

        begin_empty();
        path = sign_in();
        prompt = call_request(path, "GetPrompt", NULL);
        check_done(prompt);
        check(strstr(dump(prompt->reply), "STRING \"https://oauth.test/authorize?"));
        check(strstr(dump(prompt->reply), "\"authorization_url\""));
        check(strstr(dump(prompt->reply), "\"expires_at\""));
        check(strstr(dump(prompt->reply), "UINT64 1767227400"));
        check(!strstr(dump(prompt->reply), "user_code"));

        (void) signals();
        check_done(call_request(path, "SubmitCode", "s", "SECRET-code")); /* before the end */
        check(!find_completed(signals(), path));
        check_str(fake_http_field("code"), "SECRET-code");
        yandex_gives("SECRET-a", "SECRET-r", YEAR);
        yandex_says_who();
        done = find_completed(signals(), path);
        check(done && strstr(done, "UINT32 0"));
        check(strstr(done, path_of(account_id(accounts_at(world->accounts, 0)))));
        check(!client_ever_saw("SECRET"));
        end_serving();
}

static void a_text_that_is_no_code_leaves_it_waiting(void) {
        const char *path;

        begin_empty();
        path = sign_in();
        (void) signals();
        check_error(call_request(path, "SubmitCode", "s", ""), INVALID_ARGS);
        check_error(call_request(path, "SubmitCode", "s", PAGE), INVALID_ARGS);
        check_error(submit_address(path, "code=1&state=x%"), INVALID_ARGS);
        check_error(submit_address(path, "code=1&state=x"), ERROR("AccessDenied"));
        check_error(submit_address(path, "code=1"), ERROR("AccessDenied"));
        check_str(signals(), "");
        check_int(fake_http_count(NULL), 0);
        check_done(call_request(path, "SubmitCode", "s", "1234567"));
        check_error(call_request(path, "SubmitCode", "s", "1234567"), INVALID_ARGS);
        check_int(fake_http_count(NULL), 1);
        end_serving();
}

static void an_error_in_the_address_is_the_end(void) {
        _cleanup_free_ char *query = NULL;
        const char *path, *done;

        begin_empty();
        path = sign_in();
        check(asprintf(&query, "error=access_denied&state=%s", state_of(path)) > 0);
        (void) signals();
        check_done(submit_address(path, query));
        done = find_completed(signals(), path);
        check(done && strstr(done, "UINT32 2") && strstr(done, ERROR("AccessDenied")));
        check_error(call_request(path, "GetPrompt", NULL), ERROR("AccessDenied"));
        check_error(call_request(path, "SubmitCode", "s", "1234567"), INVALID_ARGS);
        check_int(fake_http_count(NULL), 0);
        end_serving();
}

static void a_refused_code_is_the_end(void) {
        const char *path, *done;

        begin_empty();
        path = sign_in();
        check_done(call_request(path, "SubmitCode", "s", "1234567"));
        (void) signals();
        yandex_refuses(400, "invalid_grant");
        done = find_completed(signals(), path);
        check(done && strstr(done, "UINT32 2") && strstr(done, ERROR("Expired")));
        check(strstr(done, "wrong, used or too old"));
        check_int(accounts_count(world->accounts), 0);
        end_serving();
}

static void the_application_needs_no_secret(void) {
        const char *path;

        begin();
        serve_unread();
        run();
        path = request_of(call("SignIn", "a{sv}", 2, "client_id", "s", "new", "flow", "s", "code"));
        check_done(call_request(path, "SubmitCode", "s", "1234567"));
        check_str(fake_http_field("client_secret"), NULL);
        yandex_gives("a-1", "r-1", YEAR);
        yandex_says_who();
        check_int(accounts_count(world->accounts), 1);
        check_int(fake_vault_count_items(VAULT_APPLICATION, NULL), 0);
        check_error(call("SignIn", "a{sv}", 1, "client_id", "s", "new"), INVALID_ARGS);
        end_serving();
}

/* Yandex wants the secret to renew the token after all, and AddApplication brings it. */
static void a_secret_that_comes_later_ends_app_refused(void) {
        begin();
        keyring_has((Known){ .client_id = "new", .verdict = RECORD_APP_REFUSED });
        serve_unread();
        run();
        check_str(account_string("one", "State"), "app-refused");
        check_done(call("AddApplication", "ss", "new", "new-secret"));
        check_asked_with("r-1");
        check_str(fake_http_field("client_secret"), "new-secret");
        yandex_gives("a-2", "r-2", YEAR);
        check_str(account_string("one", "State"), "active");
        end_serving();
}

static void cancelled_while_the_code_is_exchanged(void) {
        const char *path, *done;

        begin_empty();
        path = sign_in();
        check_done(call_request(path, "SubmitCode", "s", "1234567"));
        (void) signals();
        check_done(call_request(path, "Cancel", NULL));
        done = find_completed(signals(), path);
        check(done && strstr(done, "UINT32 1"));
        check_int(waiting(), 0);
        end_serving();
}

TEST_MAIN(TEST(a_code_signs_in), TEST(a_text_that_is_no_code_leaves_it_waiting),
          TEST(an_error_in_the_address_is_the_end), TEST(a_refused_code_is_the_end),
          TEST(the_application_needs_no_secret), TEST(a_secret_that_comes_later_ends_app_refused),
          TEST(cancelled_while_the_code_is_exchanged))
