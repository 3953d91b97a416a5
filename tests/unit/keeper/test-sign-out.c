/* SPDX-License-Identifier: MIT */

/* Signing out: at Yandex, in the keyring, and here. */

#include "keeper-rig.h"
#include "keeper/sign-in/sign-out.h"
#include "sign-in-rig.h"

static SignOut *sign_out;
static unsigned n_ends;
static int result;
static bool was_revoked;
static const char *reason;

static void on_signed_out(int r, bool revoked, const char *why, void *userdata) {
        sign_out = sign_out_free(sign_out);
        n_ends++;
        result = r;
        was_revoked = revoked;
        reason = why;
}

static void begin_with_one(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        start();
}

static void sign_out_one(bool revoke_too) {
        n_ends = 0;
        check_int(sign_out_start(world, account("one"), revoke_too, on_signed_out, NULL, &sign_out),
                  0);
        check_int(n_ends, 0);
        run();
}

static void check_gone(void) {
        check_int(n_ends, 1);
        check_int(result, 0);
        check(!accounts_by_id(world->accounts, "one"));
        check_int(fake_vault_count_items(VAULT_ACCOUNT, "one"), 0);
        check_int(seen.removed, 1);
        check_int(waiting(), 0);
}

static void check_still_there(int r) {
        check_int(n_ends, 1);
        check_int(result, r);
        check_int(seen.removed, 0);
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_served(ask("one"), "a-1", 1);
        check(account_next_refresh_at(account("one")) > 0);
}

static void the_grant_is_ended_at_yandex_first(void) {
        begin_with_one();
        sign_out_one(true);
        check_str(fake_http_url(), "https://oauth.test/revoke_token");
        check_str(fake_http_field("access_token"), "a-1");
        check_str(fake_http_field("client_id"), "app");
        check_str(fake_http_field("client_secret"), "app-secret");
        check_int(n_ends, 0);
        check_int(fake_vault_count_items(VAULT_ACCOUNT, "one"), 1);
        yandex_answers(200, "{\"status\": \"ok\"}");
        check_gone();
        check(was_revoked);
        check_str(reason, "");
        check_str(journal_take(), "erased one; erased app");
        check_int(fake_vault_count_items(VAULT_APPLICATION, NULL), 0);
        check(!applications_find(world->applications, "app"));
        end();
}

/* It was signed in by PKCE alone; Yandex may do without the secret here, too. */
static void without_the_secret_of_the_application(void) {
        for (unsigned refused = 0; refused < 2; refused++) {
                begin();
                keyring_has((Known){ .client_id = "other" });
                start();
                sign_out_one(true);
                check_str(fake_http_field("client_id"), "other");
                check_str(fake_http_field("client_secret"), NULL);
                if (refused)
                        yandex_refuses(400, "invalid_client");
                else
                        yandex_answers(200, "{\"status\": \"ok\"}");
                check_gone();
                check_int(was_revoked, !refused);
                check(refused ? strstr(reason, "without the secret") != NULL : streq(reason, ""));
                check_int(fake_vault_count_items(VAULT_APPLICATION, NULL), 1); /* another one */
                end();
        }
}

/* What was imported and never renewed. */
static void where_there_is_no_access_token(void) {
        begin();
        keyring_has((Known){ .access = "" });
        start();
        yandex_cannot_be_reached();
        sign_out_one(true);
        check_gone();
        check(!was_revoked);
        check(strstr(reason, "no access token"));
        check_int(fake_http_count("/revoke_token"), 0);
        end();
}

static void what_yandex_does_not_end_ends_here(void) {
        static const struct {
                int status; /* 0: no answer */
                const char *body;
                const char *why;
        } table[] = {
                { 400, "{\"error\": \"unsupported_token_type\"}", "cannot revoke" },
                { 400, "{\"error\": \"invalid_grant\"}", "cannot revoke" },
                { 0, NULL, "could not be reached" },
                { 400, "{\"error\": \"invalid_client\"}", "refused the application" },
                { 500, "", "did not answer as it should" },
                { 200, "{}", "did not answer as it should" },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                begin_with_one();
                sign_out_one(true);
                if (table[i].status == 0)
                        yandex_cannot_be_reached();
                else
                        yandex_answers(table[i].status, table[i].body);
                check_gone();
                check(!was_revoked);
                check(strstr(reason, table[i].why));
                check(strstr(reason, "https://id.yandex.ru/"));
                end();
        }
}

static void the_grant_may_be_left_alone(void) {
        begin_with_one();
        sign_out_one(false);
        check_gone();
        check(!was_revoked);
        check(!str_is_empty(reason));
        check_int(fake_http_count(NULL), 0);
        end();
}

static void an_application_goes_with_its_last_account(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        keyring_has((Known){ .id = "two", .uid = "2" });
        start();
        sign_out_one(false);
        check_gone();
        check_int(fake_vault_count_items(VAULT_APPLICATION, "app"), 1);
        check(applications_find(world->applications, "app"));
        check_served(ask("two"), "a-1", 1);
        end();
}

static void an_application_that_was_added_by_hand_stays(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("app-secret");

        begin_with_one();
        check_int(applications_put(world->applications, "app", s, true), 0);
        run();
        sign_out_one(false);
        check_gone();
        check_int(fake_vault_count_items(VAULT_APPLICATION, "app"), 1);
        end();
}

static void a_locked_keyring_keeps_the_account(void) {
        begin_with_one();
        fake_vault_set_state(VAULT_LOCKED);
        run();
        sign_out_one(true);
        check_still_there(CONDITION_KEYRING_LOCKED);
        check_int(fake_http_count(NULL), 0); /* not ended there while it stays here */
        check_int(fake_vault_prompts(), 0);
        end();
}

static void a_keyring_that_does_not_erase_keeps_the_account(void) {
        begin_with_one();
        fake_vault_fail(FAKE_ERASE, CONDITION_KEYRING_FAILED, 1);
        sign_out_one(false);
        check_still_there(CONDITION_KEYRING_FAILED);
        check_int(fake_vault_count_items(VAULT_ACCOUNT, "one"), 1);
        pass(91 * DAY);
        yandex_gives("a-2", "r-2", YEAR);
        check_str(kept_access_token("one"), "a-2");

        sign_out_one(false);
        check_gone();
        end();
}

/* Nobody must get a token that is dead, and the next sign-out is to succeed. */
static void what_is_revoked_and_not_erased_needs_a_sign_in(void) {
        begin_with_one();
        fake_vault_fail(FAKE_ERASE, CONDITION_KEYRING_LOCKED, 1);
        sign_out_one(true);
        yandex_answers(200, "{\"status\": \"ok\"}");
        check_int(n_ends, 1);
        check_int(result, CONDITION_KEYRING_LOCKED);
        check(was_revoked);
        check_int(state("one"), ACCOUNT_SIGN_IN_NEEDED);
        check_refused(ask("one"), CONDITION_SIGN_IN_NEEDED);
        check_int(account_next_refresh_at(account("one")), 0);

        pass(DAY);
        check_int(fake_http_count(NULL), 1); /* nobody asks in vain */
        sign_out_one(true);
        check_str(fake_http_field("access_token"), "a-1");
        yandex_answers(200, "{\"status\": \"ok\"}");
        check_gone();
        check(was_revoked);
        end();
}

static SignOut *second;
static int second_result;

static void on_second(int r, bool revoked, const char *why, void *userdata) {
        second = sign_out_free(second);
        second_result = r;
}

static void a_second_sign_out_leaves_the_first_alone(void) {
        begin_with_one();
        sign_out_one(true);
        check_int(sign_out_start(world, account("one"), true, on_second, NULL, &second), 0);
        run();
        check_int(second_result, CONDITION_CANCELLED);
        check_int(fake_http_count(NULL), 1);
        yandex_answers(200, "{\"status\": \"ok\"}");
        check_gone();
        end();
}

static void nor_does_one_that_fails_at_once(void) {
        begin_with_one();
        sign_out_one(true);
        fake_vault_set_state(VAULT_LOCKED);
        check_int(sign_out_start(world, account("one"), true, on_second, NULL, &second), 0);
        run();
        check_int(second_result, CONDITION_KEYRING_LOCKED);
        check(account_is_signing_out(account("one")));
        fake_vault_set_state(VAULT_UNLOCKED);
        yandex_answers(200, "{\"status\": \"ok\"}");
        check_gone();
        end();
}

static void an_erasure_that_does_not_start_keeps_the_account(void) {
        begin_with_one();
        fake_vault_refuse_erase(-ENOMEM);
        sign_out_one(false);
        check_still_there(-ENOMEM);
        end();
}

static void an_item_that_is_gone_already_is_no_trouble(void) {
        begin_with_one();
        fake_vault_remove(VAULT_ACCOUNT, "one");
        sign_out_one(false);
        check_gone();
        end();
}

static void a_dead_account_can_be_signed_out(void) {
        begin();
        keyring_has((Known){ .verdict = RECORD_REFUSED });
        start();
        sign_out_one(true);
        yandex_refuses(400, "invalid_grant");
        check_gone();
        check_int(fake_notifier_count(), 0);
        end();
}

static void a_refresh_under_way_is_given_up(void) {
        Asker *asker;

        begin_with_one();
        asker = ask_by_force("one");
        sign_out_one(true);
        check_int(waiting(), 1);
        check_str(fake_http_url(), "https://oauth.test/revoke_token");
        yandex_answers(200, "{\"status\": \"ok\"}");
        check_gone();
        check_refused(asker, CONDITION_CANCELLED);
        end();
}

static void a_write_under_way_does_not_bring_it_back(void) {
        begin_with_one();
        fake_vault_hold(FAKE_STORE);
        (void) ask_by_force("one");
        yandex_gives("a-2", "r-2", YEAR);
        check_int(fake_fdstore_count(), 1);
        sign_out_one(true);
        check_str(fake_http_field("access_token"), "a-2");
        yandex_answers(200, "{\"status\": \"ok\"}");
        fake_vault_let_go(FAKE_STORE);
        run();
        check_gone();
        check_int(fake_fdstore_count(), 0);
        check_int(fake_vault_calls(FAKE_STORE), 1);
        end();
}

/* Somebody asks while the account is on its way out. */
static void what_yandex_gives_meanwhile_is_not_kept(void) {
        begin_with_one();
        sign_out_one(true);
        (void) ask_by_force("one");
        yandex_answers(200, "{\"status\": \"ok\"}");
        if (waiting() > 0)
                yandex_gives("a-2", "r-2", YEAR);
        check_gone();
        pass(DAY);
        check_int(fake_vault_count_items(VAULT_ACCOUNT, NULL), 0);
        check_int(fake_fdstore_count(), 0);
        end();
}

static void the_account_may_go_meanwhile(void) {
        begin_with_one();
        fake_vault_hold(FAKE_UNLOCK);
        sign_out_one(true);
        fake_vault_remove(VAULT_ACCOUNT, "one");
        accounts_remove(world->accounts, account("one"));
        fake_vault_let_go(FAKE_UNLOCK);
        run();
        check_int(n_ends, 1);
        check_int(result, CONDITION_NO_SUCH_ACCOUNT);
        end();
}

static void dropped_at_any_step_it_is_silent(void) {
        for (unsigned step = 0; step < 4; step++) {
                begin_with_one();
                if (step == 0)
                        fake_vault_hold(FAKE_UNLOCK);
                if (step >= 2)
                        fake_vault_hold(FAKE_ERASE);
                sign_out_one(step != 3);
                if (step == 2)
                        yandex_answers(200, "{\"status\": \"ok\"}");
                check_int(n_ends, 0);
                sign_out = sign_out_free(sign_out);
                fake_vault_let_go(FAKE_UNLOCK);
                fake_vault_let_go(FAKE_ERASE);
                pass(MINUTE);
                check_int(n_ends, 0);
                end();
        }
}

/* Boris signs in through the application of the last account, while that goes: the two write and
 * erase the same item. given: with the secret, else with the one that is kept. */
static void boris_comes_as_the_application_goes(Secret *given) {
        begin_with_one();
        sign_in_until_prompt((SignInOptions){ .client_id = "app", .client_secret = given });
        pass(5);
        yandex_gives("b-1", "rb-1", YEAR);
        fake_vault_hold(FAKE_ERASE);
        sign_out_one(false);
        fake_vault_let_go(FAKE_ERASE); /* of the account */
        fake_vault_hold(FAKE_ERASE);   /* of the application */
        run();
        check(!accounts_by_id(world->accounts, "one"));
        check_int(n_ends, 0);
        yandex_says_who("200", "boris");
        check_int(accounts_count(world->accounts), 1);
        check_int(fake_vault_count_items(VAULT_APPLICATION, "app"), 1);
}

static void check_boris_is_well(void) {
        check_int(n_ends, 1);
        check_int(result, 0);
        check_str(account_record(accounts_at(world->accounts, 0))->login, "boris");
        check_int(fake_vault_count_items(VAULT_APPLICATION, "app"), 1);
        check(strstr(fake_vault_document(VAULT_APPLICATION, "app"), "app-secret"));
        check_int(fake_fdstore_count(), 0);
        check_waits(ask_refresh(visitor.account_id));
        check_str(fake_http_field("client_secret"), "app-secret");
}

static void an_application_that_is_used_again_by_now_stays(void) {
        for (unsigned with_secret = 0; with_secret < 2; with_secret++) {
                _cleanup_(secret_unrefp) Secret *s = secret("app-secret");

                boris_comes_as_the_application_goes(with_secret ? s : NULL);
                fake_vault_let_go(FAKE_ERASE);
                run();
                check_boris_is_well();
                end();
        }
}

/* Boris has a page of Yandex before him while it goes. */
static void an_application_that_went_during_a_sign_in_comes_back(void) {
        for (unsigned step = 0; step < 2; step++) {
                begin_with_one();
                sign_in_until_prompt((SignInOptions){ .client_id = "app" });
                if (step == 0) {
                        sign_out_one(false);
                        check_gone();
                        check_int(fake_vault_count_items(VAULT_APPLICATION, "app"), 0);
                }
                pass(5);
                yandex_gives("b-1", "rb-1", YEAR);
                if (step == 1)
                        sign_out_one(false);
                yandex_says_who("200", "boris");
                check_boris_is_well();
                check(!application_is_kept(applications_find(world->applications, "app")));
                end();
        }
}

/* Nobody knows whether the item is still there. */
static void also_where_the_keyring_says_that_it_failed(void) {
        boris_comes_as_the_application_goes(NULL);
        fake_vault_remove(VAULT_APPLICATION, "app");
        fake_vault_fail(FAKE_ERASE, CONDITION_KEYRING_FAILED, 1);
        fake_vault_let_go(FAKE_ERASE);
        run();
        check_boris_is_well();
        end();
}

/* Until the keyring has it again the descriptor store does. */
static void what_is_written_again_outlives_us(void) {
        boris_comes_as_the_application_goes(NULL);
        fake_vault_hold(FAKE_STORE);
        fake_vault_let_go(FAKE_ERASE);
        run();
        check_int(fake_vault_count_items(VAULT_APPLICATION, "app"), 0);
        check_int(fake_fdstore_count(), 1);
        quit();
        fake_vault_let_go(FAKE_STORE);
        keyring_has_application("other", "other-secret"); /* lest the rig adds "app" */
        start();
        check(strstr(fake_vault_document(VAULT_APPLICATION, "app"), "app-secret"));
        check_int(fake_fdstore_count(), 0);
        end();
}

static void an_application_that_is_added_by_hand_meanwhile_stays(void) {
        _cleanup_(secret_unrefp) Secret *s = secret("another-secret");

        begin_with_one();
        fake_vault_hold(FAKE_ERASE);
        sign_out_one(false);
        fake_vault_let_go(FAKE_ERASE); /* of the account */
        fake_vault_hold(FAKE_ERASE);   /* of the application */
        run();
        check_int(applications_put(world->applications, "app", s, true), 0);
        run();
        fake_vault_let_go(FAKE_ERASE);
        run();
        check_gone();
        check_int(fake_vault_count_items(VAULT_APPLICATION, "app"), 1);
        check(strstr(fake_vault_document(VAULT_APPLICATION, "app"), "another-secret"));
        check_int(fake_fdstore_count(), 0);
        end();
}

TEST_MAIN(TEST(the_grant_is_ended_at_yandex_first), TEST(without_the_secret_of_the_application),
          TEST(where_there_is_no_access_token), TEST(what_yandex_does_not_end_ends_here),
          TEST(the_grant_may_be_left_alone), TEST(an_application_goes_with_its_last_account),
          TEST(an_application_that_was_added_by_hand_stays),
          TEST(what_is_revoked_and_not_erased_needs_a_sign_in),
          TEST(a_second_sign_out_leaves_the_first_alone), TEST(nor_does_one_that_fails_at_once),
          TEST(a_locked_keyring_keeps_the_account),
          TEST(a_keyring_that_does_not_erase_keeps_the_account),
          TEST(an_erasure_that_does_not_start_keeps_the_account),
          TEST(an_item_that_is_gone_already_is_no_trouble), TEST(a_dead_account_can_be_signed_out),
          TEST(a_refresh_under_way_is_given_up), TEST(a_write_under_way_does_not_bring_it_back),
          TEST(what_yandex_gives_meanwhile_is_not_kept), TEST(the_account_may_go_meanwhile),
          TEST(dropped_at_any_step_it_is_silent),
          TEST(an_application_that_is_used_again_by_now_stays),
          TEST(an_application_that_went_during_a_sign_in_comes_back),
          TEST(also_where_the_keyring_says_that_it_failed), TEST(what_is_written_again_outlives_us),
          TEST(an_application_that_is_added_by_hand_meanwhile_stays))
