/* SPDX-License-Identifier: MIT */

/* The flow "import", as a program sees it. */

#include "request-rig.h"

static Call *import(void) {
        return call("SignIn", "a{sv}", 3, "flow", "s", "import", "refresh_token", "s", "SECRET-r0",
                    "access_token", "s", "SECRET-a0");
}

static void tokens_are_imported(void) {
        const char *path, *said, *done, *id;

        begin_empty();
        path = request_of(import());
        check_str(fake_http_authorization(), "OAuth SECRET-a0");
        check_error(call_request(path, "GetPrompt", NULL), INVALID_ARGS);
        check_error(call_request(path, "SubmitCode", "s", "1234567"), INVALID_ARGS);
        (void) signals();
        yandex_says_who();
        check_asked_with("SECRET-r0");
        check_int(accounts_count(world->accounts), 0);
        yandex_gives("SECRET-a1", "SECRET-r1", YEAR);
        said = signals();
        done = find_completed(said, path);
        id = account_id(accounts_at(world->accounts, 0));
        check(done && strstr(done, "UINT32 0") && strstr(done, path_of(id)));
        check(strstr(said, "InterfacesAdded"));
        check_str(kept_refresh_token(id), "SECRET-r1");
        check(!client_ever_saw("SECRET"));
        end_serving();
}

static void an_account_that_is_not_renewed_was_never_there(void) {
        const char *path, *said, *done;

        begin_empty();
        path = request_of(import());
        yandex_says_who();
        (void) signals();
        yandex_refuses(400, "invalid_grant");
        said = signals();
        done = find_completed(said, path);
        check(done && strstr(done, "UINT32 2") && strstr(done, ERROR("SignInNeeded")));
        check(strstr(done, "refresh token"));
        check(!strstr(said, "InterfacesAdded"));
        check_int(accounts_count(world->accounts), 0);
        check_error(call_request(path, "GetPrompt", NULL), ERROR("SignInNeeded"));
        end_serving();
}

static void options_are_checked(void) {
        begin();
        keyring_has((Known){});
        serve();
        check_error(call("SignIn", "a{sv}", 1, "flow", "s", "import"), INVALID_ARGS);
        check_error(call("SignIn", "a{sv}", 2, "flow", "s", "import", "refresh_token", "s", "a b"),
                    INVALID_ARGS);
        check_error(call("SignIn", "a{sv}", 3, "flow", "s", "import", "refresh_token", "s", "r",
                         "access_token", "s", ""),
                    INVALID_ARGS);
        check_error(call("SignIn", "a{sv}", 3, "flow", "s", "import", "refresh_token", "s", "r",
                         "account", "o", path_of("one")),
                    INVALID_ARGS);
        check_error(call("SignIn", "a{sv}", 3, "flow", "s", "import", "refresh_token", "s", "r",
                         "client_id", "s", "new"),
                    INVALID_ARGS); /* whose secret is not known */
        check_int(fake_http_count(NULL), 0);
        end_serving();
}

static Call *import_alone(void) {
        return call("SignIn", "a{sv}", 2, "flow", "s", "import", "refresh_token", "s", "r");
}

/* Yandex may have renewed the tokens already. */
static void an_import_that_was_sent_goes_on_without_its_request(void) {
        begin_empty();
        check_done(call_request(request_of(import_alone()), "Cancel", NULL));
        check_int(waiting(), 1);
        yandex_gives("a-2", "r-2", YEAR);
        yandex_says_who();
        check_int(accounts_count(world->accounts), 1);
        end_serving();
}

/* Otherwise a program could keep our queue full by leaving behind as many as it likes. */
static void an_import_that_was_not_sent_ends_with_its_request(void) {
        begin_empty();
        fake_http_hold_back(true);
        check_done(call_request(request_of(import_alone()), "Cancel", NULL));
        check_int(waiting(), 0);
        fake_http_hold_back(false);
        end_serving();
}

TEST_MAIN(TEST(tokens_are_imported), TEST(an_import_that_was_sent_goes_on_without_its_request),
          TEST(an_import_that_was_not_sent_ends_with_its_request),
          TEST(an_account_that_is_not_renewed_was_never_there), TEST(options_are_checked))
