/* SPDX-License-Identifier: MIT */

/* What an earlier run left in the descriptor store. */

#include "keeper-rig.h"

static void store_has(const char *name, Known known) {
        _cleanup_(secret_unrefp) Secret *text = document(known);

        fake_fdstore_leave(name, text);
}

static void a_newer_grant_is_used_and_written(void) {
        begin();
        keyring_has((Known){ .access = "a-1" });
        store_has("account-one-2", (Known){ .access = "a-2", .refresh = "r-2", .generation = 2 });
        start();
        check_served(ask("one"), "a-2", 2);
        check_str(kept_access_token("one"), "a-2");
        check_str(kept_refresh_token("one"), "r-2");
        check(account_is_saved(account("one")));
        check_int(fake_fdstore_count(), 0);
        end();
}

static void an_older_grant_is_thrown_away(void) {
        begin();
        keyring_has((Known){ .access = "a-3", .generation = 3 });
        store_has("account-one-2", (Known){ .access = "a-2", .generation = 2 });
        store_has("account-one-3", (Known){ .access = "a-x", .generation = 3 });
        start();
        check_served(ask("one"), "a-3", 3);
        check_str(kept_access_token("one"), "a-3");
        check_int(fake_fdstore_count(), 0);
        check_int(fake_vault_calls(FAKE_STORE), 0);
        end();
}

static void a_whole_account_may_be_there_alone(void) {
        begin();
        store_has("account-one-1", (Known){ .label = "label" });
        start();
        check_int(accounts_count(world->accounts), 1);
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_served(ask("one"), "a-1", 1);
        check_str(kept_label("one"), "label");
        check_int(fake_fdstore_count(), 0);
        end();
}

static void of_several_the_newest_counts(void) {
        for (unsigned first = 2; first <= 3; first++) {
                begin();
                keyring_has((Known){ .access = "a-1" });
                for (unsigned i = 0; i < 2; i++) {
                        bool three = (first == 3) == (i == 0);

                        store_has(three ? "account-one-3" : "account-one-2",
                                  (Known){ .access = three ? "a-3" : "a-2",
                                           .generation = three ? 3 : 2 });
                }
                start();
                check_served(ask("one"), "a-3", 3);
                check_str(kept_access_token("one"), "a-3");
                check_int(fake_fdstore_count(), 0);
                end();
        }
}

static void it_is_served_though_the_keyring_is_locked(void) {
        begin();
        keyring_has((Known){ .access = "a-1" });
        store_has("account-one-2", (Known){ .access = "a-2", .generation = 2 });
        fake_vault_set_state(VAULT_LOCKED);
        start();
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_served(ask("one"), "a-2", 2);
        check(!account_is_saved(account("one")));
        check_int(fake_fdstore_count(), 1);

        /* The older grant in the keyring can be read now, and is ignored. */
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_served(ask("one"), "a-2", 2);
        check_str(kept_access_token("one"), "a-2");
        check(account_is_saved(account("one")));
        check_int(fake_fdstore_count(), 0);
        end();
}

static void in_a_locked_keyring_there_may_be_a_newer_one(void) {
        begin();
        keyring_has((Known){ .access = "a-5", .generation = 5 });
        store_has("account-one-2", (Known){ .access = "a-2", .generation = 2 });
        fake_vault_set_state(VAULT_LOCKED);
        start();
        check_served(ask("one"), "a-2", 2);
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_served(ask("one"), "a-5", 5);
        check_str(kept_access_token("one"), "a-5");
        check_int(fake_fdstore_count(), 0);
        end();
}

static void it_is_served_without_a_keyring_service(void) {
        begin();
        store_has("account-one-2", (Known){ .access = "a-2", .generation = 2 });
        fake_vault_set_state(VAULT_ABSENT);
        start();
        check_int(seen.loaded, 1);
        check_served(ask("one"), "a-2", 2);
        check_int(fake_fdstore_count(), 1);
        quit();

        fake_vault_set_state(VAULT_UNLOCKED);
        start();
        check_str(kept_access_token("one"), "a-2");
        check_int(fake_fdstore_count(), 0);
        end();
}

static void it_stays_until_the_keyring_has_it(void) {
        begin();
        keyring_has((Known){ .access = "a-1" });
        store_has("account-one-2", (Known){ .access = "a-2", .generation = 2 });
        fake_vault_fail(FAKE_STORE, CONDITION_KEYRING_FAILED, FOR_EVER);
        start();
        pass(DAY);
        check_int(fake_fdstore_count(), 1);
        quit();
        check_int(fake_fdstore_count(), 1);
        end();
}

static void what_is_no_grant_is_left_there(void) {
        _cleanup_(secret_unrefp) Secret *text = secret("something else");

        begin();
        keyring_has((Known){ .access = "a-1" });
        fake_fdstore_leave("foreign", text);
        start();
        check_served(ask("one"), "a-1", 1);
        check_str(fake_fdstore_document("foreign"), "something else");
        end();
}

static void a_keeper_that_never_starts_loses_nothing(void) {
        begin();
        store_has("account-one-2", (Known){ .generation = 2 });
        make_keeper();
        quit();
        check_int(fake_fdstore_count(), 1);
        end();
}

static void store_has_answer(const char *name, const char *body) {
        _cleanup_(secret_unrefp) Secret *text = secret(body);

        fake_fdstore_leave(name, text);
}

#define ANSWER_2 "{\"access_token\":\"a-2\",\"refresh_token\":\"r-2\",\"expires_in\":3600}"

static void an_answer_nobody_dealt_with_is_used_and_written(void) {
        begin();
        keyring_has((Known){ .access = "a-1" });
        store_has_answer("answer-1-1767225590-one", ANSWER_2);
        start();
        check_served(ask("one"), "a-2", 2);
        check_int(account_times(account("one")).obtained_at, DAWN - 10);
        check_int(account_times(account("one")).expires_at, DAWN - 10 + HOUR);
        check_str(kept_access_token("one"), "a-2");
        check_str(kept_refresh_token("one"), "r-2");
        check_int(fake_fdstore_count(), 0);
        check_int(asked(), 0);
        end();
}

static void an_answer_that_became_a_record_counts_once(void) {
        begin();
        keyring_has((Known){ .access = "a-1" });
        store_has_answer("answer-1-1767225590-one", ANSWER_2);
        store_has("account-one-2", (Known){ .access = "a-2", .refresh = "r-2", .generation = 2 });
        start();
        check_served(ask("one"), "a-2", 2);
        check_str(kept_refresh_token("one"), "r-2");
        check_int(fake_fdstore_count(), 0);
        end();
}

static void an_answer_to_an_older_generation_is_thrown_away(void) {
        begin();
        keyring_has((Known){ .access = "a-3", .generation = 3 });
        store_has_answer("answer-1-1767225590-one", ANSWER_2);
        start();
        check_served(ask("one"), "a-3", 3);
        check_int(fake_fdstore_count(), 0);
        check_int(fake_vault_calls(FAKE_STORE), 0);
        end();
}

static void an_answer_waits_for_a_locked_keyring(void) {
        begin();
        keyring_has((Known){ .access = "a-1" });
        store_has_answer("answer-1-1767225590-one", ANSWER_2);
        fake_vault_set_state(VAULT_LOCKED);
        start();
        check_int(state("one"), ACCOUNT_LOCKED);
        check_int(fake_fdstore_count(), 1);
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_served(ask("one"), "a-2", 2);
        check_str(kept_access_token("one"), "a-2");
        check_int(fake_fdstore_count(), 0);
        end();
}

static void what_is_no_answer_is_thrown_away(void) {
        static const char *const bodies[] = {
                "",
                "{\"access_token\":\"a-2\",\"refr",
                "{\"error\":\"invalid_grant\"}",
                "<html></html>",
        };

        for (size_t i = 0; i < ELEMENTSOF(bodies); i++) {
                begin();
                keyring_has((Known){ .access = "a-1" });
                store_has_answer("answer-1-1767225590-one", bodies[i]);
                start();
                check_served(ask("one"), "a-1", 1);
                check_int(state("one"), ACCOUNT_ACTIVE);
                check_int(fake_fdstore_count(), 0);
                end();
        }
}

static void an_answer_under_a_strange_name_is_thrown_away(void) {
        begin();
        keyring_has((Known){ .access = "a-1" });
        store_has_answer("answer-one", ANSWER_2);
        start();
        check_served(ask("one"), "a-1", 1);
        check_int(fake_fdstore_count(), 0);
        end();
}

static void store_has_application(const char *name, const char *client_id,
                                  const char *client_secret) {
        char text[256];

        (void) snprintf(text, sizeof(text),
                        "{\"version\":1,\"client_id\":\"%s\",\"client_secret\":\"%s\"}", client_id,
                        client_secret);
        store_has_answer(name, text);
}

static const char *known_secret(const char *client_id) {
        Application *a = applications_find(world->applications, client_id);

        return a ? secret_string(application_client_secret(a)) : NULL;
}

static void an_account_comes_with_its_application(void) {
        begin();
        store_has("account-one-1", (Known){ .client_id = "new" });
        store_has_application("application-1", "new", "new-secret");
        start();
        check_str(known_secret("new"), "new-secret");
        check(strstr(fake_vault_document(VAULT_APPLICATION, "new"), "new-secret"));
        check_int(fake_vault_count_items(VAULT_ACCOUNT, "one"), 1);
        check_int(fake_fdstore_count(), 0);
        check_waits(ask_refresh("one"));
        check_str(fake_http_field("client_secret"), "new-secret");
        yandex_gives("a-2", "r-2", YEAR);
        check_served(ask("one"), "a-2", 2);
        end();
}

static void a_secret_in_the_store_is_newer_than_the_keyrings(void) {
        begin();
        keyring_has((Known){ .client_id = "app" });
        store_has_application("application-1", "app", "changed");
        start();
        check_str(known_secret("app"), "changed");
        check(strstr(fake_vault_document(VAULT_APPLICATION, "app"), "changed"));
        check_int(fake_vault_count_items(VAULT_APPLICATION, "app"), 1);
        check_int(fake_fdstore_count(), 0);
        end();
}

static void whoever_renews_at_once_uses_that_one(void) {
        begin();
        keyring_has((Known){ .client_id = "app", .obtained_at = DAWN - 2 * YEAR });
        store_has_application("application-1", "app", "changed");
        start();
        check_int(asked(), 1);
        check_str(fake_http_field("client_secret"), "changed");
        end();
}

static void so_does_an_account_that_comes_with_it(void) {
        begin();
        store_has("account-one-1", (Known){ .client_id = "new", .obtained_at = DAWN - 2 * YEAR });
        store_has_application("application-1", "new", "new-secret");
        start();
        check_int(asked(), 1);
        check_str(fake_http_field("client_secret"), "new-secret");
        end();
}

/* No account is signed in through the application yet. */
static void though_the_keyring_cannot_be_asked(void) {
        for (unsigned absent = 0; absent < 2; absent++) {
                begin();
                store_has("account-one-1",
                          (Known){ .client_id = "new", .obtained_at = DAWN - 2 * YEAR });
                store_has_application("application-1", "new", "new-secret");
                fake_vault_set_state(absent ? VAULT_ABSENT : VAULT_LOCKED);
                start();
                check_int(asked(), 1);
                check_str(fake_http_field("client_secret"), "new-secret");
                check_int(fake_vault_count_items(VAULT_APPLICATION, "new"), 0);
                check(fake_fdstore_document("application-1"));
                end();
        }
}

static void a_secret_waits_there_for_a_locked_keyring(void) {
        for (unsigned hidden = 0; hidden < 2; hidden++) {
                begin();
                keyring_has((Known){ .client_id = "app" });
                store_has_application("application-1", "app", "changed");
                fake_vault_set_state(VAULT_LOCKED);
                fake_vault_hide_attributes(hidden);
                start();
                check_str(known_secret("app"), hidden ? NULL : "changed");
                check_int(fake_fdstore_count(), 1);
                fake_vault_set_state(VAULT_UNLOCKED);
                run();
                check_str(known_secret("app"), "changed");
                check(strstr(fake_vault_document(VAULT_APPLICATION, "app"), "changed"));
                check_int(fake_fdstore_count(), 0);
                end();
        }
}

static void or_for_a_keyring_that_cannot_be_read(void) {
        begin();
        keyring_has((Known){ .client_id = "new" });
        store_has_application("application-1", "new", "new-secret");
        fake_vault_fail(FAKE_FIND, CONDITION_KEYRING_FAILED, 1);
        start();
        check_int(fake_fdstore_count(), 1);
        pass(MINUTE);
        check_str(known_secret("new"), "new-secret");
        check(strstr(fake_vault_document(VAULT_APPLICATION, "new"), "new-secret"));
        check_int(fake_fdstore_count(), 0);
        end();
}

/* The application is dropped in the end, but not because the keyring could not be read. */
static void one_without_its_account_waits_there_too(void) {
        for (unsigned locked = 0; locked < 2; locked++) {
                begin();
                store_has_application("application-1", "new", "new-secret");
                if (locked)
                        fake_vault_set_state(VAULT_LOCKED);
                else
                        fake_vault_fail(FAKE_FIND, CONDITION_KEYRING_FAILED, 1);
                start();
                check_int(fake_fdstore_count(), 1);
                fake_vault_set_state(VAULT_UNLOCKED);
                pass(MINUTE);
                check(!known_secret("new"));
                check_int(fake_vault_count_items(VAULT_APPLICATION, "new"), 0);
                check_int(fake_fdstore_count(), 0);
                end();
        }
}

/* A locked keyring was read, then reading the unlocked one fails: that is no reason to drop it. */
static void an_earlier_look_proves_nothing(void) {
        begin();
        keyring_has((Known){ .client_id = "app" });
        store_has_application("application-1", "app", "changed");
        fake_vault_set_state(VAULT_LOCKED);
        fake_vault_hide_attributes(true);
        start();
        fake_vault_fail(FAKE_FIND, CONDITION_KEYRING_FAILED, 1);
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_int(fake_fdstore_count(), 1);
        pass(MINUTE);
        check(strstr(fake_vault_document(VAULT_APPLICATION, "app"), "changed"));
        check_int(fake_fdstore_count(), 0);
        end();
}

/* It waited so long that the keyring holds another secret by now. */
static void a_secret_that_was_put_since_is_newer(void) {
        _cleanup_(secret_unrefp) Secret *newer = secret("newer");

        begin();
        keyring_has((Known){ .client_id = "app" });
        store_has_application("application-1", "app", "changed");
        fake_vault_fail(FAKE_FIND, CONDITION_KEYRING_FAILED, 1);
        start();
        check_int(applications_put(world->applications, "app", newer, true), 0);
        run();
        check(strstr(fake_vault_document(VAULT_APPLICATION, "app"), "newer"));
        pass(MINUTE);
        check_str(known_secret("app"), "newer");
        check(strstr(fake_vault_document(VAULT_APPLICATION, "app"), "newer"));
        check_int(fake_fdstore_count(), 0);
        end();
}

static void a_run_that_never_saw_the_keyring_leaves_it_to_the_next(void) {
        begin();
        store_has_application("application-1", "new", "new-secret");
        fake_vault_set_state(VAULT_ABSENT);
        start();
        quit();
        check_int(fake_fdstore_count(), 1);
        fake_vault_set_state(VAULT_UNLOCKED);
        start();
        check_int(fake_fdstore_count(), 0);
        end();
}

static void of_two_secrets_one_remains(void) {
        begin();
        keyring_has((Known){ .client_id = "new" });
        store_has_application("application-1", "new", "first");
        store_has_application("application-2", "new", "second");
        start();
        check(strstr(fake_vault_document(VAULT_APPLICATION, "new"), known_secret("new")));
        check_int(fake_fdstore_count(), 0);
        end();
}

static void an_application_without_its_account_is_thrown_away(void) {
        begin();
        store_has_application("application-1", "new", "new-secret");
        start();
        check(!known_secret("new"));
        check_int(fake_vault_count_items(VAULT_APPLICATION, "new"), 0);
        check_int(fake_fdstore_count(), 0);
        end();
}

static void unless_it_was_added_by_itself(void) {
        begin();
        store_has_answer("application-1", "{\"version\":1,\"client_id\":\"new\","
                                          "\"client_secret\":\"new-secret\",\"kept\":true}");
        start();
        check_str(known_secret("new"), "new-secret");
        check_int(fake_vault_count_items(VAULT_APPLICATION, "new"), 1);
        check_int(fake_fdstore_count(), 0);
        end();
}

static void what_is_no_application_is_left_there(void) {
        begin();
        store_has_answer("application-1", "something else");
        start();
        check_int(applications_count(world->applications), 1);
        check_int(fake_fdstore_count(), 1);
        end();
}

TEST_MAIN(TEST(a_newer_grant_is_used_and_written), TEST(an_older_grant_is_thrown_away),
          TEST(a_whole_account_may_be_there_alone), TEST(an_account_comes_with_its_application),
          TEST(a_secret_in_the_store_is_newer_than_the_keyrings),
          TEST(whoever_renews_at_once_uses_that_one), TEST(so_does_an_account_that_comes_with_it),
          TEST(though_the_keyring_cannot_be_asked), TEST(a_secret_waits_there_for_a_locked_keyring),
          TEST(or_for_a_keyring_that_cannot_be_read), TEST(one_without_its_account_waits_there_too),
          TEST(an_earlier_look_proves_nothing), TEST(a_secret_that_was_put_since_is_newer),
          TEST(a_run_that_never_saw_the_keyring_leaves_it_to_the_next),
          TEST(of_two_secrets_one_remains), TEST(an_application_without_its_account_is_thrown_away),
          TEST(unless_it_was_added_by_itself), TEST(what_is_no_application_is_left_there),
          TEST(of_several_the_newest_counts), TEST(it_is_served_though_the_keyring_is_locked),
          TEST(in_a_locked_keyring_there_may_be_a_newer_one),
          TEST(it_is_served_without_a_keyring_service), TEST(it_stays_until_the_keyring_has_it),
          TEST(what_is_no_grant_is_left_there),
          TEST(an_answer_nobody_dealt_with_is_used_and_written),
          TEST(an_answer_that_became_a_record_counts_once),
          TEST(an_answer_to_an_older_generation_is_thrown_away),
          TEST(an_answer_waits_for_a_locked_keyring), TEST(what_is_no_answer_is_thrown_away),
          TEST(an_answer_under_a_strange_name_is_thrown_away),
          TEST(a_keeper_that_never_starts_loses_nothing))
