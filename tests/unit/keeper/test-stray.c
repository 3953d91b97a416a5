/* SPDX-License-Identifier: MIT */

/* Somebody else signs in than the account belongs to: nothing is lost, and nothing is done unasked. */

#include "sign-in-rig.h"

static const SignInOptions into_one = {
        .client_id = "app",
        .account_id = "one",
        .label = "work",
};

/* Boris signs in where Anna was expected. */
static void boris_signs_in(void) {
        sign_in_as(into_one, "200", "boris", "b-1", "rb-1");
        check_ended(CONDITION_ACCESS_DENIED);
        check_str(visitor.login, "boris");
        check_served(ask("one"), "a-1", 1);
        check_str(kept_label("one"), "anna");
        check_str(kept_refresh_token("one"), "r-1");
}

static void begin_with_anna(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        start();
}

static int keep_as_new(const char **ret_id) {
        Account *a = NULL;
        int r;

        r = sign_in_keep_as_new(visitor.sign_in, &a);
        check(r == 0 ? a != NULL : !a);
        *ret_id = a ? account_id(a) : NULL;
        run();
        return r;
}

static void it_is_kept_as_an_account_of_its_own(void) {
        const char *id;

        begin_with_anna();
        boris_signs_in();
        check_int(accounts_count(world->accounts), 1);
        check_str(visitor.account_id, "");
        check_int(keep_as_new(&id), 0);
        check_int(accounts_count(world->accounts), 2);
        check_served(ask(id), "b-1", 1);
        check_str(kept_refresh_token(id), "rb-1");
        check_str(kept_label(id), "boris"); /* the other label was meant for another account */
        check_str(account_record(account(id))->uid, "200");
        check_served(ask("one"), "a-1", 1);
        visitor_leaves();
        check_int(accounts_count(world->accounts), 2);
        end();
}

static void once(void) {
        const char *id;

        begin_with_anna();
        boris_signs_in();
        check_int(keep_as_new(&id), 0);
        check_int(keep_as_new(&id), CONDITION_INVALID_ARGS);
        check_int(accounts_count(world->accounts), 2);
        visitor_leaves();
        end();
}

static void where_nobody_wants_it_it_is_forgotten(void) {
        begin_with_anna();
        boris_signs_in();
        visitor_leaves();
        pass(HOUR);
        check_int(accounts_count(world->accounts), 1);
        check_int(fake_vault_count_items(VAULT_ACCOUNT, NULL), 1);
        check_int(fake_fdstore_count(), 0);
        end();
}

/* The life counts from Yandex's answer, not from the decision. */
static void a_late_decision_makes_no_longer_life(void) {
        const char *id;

        begin_with_anna();
        boris_signs_in();
        pass(HOUR);
        check_int(keep_as_new(&id), 0);
        check_int(account_times(account(id)).expires_at, DAWN + 5 + YEAR);
        visitor_leaves();
        end();
}

static void a_life_that_was_not_told_stays_so(void) {
        const char *id;

        begin_with_anna();
        sign_in_until_prompt(into_one);
        pass(5);
        yandex_gives("b-1", "rb-1", -1);
        yandex_says_who("200", "boris");
        check_int(keep_as_new(&id), 0);
        check_int(account_times(account(id)).expires_at, GRANT_END_UNKNOWN);
        visitor_leaves();
        end();
}

static void a_new_secret_is_kept_only_with_it(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("new-secret");
        SignInOptions options = into_one;
        Application *a;
        const char *id;

        begin_with_anna();
        options.client_secret = s;
        sign_in_as(options, "200", "boris", "b-1", "rb-1");
        check_ended(CONDITION_ACCESS_DENIED);
        a = applications_find(world->applications, "app");
        check_str(secret_string(application_client_secret(a)), "app-secret");
        check_int(keep_as_new(&id), 0);
        check_str(secret_string(application_client_secret(a)), "new-secret");
        visitor_leaves();
        end();
}

/* His old refresh token may have died by this sign-in: he gets the new one whatever is decided. */
static void whoever_has_an_account_is_renewed_at_once(void) {
        const char *id;

        begin();
        keyring_has((Known){ .login = "anna" });
        keyring_has((Known){ .id = "two",
                             .uid = "200",
                             .login = "boris",
                             .label = "home",
                             .access = "b-1",
                             .refresh = "rb-1",
                             .verdict = RECORD_REFUSED });
        start();
        fake_vault_hold(FAKE_STORE);
        sign_in_until_prompt(into_one);
        pass(5);
        yandex_gives("b-2", "rb-2", YEAR);
        yandex_says_who("200", "boris");
        check_int(visitor.n_ends, 0); /* stored first */
        fake_vault_let_go(FAKE_STORE);
        run();
        check_ended(CONDITION_ACCESS_DENIED);
        check_str(visitor.login, "boris");
        check_str(visitor.account_id, "two");
        check(strstr(visitor.sentence, "renewed"));
        check_int(state("two"), ACCOUNT_ACTIVE);
        check_served(ask("two"), "b-2", 2);
        check_str(kept_refresh_token("two"), "rb-2");
        check_str(kept_label("two"), "home");
        check_served(ask("one"), "a-1", 1);

        check_int(keep_as_new(&id), 0);
        check_str(id, "two");
        check_int(keep_as_new(&id), CONDITION_INVALID_ARGS);
        check_served(ask("two"), "b-2", 2);
        check_int(accounts_count(world->accounts), 2);
        visitor_leaves();
        end();
}

static void the_renewed_account_may_go_before_the_decision(void) {
        const char *id;

        begin();
        keyring_has((Known){ .login = "anna" });
        keyring_has((Known){ .id = "two", .uid = "200", .login = "boris" });
        start();
        sign_in_as(into_one, "200", "boris", "b-2", "rb-2");
        accounts_remove(world->accounts, account("two"));
        check_int(keep_as_new(&id), CONDITION_NO_SUCH_ACCOUNT);
        visitor_leaves();
        end();
}

/* He signed in by himself before the question was answered. */
static void an_account_made_meanwhile_is_not_made_twice(void) {
        SignIn *asked_about;
        const char *id;

        begin_with_anna();
        boris_signs_in();
        asked_about = TAKE_PTR(visitor.sign_in);
        sign_in_as(TO_APP, "200", "boris", "b-2", "rb-2");
        check_ended(0);
        check_int(accounts_count(world->accounts), 2);

        visitor.sign_in = asked_about;
        check_int(keep_as_new(&id), 0);
        check_str(id, visitor.account_id);
        check_int(accounts_count(world->accounts), 2);
        check_served(ask(id), "b-2", 1); /* which may have ended b-1 */
        check_str(kept_refresh_token(id), "rb-2");
        visitor_leaves();
        end();
}

static void unless_it_needs_a_sign_in_by_then(void) {
        SignIn *asked_about;
        const char *id;

        begin_with_anna();
        boris_signs_in();
        asked_about = TAKE_PTR(visitor.sign_in);
        sign_in_as(TO_APP, "200", "boris", "b-2", "rb-2");
        ask_by_force(visitor.account_id);
        yandex_refuses(400, "invalid_grant");
        check_int(state(visitor.account_id), ACCOUNT_SIGN_IN_NEEDED);

        visitor.sign_in = asked_about;
        check_int(keep_as_new(&id), 0);
        check_str(id, visitor.account_id);
        check_served(ask(id), "b-1", 2);
        visitor_leaves();
        end();
}

static void through_another_application_he_is_somebody_else(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        keyring_has((Known){ .id = "two", .uid = "200", .login = "boris", .client_id = "other" });
        keyring_has_application("app", "app-secret");
        start();
        boris_signs_in();
        check_str(visitor.account_id, "");
        check_int(account_generation(account("two")), 1);
        visitor_leaves();
        end();
}

/* Who it was is not known: it may be anybody's. */
static void nobody_is_not_somebody_else(void) {
        begin_with_anna();
        sign_in_until_prompt(into_one);
        pass(5);
        yandex_gives("b-1", "rb-1", YEAR);
        yandex_cannot_be_reached();
        yandex_cannot_be_reached();
        check_ended(CONDITION_SERVER_TROUBLE);
        check_str(visitor.login, "");
        check_served(ask("one"), "a-1", 1);
        end();
}

static void a_sign_in_that_ended_well_has_nothing_to_keep(void) {
        const char *id;

        begin_with_anna();
        sign_in_until_prompt(TO_APP);
        check_int(keep_as_new(&id), CONDITION_INVALID_ARGS);
        pass(5);
        yandex_gives("a-2", "r-2", YEAR);
        check_int(keep_as_new(&id), CONDITION_INVALID_ARGS);
        yandex_says_who("100", "anna");
        check_ended(0);
        end();
}

/* Nobody knows how long somebody will think about it. */
static void a_daemon_that_stops_does_not_wait_for_the_decision(void) {
        begin_with_anna();
        boris_signs_in();
        stop();
        check_int(seen.stopped, 1);
        visitor_leaves();
        end();
}

TEST_MAIN(TEST(it_is_kept_as_an_account_of_its_own), TEST(once),
          TEST(where_nobody_wants_it_it_is_forgotten), TEST(a_late_decision_makes_no_longer_life),
          TEST(a_life_that_was_not_told_stays_so), TEST(a_new_secret_is_kept_only_with_it),
          TEST(whoever_has_an_account_is_renewed_at_once),
          TEST(the_renewed_account_may_go_before_the_decision),
          TEST(an_account_made_meanwhile_is_not_made_twice),
          TEST(unless_it_needs_a_sign_in_by_then),
          TEST(through_another_application_he_is_somebody_else), TEST(nobody_is_not_somebody_else),
          TEST(a_sign_in_that_ended_well_has_nothing_to_keep),
          TEST(a_daemon_that_stops_does_not_wait_for_the_decision))
