/* SPDX-License-Identifier: MIT */

/* Calls that are answered later: each exactly once, within 20 s, whatever happens. */

#include "bus-rig.h"

#define LIMIT           512
#define INVALID_ARGS    "org.freedesktop.DBus.Error.InvalidArgs"
#define LIMITS_EXCEEDED "org.freedesktop.DBus.Error.LimitsExceeded"

static void begin_with_a_dead_token(void) {
        begin();
        keyring_has((Known){ .obtained_at = DAWN - 2 * YEAR });
        serve();
}

static Call *get_token(void) {
        return call("GetToken", "sa{sv}", "", 0);
}

static void no_call_waits_longer_than_15_5_s(void) {
        Call *first, *second;

        begin_with_a_dead_token();
        first = get_token();
        pass(5);
        second = call_one("Refresh", NULL);
        pass_ms(10499);
        check_waiting_call(first);
        pass_ms(1);
        check_error(first, ERROR("ServerTrouble"));
        check_waiting_call(second);
        pass(5);
        check_error(second, ERROR("ServerTrouble"));

        /* The refresh itself goes on, and its token is kept. */
        yandex_gives("a-2", "r-2", YEAR);
        check_token(get_token(), "a-2", 2);
        check_str(kept_access_token("one"), "a-2");
        end_serving();
}

/* More than the daemon reads in one turn. */
#define MANY 40

/* Two calls that the daemon has read and has not begun, since more follow; time passes before it
 * does. */
static void get_two_tokens_late(Call *ret[2], int64_t ms) {
        for (size_t i = 0; i < MANY; i++) {
                Call *c;

                only_send();
                c = get_token();
                if (i < 2)
                        ret[i] = c;
        }
        let_daemon_read();
        fake_clock_pass_unseen_ms(ms);
        run();
}

static void the_time_counts_from_when_a_call_came(void) {
        Call *c[2], *later;

        begin_with_a_dead_token();
        get_two_tokens_late(c, 10000);
        later = get_token();
        pass_ms(5499);
        check_waiting_call(c[0]);
        check_waiting_call(c[1]);
        pass_ms(1);
        check_error(c[0], ERROR("ServerTrouble"));
        check_error(c[1], ERROR("ServerTrouble"));
        check_waiting_call(later);
        end_serving();
}

static void a_call_whose_time_is_over_is_not_begun(void) {
        Call *c[2];

        begin();
        keyring_has((Known){});
        serve();
        get_two_tokens_late(c, 15500);
        check_error(c[0], LIMITS_EXCEEDED);
        check_error(c[1], LIMITS_EXCEEDED);
        check_token(get_token(), "a-1", 1);
        end_serving();
}

/* The server is not to blame for a request that it has not seen. */
static void a_request_that_waits_for_its_turn(void) {
        Call *c;

        begin_with_a_dead_token();
        c = get_token();
        fake_http_set_over_budget(true);
        pass_ms(15500);
        check_error(c, ERROR("RateLimited"));
        fake_http_set_over_budget(false);
        yandex_gives("a-2", "r-2", YEAR);
        check_token(get_token(), "a-2", 2);
        end_serving();
}

static void a_prompt_without_an_answer_is_a_locked_keyring(void) {
        Call *c;

        begin();
        keyring_has((Known){});
        fake_vault_set_state(VAULT_LOCKED);
        serve();
        fake_vault_hold(FAKE_UNLOCK);
        interactively();
        c = get_token();
        pass_ms(15499);
        check_waiting_call(c);
        pass_ms(1);
        check_error(c, ERROR("KeyringLocked"));

        /* The user comes back. */
        fake_vault_let_go(FAKE_UNLOCK);
        run();
        check_token(get_token(), "a-1", 1);
        end_serving();
}

static void a_sign_out_that_takes_long_comes_to_its_end(void) {
        Call *c;

        begin();
        keyring_has((Known){});
        serve();
        c = call_one("SignOut", "a{sv}", 0);
        pass(19);
        check_error(c, ERROR("ServerTrouble"));
        yandex_answers(200, "{\"status\": \"ok\"}");
        check_int(accounts_count(world->accounts), 0);
        check_error(get_token(), ERROR("NotSignedIn"));
        end_serving();
}

static void a_keyring_that_takes_long_to_erase(void) {
        Call *c;

        begin();
        keyring_has_application("app", "secret");
        serve();
        fake_vault_hold(FAKE_ERASE);
        c = call("RemoveApplication", "s", "app");
        pass(19);
        check_error(c, ERROR("KeyringFailed"));
        fake_vault_let_go(FAKE_ERASE);
        run();
        check_int(fake_vault_count_items(VAULT_APPLICATION, NULL), 0);
        check(!applications_find(world->applications, "app"));
        end_serving();
}

static void the_number_of_waiting_calls_is_limited(void) {
        static Call *many[LIMIT];
        Call *last;

        begin_with_a_dead_token();
        for (size_t i = 0; i < LIMIT; i++)
                many[i] = get_token();
        for (size_t i = 0; i < LIMIT; i++)
                check_waiting_call(many[i]);
        last = get_token();
        check_error(last, LIMITS_EXCEEDED);
        check_int(asked(), 1);

        yandex_gives("a-2", "r-2", YEAR);
        for (size_t i = 0; i < LIMIT; i++)
                check_token(many[i], "a-2", 2);
        check_token(get_token(), "a-2", 2);
        end_serving();
}

static Call *call_with_text(const char *method, size_t length) {
        _cleanup_free_ char *text = calloc(length + 1, 1);

        check(text);
        memset(text, 'x', length);
        return streq(method, "SignIn") ? call(method, "a{sv}", 1, "flow", "s", text)
                                       : call(method, "sa{sv}", "", 1, "junk", "s", text);
}

/* To read them would take long. */
static void the_size_of_a_call_is_limited(void) {
        begin();
        keyring_has((Known){ .access = "a-1" });
        serve();
        check_error(call_with_text("GetToken", 17 * 1024), LIMITS_EXCEEDED);
        check_token(call_with_text("GetToken", 15 * 1024), "a-1", 1);
        check_error(call_with_text("SignIn", 47 * 1024), INVALID_ARGS);
        check_error(call_with_text("SignIn", 49 * 1024), LIMITS_EXCEEDED);
        end_serving();
}

/* Otherwise a few impatient programs could lock out all others. */
static void answered_calls_do_not_count(void) {
        begin_with_a_dead_token();
        for (size_t i = 0; i < LIMIT; i++)
                (void) get_token();
        pass(19);
        check_waiting_call(get_token());
        end_serving();
}

static void the_end_answers_cancelled(void) {
        Call *token, *descriptor, *refresh, *unlock, *sign_out;

        begin();
        keyring_has((Known){ .obtained_at = DAWN - 2 * YEAR });
        keyring_has((Known){ .id = "two", .uid = "2", .created_at = DAWN + 1 });
        serve();
        token = get_token();
        descriptor = call("GetTokenFD", "sa{sv}", "", 0);
        refresh = call_one("Refresh", NULL);
        sign_out = call_account("two", "SignOut", "a{sv}", 0);
        fake_vault_hold(FAKE_UNLOCK);
        unlock = call_one("SetLabel", "s", "new");
        check_waiting_call(token);
        check_waiting_call(descriptor);
        check_waiting_call(refresh);
        check_waiting_call(sign_out);
        check_waiting_call(unlock);
        stop_serving();
        check_error(token, ERROR("Cancelled"));
        check_error(descriptor, ERROR("Cancelled"));
        check_error(refresh, ERROR("Cancelled"));
        check_error(sign_out, ERROR("Cancelled"));
        check_error(unlock, ERROR("Cancelled"));
        end_serving();
}

static void an_account_that_goes_answers_cancelled(void) {
        Call *c;

        begin_with_a_dead_token();
        c = get_token();
        accounts_remove(world->accounts, account("one"));
        run();
        check_error(c, ERROR("Cancelled"));
        end_serving();
}

static void a_client_that_leaves_costs_nothing(void) {
        begin_with_a_dead_token();
        for (unsigned i = 0; i < 10; i++)
                (void) get_token();
        client_leaves();
        yandex_gives("a-2", "r-2", YEAR);
        check_str(kept_access_token("one"), "a-2");
        end_serving();
}

/* A call waits in the socket while the keyring is read. */
static void no_call_is_answered_before_the_keyring_was_read(void) {
        Call *c;

        begin();
        keyring_has_application("app", "app-secret");
        keyring_has((Known){});
        fake_vault_hold(FAKE_FIND);
        serve_unread();
        c = get_token();
        pass(3);
        check_waiting_call(c);
        fake_vault_let_go(FAKE_FIND);
        run();
        check_token(c, "a-1", 1);
        end_serving();
}

TEST_MAIN(TEST(no_call_waits_longer_than_15_5_s), TEST(the_time_counts_from_when_a_call_came),
          TEST(a_call_whose_time_is_over_is_not_begun), TEST(a_request_that_waits_for_its_turn),
          TEST(a_prompt_without_an_answer_is_a_locked_keyring),
          TEST(a_sign_out_that_takes_long_comes_to_its_end),
          TEST(a_keyring_that_takes_long_to_erase), TEST(the_number_of_waiting_calls_is_limited),
          TEST(the_size_of_a_call_is_limited), TEST(answered_calls_do_not_count),
          TEST(the_end_answers_cancelled), TEST(an_account_that_goes_answers_cancelled),
          TEST(a_client_that_leaves_costs_nothing),
          TEST(no_call_is_answered_before_the_keyring_was_read))
