/* SPDX-License-Identifier: MIT */

/* How the keyring is read, whatever state it is in, and how accounts are found. */

#include <stdio.h>

#include "keeper-rig.h"

#define check_finds(name, id)                                                                      \
        do {                                                                                       \
                Account *_found = NULL;                                                            \
                                                                                                   \
                check_int(accounts_find(world->accounts, name, &_found), 0);                       \
                check_str(account_id(_found), id);                                                 \
        } while (false)

#define check_finds_nobody(name, condition)                                                        \
        do {                                                                                       \
                Account *_found = NULL;                                                            \
                                                                                                   \
                check_int(accounts_find(world->accounts, name, &_found), condition);               \
                check(!_found);                                                                    \
        } while (false)

static void in_an_empty_keyring_nobody_is_signed_in(void) {
        begin();
        start();
        check_int(seen.loaded, 1);
        check_int(accounts_count(world->accounts), 0);
        check(!accounts_default(world->accounts));
        check_finds_nobody("", CONDITION_NOT_SIGNED_IN);
        check_finds_nobody("user", CONDITION_NO_SUCH_ACCOUNT);
        end();
}

static void what_is_kept_is_served(void) {
        begin();
        keyring_has((Known){ .access = "kept", .generation = 7 });
        start();
        check_int(accounts_count(world->accounts), 1);
        check_int(seen.added, 1);
        check_int(state("one"), ACCOUNT_ACTIVE);
        check(account_is_saved(account("one")));
        check_served(ask("one"), "kept", 7);
        check_int(asked(), 0);
        check_int(fake_vault_calls(FAKE_STORE), 0);
        end();
}

/* In KiB, from proc(5). */
static unsigned locked_memory(void) {
        FILE *f = fopen("/proc/self/status", "re");
        unsigned locked = 0;
        char line[256];

        check(f);
        while (fgets(line, sizeof(line), f))
                (void) sscanf(line, "VmLck: %u", &locked);
        fclose(f);
        return locked;
}

/* No more memory can be locked for them than RLIMIT_MEMLOCK, which is 8 MiB on most systems. */
static void a_thousand_accounts_are_served(void) {
        char id[16], access[16];

        begin();
        for (unsigned i = 0; i < 1000; i++) {
                (void) snprintf(id, sizeof(id), "account-%u", i);
                (void) snprintf(access, sizeof(access), "token-%u", i);
                keyring_has((Known){ .id = id, .login = id, .uid = id, .access = access });
        }
        start();
        check_int(accounts_count(world->accounts), 1000);
        for (unsigned i = 0; i < 1000; i++) {
                (void) snprintf(id, sizeof(id), "account-%u", i);
                (void) snprintf(access, sizeof(access), "token-%u", i);
                check_finds(id, id);
                check_served(ask(id), access, 1);
        }
        check_within(locked_memory(), 0, 4096); /* with what the keyring of this test holds */
        check_int(asked(), 0);
        check_int(fake_vault_calls(FAKE_STORE), 0);
        end();
}

static void a_name_is_a_label_a_login_or_an_id(void) {
        begin();
        keyring_has((Known){ .id = "one", .login = "anna", .label = "work" });
        keyring_has((Known){ .id = "two", .login = "boris", .label = "home", .uid = "2" });
        start();
        check_finds("work", "one");
        check_finds("anna", "one");
        check_finds("one", "one");
        check_finds("home", "two");
        check_finds("boris", "two");
        check_finds_nobody("Work", CONDITION_NO_SUCH_ACCOUNT);
        check_finds_nobody("wor", CONDITION_NO_SUCH_ACCOUNT);
        end();
}

static void two_of_a_name_are_told_apart_by_id(void) {
        begin();
        keyring_has((Known){ .id = "one", .login = "anna" });
        keyring_has((Known){ .id = "two", .login = "anna", .client_id = "other" });
        keyring_has((Known){ .id = "three", .login = "boris", .label = "one", .uid = "3" });
        start();
        check_finds_nobody("anna", CONDITION_AMBIGUOUS);
        check_finds("two", "two");
        check_finds("one", "one"); /* an id, though it is also a label */
        end();
}

static void a_label_that_is_also_its_login_is_one_name(void) {
        begin();
        keyring_has((Known){ .id = "one", .login = "anna", .label = "anna" });
        start();
        check_finds("anna", "one");
        end();
}

/* The user chose the label, so it comes before a login. */
static void a_label_comes_before_a_login(void) {
        begin();
        keyring_has((Known){ .id = "one", .login = "anna", .label = "work" });
        keyring_has((Known){ .id = "two", .login = "boris", .label = "anna", .uid = "2" });
        start();
        check_finds("anna", "two");
        check_finds("work", "one");
        end();
}

static void the_default_is_the_oldest_until_one_is_chosen(void) {
        begin();
        keyring_has((Known){ .id = "two", .created_at = DAWN - 10 });
        keyring_has((Known){ .id = "one", .created_at = DAWN - 20 });
        keyring_has((Known){ .id = "three", .created_at = DAWN - 5 });
        start();
        check_finds("", "one");

        check_int(accounts_set_default(world->accounts, account("three")), 0);
        run();
        check_finds("", "three");
        check(seen.keeper & KEEPER_CHANGED_DEFAULT);

        pass(1);
        check_int(accounts_set_default(world->accounts, account("two")), 0);
        run();
        check_finds("", "two");

        quit();
        start();
        check_finds("", "two");
        end();
}

static void without_the_default_the_one_chosen_before_takes_its_place(void) {
        begin();
        keyring_has((Known){ .id = "one", .created_at = DAWN - 20 });
        keyring_has((Known){ .id = "two", .default_since = DAWN });
        keyring_has((Known){ .id = "three", .default_since = DAWN + 1 });
        start();
        check_finds("", "three");
        accounts_remove(world->accounts, account("three"));
        check_finds("", "two");
        check_int(seen.removed, 1);
        accounts_remove(world->accounts, account("two"));
        check_finds("", "one");
        check(seen.keeper & KEEPER_CHANGED_DEFAULT);
        end();
}

static void a_locked_keyring_is_no_loss(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        fake_vault_set_state(VAULT_LOCKED);
        start();
        check_int(seen.loaded, 1);
        check_int(world->keyring_state, VAULT_LOCKED);
        check_int(state("one"), ACCOUNT_LOCKED);
        check_finds("one", "one");
        check_refused(ask("one"), CONDITION_KEYRING_LOCKED);
        check_refused(ask_by_force("one"), CONDITION_KEYRING_LOCKED);
        check_refused(ask_refresh("one"), CONDITION_KEYRING_LOCKED);
        check_finds_nobody("user", CONDITION_KEYRING_LOCKED); /* may be its label */
        account_report_refused(account("one"), 0);
        pass(YEAR);
        check_int(asked(), 0);
        check_int(fake_vault_prompts(), 0);
        check_int(fake_vault_calls(FAKE_STORE), 0);
        end();
}

static void unlocking_brings_the_accounts_to_life(void) {
        begin();
        keyring_has((Known){ .id = "one", .access = "kept" });
        fake_vault_set_state(VAULT_LOCKED);
        start();
        check_int(state("one"), ACCOUNT_LOCKED);

        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_int(seen.added, 1);
        check(seen.account & ACCOUNT_CHANGED_STATE);
        check(seen.account & ACCOUNT_CHANGED_LABEL);
        check(seen.account & ACCOUNT_CHANGED_GRANT);
        check(seen.keeper & KEEPER_CHANGED_KEYRING);
        check_served(ask("one"), "kept", 1);
        check_within(account_next_refresh_at(account("one")), DAWN + 75 * DAY, DAWN + 90 * DAY);
        check_int(fake_vault_calls(FAKE_STORE), 0);
        end();
}

static void a_locked_keyring_may_hide_who_is_in_it(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        fake_vault_hide_attributes(true);
        fake_vault_set_state(VAULT_LOCKED);
        start();
        check_int(accounts_count(world->accounts), 0);
        check_finds_nobody("", CONDITION_KEYRING_LOCKED);
        check_finds_nobody("user", CONDITION_KEYRING_LOCKED);

        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_finds("user", "one");
        check_int(seen.added, 1);
        end();
}

static void among_locked_accounts_no_default_is_guessed(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        keyring_has((Known){ .id = "two" });
        start();
        check_finds("", "one");
        quit();

        fake_vault_lock_item(VAULT_ACCOUNT, "two", true);
        start();
        check_int(state("two"), ACCOUNT_LOCKED);
        check_finds_nobody("", CONDITION_KEYRING_LOCKED);
        check_finds("one", "one");
        end();
}

static void without_a_keyring_nothing_is_known(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        fake_vault_set_state(VAULT_ABSENT);
        start();
        check_int(seen.loaded, 1);
        check_finds_nobody("", CONDITION_KEYRING_UNAVAILABLE);
        check_finds_nobody("user", CONDITION_KEYRING_UNAVAILABLE);

        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_finds("", "one");
        check_int(seen.loaded, 1);
        end();
}

static void a_keyring_that_fails_is_asked_again(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        fake_vault_fail(FAKE_FIND, CONDITION_KEYRING_FAILED, 3);
        start();
        check_int(seen.loaded, 1);
        check_finds_nobody("", CONDITION_KEYRING_FAILED);
        pass(4 * MINUTE);
        check_finds("", "one");
        check_int(seen.loaded, 1);
        end();
}

/* If no account is found, the reason must be known. */
static void it_is_loaded_once_the_state_is_known_too(void) {
        begin();
        keyring_has((Known){});
        fake_vault_be_slow();
        start();
        check_int(seen.loaded, 0);
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_int(seen.loaded, 1);
        check_int(world->keyring_state, VAULT_UNLOCKED);
        check_served(ask("one"), "a-1", 1);
        end();
}

static void that_there_is_none_is_known_too(void) {
        begin();
        fake_vault_be_slow();
        start();
        check_int(seen.loaded, 0);
        fake_vault_set_state(VAULT_ABSENT);
        run();
        check_int(seen.loaded, 1);
        check_finds_nobody("", CONDITION_KEYRING_UNAVAILABLE);
        end();
}

static void a_keyring_that_says_nothing_is_not_waited_for(void) {
        begin();
        keyring_has((Known){});
        fake_vault_be_slow();
        start();
        pass(5);
        check_int(seen.loaded, 1);
        check_finds_nobody("", CONDITION_KEYRING_FAILED);
        fake_vault_set_state(VAULT_ABSENT); /* it does not answer */
        run();
        check_finds_nobody("", CONDITION_KEYRING_UNAVAILABLE);
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_int(seen.loaded, 1);
        check_served(ask("one"), "a-1", 1);
        end();
}

static void a_keyring_that_goes_takes_nothing_with_it(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        start();
        fake_vault_set_state(VAULT_ABSENT);
        run();
        check_served(ask("one"), "a-1", 1);
        fake_vault_set_state(VAULT_LOCKED);
        run();
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_served(ask("one"), "a-1", 1);
        end();
}

static void of_two_items_the_newer_grant_counts(void) {
        for (int swapped = 0; swapped < 2; swapped++) {
                begin();
                if (swapped)
                        keyring_has((Known){ .access = "new", .generation = 9 });
                keyring_has((Known){ .access = "old", .generation = 8 });
                if (!swapped)
                        keyring_has((Known){ .access = "new", .generation = 9 });
                start();
                check_int(accounts_count(world->accounts), 1);
                check_served(ask("one"), "new", 9);
                end();
        }
}

static void a_record_that_cannot_be_read_is_left_alone(void) {
        static const char *const unreadable[] = {
                "{\"version\": 2, \"id\": \"one\", \"from\": \"the future\"}",
                "{\"version\": 1}",
                "not JSON at all",
                "",
        };
        VaultKey key = { VAULT_ACCOUNT, "one", "app" };
        int why;

        for (size_t i = 0; i < ELEMENTSOF(unreadable); i++) {
                _cleanup_(secret_unrefp) Secret *text = secret(unreadable[i]);

                begin();
                fake_vault_add(&key, text);
                keyring_has((Known){ .id = "two" });
                start();
                check_int(accounts_count(world->accounts), 2);
                check_served(ask("two"), "a-1", 1);
                /* The account is shown, and says why it has no token. */
                check_int(state("one"), ACCOUNT_LOCKED);
                why = i == 0 ? CONDITION_RECORD_NEWER : CONDITION_RECORD_UNREADABLE;
                check_int(account_last_error(account("one")), why);
                check_refused(ask("one"), why);
                check_refused(ask_refresh("one"), why);
                pass(10 * DAY);
                check_str(fake_vault_document(VAULT_ACCOUNT, "one"), unreadable[i]);
                check_int(fake_vault_calls(FAKE_ERASE), 0);
                end();
        }
}

static void an_application_that_cannot_be_read_is_left_alone(void) {
        _cleanup_(secret_unrefp) Secret *text = secret("{\"version\": 99}");
        VaultKey key = { VAULT_APPLICATION, "future", "future" };

        begin();
        fake_vault_add(&key, text);
        keyring_has_application("app", "app-secret");
        keyring_has((Known){ .id = "one" });
        start();
        check(!applications_find(world->applications, "future"));
        check_int(applications_missing(world->applications, "future"), CONDITION_RECORD_NEWER);
        check(applications_find(world->applications, "app"));
        check_str(fake_vault_document(VAULT_APPLICATION, "future"), "{\"version\": 99}");
        end();
}

static void an_old_verdict_still_stands(void) {
        begin();
        keyring_has((Known){ .verdict = RECORD_REFUSED });
        start();
        check_int(state("one"), ACCOUNT_SIGN_IN_NEEDED);
        check_int(account_last_error(account("one")), CONDITION_SIGN_IN_NEEDED);
        check_refused(ask("one"), CONDITION_SIGN_IN_NEEDED);
        pass(2 * YEAR);
        check_int(asked(), 0);
        end();
}

static void a_life_that_ended_meanwhile_is_renewed_at_once(void) {
        begin();
        keyring_has((Known){ .obtained_at = DAWN - 2 * YEAR });
        start();
        check_int(state("one"), ACCOUNT_EXPIRED);
        check_int(asked(), 1);
        yandex_gives("a-2", "r-2", YEAR);
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_served(ask("one"), "a-2", 2);
        end();
}

static void a_record_that_can_be_read_again_is_used(void) {
        _cleanup_(secret_unrefp) Secret *bad = secret("bad"), *good = document((Known){});
        VaultKey key = { VAULT_ACCOUNT, "one", "app" };

        begin();
        fake_vault_add(&key, bad);
        start();
        check_refused(ask("one"), CONDITION_RECORD_UNREADABLE);
        fake_vault_replace(VAULT_ACCOUNT, "one", good);
        fake_vault_set_state(VAULT_LOCKED);
        run();
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_int(state("one"), ACCOUNT_ACTIVE);
        check_int(account_last_error(account("one")), 0);
        check_served(ask("one"), "a-1", 1);
        end();
}

static void an_item_that_was_deleted_is_written_again(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        start();
        fake_vault_remove(VAULT_ACCOUNT, "one");
        fake_vault_set_state(VAULT_LOCKED); /* which may hide it */
        run();
        check_int(fake_vault_calls(FAKE_STORE), 0);
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_str(kept_access_token("one"), "a-1");
        check(account_is_saved(account("one")));
        end();
}

static void a_newer_record_found_on_unlocking_is_taken_over(void) {
        _cleanup_(secret_unrefp) Secret *newer =
                document((Known){ .access = "a-9", .generation = 9, .label = "renamed" });

        begin();
        keyring_has((Known){ .id = "one" });
        start();
        fake_vault_set_state(VAULT_LOCKED);
        run();
        fake_vault_replace(VAULT_ACCOUNT, "one", newer);
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_served(ask("one"), "a-9", 9);
        check_finds("renamed", "one");
        check_int(asked(), 0);
        end();
}

TEST_MAIN(TEST(in_an_empty_keyring_nobody_is_signed_in), TEST(what_is_kept_is_served),
          TEST(a_thousand_accounts_are_served), TEST(a_name_is_a_label_a_login_or_an_id),
          TEST(two_of_a_name_are_told_apart_by_id),
          TEST(a_label_that_is_also_its_login_is_one_name), TEST(a_label_comes_before_a_login),
          TEST(the_default_is_the_oldest_until_one_is_chosen),
          TEST(without_the_default_the_one_chosen_before_takes_its_place),
          TEST(a_locked_keyring_is_no_loss), TEST(unlocking_brings_the_accounts_to_life),
          TEST(a_locked_keyring_may_hide_who_is_in_it),
          TEST(among_locked_accounts_no_default_is_guessed),
          TEST(without_a_keyring_nothing_is_known), TEST(a_keyring_that_fails_is_asked_again),
          TEST(it_is_loaded_once_the_state_is_known_too), TEST(that_there_is_none_is_known_too),
          TEST(a_keyring_that_says_nothing_is_not_waited_for),
          TEST(a_keyring_that_goes_takes_nothing_with_it),
          TEST(of_two_items_the_newer_grant_counts),
          TEST(a_record_that_cannot_be_read_is_left_alone),
          TEST(an_application_that_cannot_be_read_is_left_alone), TEST(an_old_verdict_still_stands),
          TEST(a_life_that_ended_meanwhile_is_renewed_at_once),
          TEST(a_record_that_can_be_read_again_is_used),
          TEST(an_item_that_was_deleted_is_written_again),
          TEST(a_newer_record_found_on_unlocking_is_taken_over))
