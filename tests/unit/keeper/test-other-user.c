/* SPDX-License-Identifier: MIT */

/* Another user signs in than the account belongs to: that user's account is made or renewed, the
 * account that was named stays as it is, and the sign-in fails and says so. */

#include "sign-in-rig.h"

static const SignInOptions into_one = {
        .client_id = "app",
        .account_id = "one",
        .label = "work",
};

static void check_anna_is_untouched(void) {
        check_served(ask("one"), "a-1", 1);
        check_str(kept_label("one"), "anna");
        check_str(kept_refresh_token("one"), "r-1");
}

/* Boris signs in although Anna was expected. */
static void boris_signs_in(void) {
        sign_in_as(into_one, "200", "boris", "b-1", "rb-1");
        check_ended(CONDITION_ACCESS_DENIED);
        check(strstr(visitor.sentence, "belongs to anna"));
        check(strstr(visitor.sentence, "boris signed in"));
        check_anna_is_untouched();
}

static void begin_with_anna(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        start();
}

static void an_account_is_made_for_the_other_user(void) {
        begin_with_anna();
        boris_signs_in();
        check_int(accounts_count(world->accounts), 2);
        check_served(ask(visitor.account_id), "b-1", 1);
        check_str(kept_refresh_token(visitor.account_id), "rb-1");
        check_str(kept_label(visitor.account_id),
                  "boris"); /* the other label was meant for another account */
        check_str(account_record(account(visitor.account_id))->uid, "200");
        check_int(fake_fdstore_count(), 0);
        end();
}

static void so_it_is_if_the_caller_has_left(void) {
        begin_with_anna();
        sign_in_until_prompt(into_one);
        pass(5);
        yandex_gives("b-1", "rb-1", YEAR);
        visitor_leaves();
        yandex_says_who("200", "boris");
        check_int(visitor.n_ends, 0);
        check_int(accounts_count(world->accounts), 2);
        check_anna_is_untouched();
        end();
}

/* The life counts from Yandex's answer. */
static void a_late_identity_makes_no_longer_life(void) {
        begin_with_anna();
        sign_in_until_prompt(into_one);
        pass(5);
        yandex_gives("b-1", "rb-1", YEAR);
        pass(10);
        yandex_says_who("200", "boris");
        check_int(account_times(account(visitor.account_id)).expires_at, DAWN + 5 + YEAR);
        end();
}

static void a_life_that_was_not_told_stays_so(void) {
        begin_with_anna();
        sign_in_until_prompt(into_one);
        pass(5);
        yandex_gives("b-1", "rb-1", -1);
        yandex_says_who("200", "boris");
        check_int(account_times(account(visitor.account_id)).expires_at, GRANT_END_UNKNOWN);
        end();
}

static void a_new_secret_that_worked_is_stored(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("new-secret");
        SignInOptions options = into_one;

        begin_with_anna();
        options.client_secret = s;
        sign_in_as(options, "200", "boris", "b-1", "rb-1");
        check_ended(CONDITION_ACCESS_DENIED);
        check_str(secret_string(applications_client_secret(world->applications, "app")),
                  "new-secret");
        end();
}

/* The refresh token that was here may have died by this sign-in. */
static void an_account_that_is_here_is_renewed(void) {
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
        check_str(visitor.account_id, "two");
        check_int(state("two"), ACCOUNT_ACTIVE);
        check_served(ask("two"), "b-2", 2);
        check_str(kept_refresh_token("two"), "rb-2");
        check_str(kept_label("two"), "home");
        check_anna_is_untouched();
        check_int(accounts_count(world->accounts), 2);
        end();
}

static void through_another_application_it_is_another_account(void) {
        begin();
        keyring_has((Known){ .login = "anna" });
        keyring_has((Known){ .id = "two", .uid = "200", .login = "boris", .client_id = "other" });
        keyring_has_application("app", "app-secret");
        start();
        boris_signs_in();
        check_int(accounts_count(world->accounts), 3);
        check_int(account_generation(account("two")), 1);
        end();
}

/* It is not known who signed in: it may be anyone. */
static void an_unknown_user_is_not_another_user(void) {
        begin_with_anna();
        sign_in_until_prompt(into_one);
        pass(5);
        yandex_gives("b-1", "rb-1", YEAR);
        yandex_cannot_be_reached();
        yandex_cannot_be_reached();
        check_ended(CONDITION_SERVER_TROUBLE);
        check_int(accounts_count(world->accounts), 1);
        check_anna_is_untouched();
        end();
}

static void an_account_that_was_named_by_its_label_alone(void) {
        begin();
        keyring_has((Known){ .login = "", .label = "work" });
        start();
        sign_in_as(into_one, "200", "boris", "b-1", "rb-1");
        check_ended(CONDITION_ACCESS_DENIED);
        check(strstr(visitor.sentence, "belongs to work"));
        end();
}

TEST_MAIN(TEST(an_account_is_made_for_the_other_user), TEST(so_it_is_if_the_caller_has_left),
          TEST(a_late_identity_makes_no_longer_life), TEST(a_life_that_was_not_told_stays_so),
          TEST(a_new_secret_that_worked_is_stored), TEST(an_account_that_is_here_is_renewed),
          TEST(through_another_application_it_is_another_account),
          TEST(an_unknown_user_is_not_another_user),
          TEST(an_account_that_was_named_by_its_label_alone))
