/* SPDX-License-Identifier: MIT */

/* Somebody else signs in: Completed says who, and KeepAsNew keeps what he was granted. */

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
        check(strstr(*ret_done, "STRING \"login\""));
        check(strstr(*ret_done, "STRING \"boris\""));
        return path;
}

static void begin_with_anna(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        serve();
}

static void it_is_kept_once(void) {
        const char *path, *done, *kept;

        begin_with_anna();
        path = boris_signs_in(&done);
        check(!strstr(done, "\"account\""));
        check_error(call_request(path, "GetPrompt", NULL), ERROR("AccessDenied"));
        check_done(call_request(path, "Cancel", NULL)); /* it has ended */
        check_str(signals(), "");

        check_read(call_request(path, "KeepAsNew", NULL), "o", &kept);
        check_int(accounts_count(world->accounts), 2);
        check_str(kept, path_of(account_id(accounts_at(world->accounts, 1))));
        check_str(account_string(account_id(accounts_at(world->accounts, 1)), "Login"), "boris");
        check_error(call_request(path, "KeepAsNew", NULL), INVALID_ARGS);
        check_int(accounts_count(world->accounts), 2);
        check(!client_ever_saw("SECRET"));
        end_serving();
}

static void it_is_answered_when_it_is_stored(void) {
        const char *path, *done, *kept;
        Call *keep;

        begin_with_anna();
        path = boris_signs_in(&done);
        fake_vault_hold(FAKE_STORE);
        keep = call_request(path, "KeepAsNew", NULL);
        check_waiting_call(keep);
        check_error(call_request(path, "KeepAsNew", NULL), INVALID_ARGS);
        fake_vault_let_go(FAKE_STORE);
        run();
        check_read(keep, "o", &kept);
        end_serving();
}

static void a_keyring_that_fails_loses_nothing(void) {
        const char *path, *done, *kept, *id;

        begin_with_anna();
        path = boris_signs_in(&done);
        fake_vault_fail(FAKE_STORE, CONDITION_KEYRING_FAILED, 1);
        check_read(call_request(path, "KeepAsNew", NULL), "o", &kept);
        id = account_id(accounts_at(world->accounts, 1));
        check(!account_bool(id, "Saved"));
        pass(HOUR);
        check(account_bool(id, "Saved"));
        end_serving();
}

/* Locked meanwhile: it stays, and can be kept when that is cured. */
static void a_keyring_that_was_locked_comes_first(void) {
        const char *path, *done, *kept;

        begin_with_anna();
        path = boris_signs_in(&done);
        fake_vault_set_state(VAULT_LOCKED);
        run();
        check_error(call_request(path, "KeepAsNew", NULL), ERROR("KeyringLocked"));
        check_int(accounts_count(world->accounts), 1);
        interactively();
        check_read(call_request(path, "KeepAsNew", NULL), "o", &kept);
        check_int(accounts_count(world->accounts), 2);
        end_serving();
}

static void one_who_is_here_already_is_told(void) {
        const char *path, *done, *kept;

        begin();
        keyring_has((Known){ .login = "anna" });
        keyring_has((Known){ .id = "two", .uid = "200", .login = "boris" });
        serve();
        path = boris_signs_in(&done);
        check(strstr(done, "STRING \"account\""));
        check(strstr(done, path_of("two")));
        check_str(kept_refresh_token("two"), "SECRET-rb");
        check_read(call_request(path, "KeepAsNew", NULL), "o", &kept);
        check_str(kept, path_of("two"));
        check_error(call_request(path, "KeepAsNew", NULL), INVALID_ARGS);
        end_serving();
}

static void there_may_be_nothing_to_keep(void) {
        const char *path;

        begin_with_anna();
        path = request_of(call("SignIn", "a{sv}", 1, "client_id", "s", "app"));
        check_error(call_request(path, "KeepAsNew", NULL), INVALID_ARGS);
        check_done(call_request(path, "Cancel", NULL));
        check_error(call_request(path, "KeepAsNew", NULL), INVALID_ARGS);
        end_serving();
}

TEST_MAIN(TEST(it_is_kept_once), TEST(it_is_answered_when_it_is_stored),
          TEST(a_keyring_that_fails_loses_nothing), TEST(a_keyring_that_was_locked_comes_first),
          TEST(one_who_is_here_already_is_told), TEST(there_may_be_nothing_to_keep))
