/* SPDX-License-Identifier: MIT */

/* Another user signs in than the account belongs to: Completed says who, and whose account that
 * is. */

#include "request-rig.h"

static const char *boris_signs_in(const char **ret_done) {
        const char *path;

        path = request_of(call("SignIn", "a{sv}", 1, "account", "o", path_of("one")));
        yandex_shows_a_code();
        pass(5);
        yandex_gives("SECRET-b", "SECRET-rb", YEAR);
        (void) signals();
        yandex_answers(200, "{\"id\": \"200\", \"login\": \"boris\"}");
        *ret_done = find_completed(signals(), path);
        check(*ret_done && strstr(*ret_done, "UINT32 2"));
        check(strstr(*ret_done, ERROR("AccessDenied")));
        check(strstr(*ret_done, "belongs to anna, but boris signed in"));
        check(strstr(*ret_done, "STRING \"login\""));
        check(strstr(*ret_done, "STRING \"boris\""));
        check(strstr(*ret_done, "STRING \"account\""));
        return path;
}

static void it_fails_and_names_both(void) {
        const char *path, *done, *boris;

        begin();
        keyring_has((Known){ .login = "anna" });
        serve();
        path = boris_signs_in(&done);
        check_int(accounts_count(world->accounts), 2);
        boris = account_id(accounts_at(world->accounts, 1));
        check(strstr(done, path_of(boris)));
        check_str(account_string(boris, "Login"), "boris");
        check_str(kept_refresh_token("one"), "r-1");

        check_error(call_request(path, "GetPrompt", NULL), ERROR("AccessDenied"));
        check_done(call_request(path, "Cancel", NULL)); /* it has ended */
        check_str(signals(), "");
        check(!client_ever_saw("SECRET"));
        end_serving();
}

static void an_account_that_is_here_is_named(void) {
        const char *done;

        begin();
        keyring_has((Known){ .login = "anna" });
        keyring_has((Known){ .id = "two", .uid = "200", .login = "boris" });
        serve();
        (void) boris_signs_in(&done);
        check(strstr(done, path_of("two")));
        check_int(accounts_count(world->accounts), 2);
        check_str(kept_refresh_token("two"), "SECRET-rb");
        end_serving();
}

TEST_MAIN(TEST(it_fails_and_names_both), TEST(an_account_that_is_here_is_named))
