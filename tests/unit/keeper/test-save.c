/* SPDX-License-Identifier: MIT */

/* The order of storing: memory, descriptor store, keyring; only then are waiters answered. */

#include "keeper-rig.h"

static Asker *begin_with_one_asked_for(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        start();
        return ask_by_force("one");
}

static void a_grant_is_stored_first_then_served(void) {
        Asker *asker = begin_with_one_asked_for();

        yandex_gives("a-2", "r-2", YEAR);
        check_served(asker, "a-2", 2);
        check_str(
                journal_take(),
                "lend answer-1-1767225600-one; put account-one-2; remove answer-1-1767225600-one; "
                "stored one; remove account-one-2; served a-2");
        check_int(fake_fdstore_count(), 0);
        check_str(fake_vault_label(VAULT_ACCOUNT, "one"), "Yandex Disk access of user");
        end();
}

static void nobody_is_told_before_the_keyring_has_it(void) {
        Asker *asker = begin_with_one_asked_for(), *late;

        fake_vault_hold(FAKE_STORE);
        seen.account = 0;
        yandex_gives("a-2", "r-2", YEAR);
        late = ask("one");
        check_waits(asker);
        check_waits(late);
        check_int(account_generation(account("one")), 1);
        check_int(account_times(account("one")).obtained_at, DAWN);
        check(!(seen.account & (ACCOUNT_CHANGED_GRANT | ACCOUNT_CHANGED_SAVED)));
        check(account_is_refreshing(account("one")));
        check(account_is_busy(account("one")));
        check(fake_fdstore_document("account-one-2"));

        pass_ms(1900);
        check_waits(asker);
        fake_vault_let_go(FAKE_STORE);
        run();
        check_served(asker, "a-2", 2);
        check_served(late, "a-2", 2);
        check_int(account_generation(account("one")), 2);
        check(seen.account & ACCOUNT_CHANGED_GRANT);
        check(!account_is_busy(account("one")));
        end();
}

static void after_two_seconds_they_are_told_all_the_same(void) {
        Asker *asker = begin_with_one_asked_for();

        fake_vault_hold(FAKE_STORE);
        yandex_gives("a-2", "r-2", YEAR);
        pass_ms(1999);
        check_waits(asker);
        check(account_is_saved(account("one")));
        seen.account = 0;
        pass_ms(1);
        check_served(asker, "a-2", 2);
        check(!account_is_saved(account("one")));
        check(seen.account & ACCOUNT_CHANGED_SAVED);
        check_int(account_last_error(account("one")), CONDITION_KEYRING_FAILED);
        check(fake_notifier_shows("unsaved-one"));
        check_int(fake_fdstore_count(), 1);
        check_served(ask("one"), "a-2", 2);

        /* The write was not cancelled. */
        seen.account = 0;
        fake_vault_let_go(FAKE_STORE);
        run();
        check(account_is_saved(account("one")));
        check(seen.account & ACCOUNT_CHANGED_SAVED);
        check_int(account_last_error(account("one")), 0);
        check_str(kept_access_token("one"), "a-2");
        check_int(fake_fdstore_count(), 0);
        check_int(fake_notifier_count(), 0);
        check_int(fake_notifier_count_ever(), 1);
        check_int(fake_vault_calls(FAKE_STORE), 1);
        end();
}

static void a_write_that_fails_is_tried_until_it_succeeds(void) {
        Asker *asker = begin_with_one_asked_for();

        fake_vault_fail(FAKE_STORE, CONDITION_KEYRING_FAILED, 40);
        yandex_gives("a-2", "r-2", YEAR);
        check_served(asker, "a-2", 2); /* at once: waiting longer would change nothing */
        check(!account_is_saved(account("one")));
        check_int(account_last_error(account("one")), CONDITION_KEYRING_FAILED);
        check_str(kept_access_token("one"), "a-1");
        check_int(fake_fdstore_count(), 1);

        pass(30);
        check_within(fake_vault_calls(FAKE_STORE), 2, 4);
        pass(2 * DAY);
        check_int(fake_vault_calls(FAKE_STORE), 41);
        check(account_is_saved(account("one")));
        check_str(kept_access_token("one"), "a-2");
        check_str(kept_refresh_token("one"), "r-2");
        check_int(fake_fdstore_count(), 0);
        check_int(account_last_error(account("one")), 0);
        check_int(fake_notifier_count_ever(), 1);
        check_int(asked(), 1);
        end();
}

static void unlocking_is_the_moment_to_write(void) {
        begin_with_one_asked_for();
        fake_vault_set_state(VAULT_LOCKED);
        yandex_gives("a-2", "r-2", YEAR);
        check_int(account_last_error(account("one")), CONDITION_KEYRING_LOCKED);
        check_served(ask("one"), "a-2", 2);
        pass(DAY);
        check(!account_is_saved(account("one")));
        check_int(fake_vault_prompts(), 0);

        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check(account_is_saved(account("one")));
        check_str(kept_access_token("one"), "a-2");
        check_int(state("one"), ACCOUNT_ACTIVE);
        end();
}

static void without_a_keyring_service_it_works_on(void) {
        begin_with_one_asked_for();
        fake_vault_set_state(VAULT_ABSENT);
        yandex_gives("a-2", "r-2", YEAR);
        check_int(account_last_error(account("one")), CONDITION_KEYRING_UNAVAILABLE);
        check_served(ask("one"), "a-2", 2);
        pass(90 * DAY);
        check_int(asked(), 1); /* what is given must be kept … */
        pass(246 * DAY);
        check_asked_with("r-2"); /* … but a renewal beats a death */
        yandex_gives("a-3", "r-3", YEAR);
        check_served(ask("one"), "a-3", 3);
        /* The newer document took the place of the older one. */
        check_int(fake_fdstore_count(), 1);
        check(fake_fdstore_document("account-one-3"));

        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_str(kept_access_token("one"), "a-3");
        check_int(fake_fdstore_count(), 0);
        end();
}

static void a_keyring_that_comes_back_does_not_bring_the_old_grant(void) {
        begin_with_one_asked_for();
        fake_vault_fail(FAKE_STORE, CONDITION_KEYRING_FAILED, 1);
        yandex_gives("a-2", "r-2", YEAR);
        fake_vault_set_state(VAULT_LOCKED);
        run();
        fake_vault_set_state(VAULT_UNLOCKED); /* it is read again, and holds a-1 */
        run();
        check_served(ask("one"), "a-2", 2);
        check_str(kept_access_token("one"), "a-2");
        end();
}

static void the_newest_document_wins(void) {
        begin_with_one_asked_for();
        fake_vault_hold(FAKE_STORE);
        yandex_gives("a-2", "r-2", YEAR);
        check_int(account_set_label(account("one"), "renamed"), 0);
        check_int(fake_vault_waiting(FAKE_STORE), 1); /* the older write was given up */
        fake_vault_let_go(FAKE_STORE);
        run();
        check_str(kept_label("one"), "renamed");
        check_str(kept_access_token("one"), "a-2");
        check_int(fake_fdstore_count(), 0);
        check_str(fake_vault_label(VAULT_ACCOUNT, "one"), "Yandex Disk access of renamed");
        end();
}

static void the_item_is_one_and_holds_both_grants(void) {
        begin_with_one_asked_for();
        yandex_gives("a-2", "r-2", YEAR);
        check_int(fake_vault_count_items(VAULT_ACCOUNT, NULL), 1);
        check(strstr(fake_vault_document(VAULT_ACCOUNT, "one"), "\"r-2\""));
        check(strstr(fake_vault_document(VAULT_ACCOUNT, "one"), "\"r-1\""));
        end();
}

static void without_a_descriptor_store_it_works_as_well(void) {
        Asker *asker;

        begin();
        keyring_has((Known){ .id = "one" });
        start();
        fake_fdstore_refuse(-ENOENT);
        asker = ask_by_force("one");
        yandex_gives("a-2", "r-2", YEAR);
        check_served(asker, "a-2", 2);
        check_str(journal_take(), "remove answer-1-1767225600-one; stored one; served a-2");
        end();
}

static void what_is_not_secret_stays_out_of_the_descriptor_store(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        start();
        check_int(account_set_label(account("one"), "renamed"), 0);
        check(seen.account & ACCOUNT_CHANGED_LABEL);
        run();
        check_str(journal_take(), "stored one");
        check_str(kept_label("one"), "renamed");
        check_int(fake_vault_count_items(VAULT_ACCOUNT, NULL), 1);
        end();
}

/* The process dies after the answer of Yandex and before that of the keyring: nothing is lost. */
static void what_was_on_its_way_survives_the_process(void) {
        begin_with_one_asked_for();
        fake_vault_hold(FAKE_STORE);
        yandex_gives("a-2", "r-2", YEAR);
        quit();
        check_str(kept_access_token("one"), "a-1");
        check_int(fake_fdstore_count(), 1);

        fake_vault_let_go(FAKE_STORE);
        start();
        check_served(ask("one"), "a-2", 2);
        check_str(kept_access_token("one"), "a-2");
        check_str(kept_refresh_token("one"), "r-2");
        check_int(fake_fdstore_count(), 0);
        check_int(asked(), 1);
        end();
}

TEST_MAIN(TEST(a_grant_is_stored_first_then_served), TEST(nobody_is_told_before_the_keyring_has_it),
          TEST(after_two_seconds_they_are_told_all_the_same),
          TEST(a_write_that_fails_is_tried_until_it_succeeds),
          TEST(unlocking_is_the_moment_to_write), TEST(without_a_keyring_service_it_works_on),
          TEST(a_keyring_that_comes_back_does_not_bring_the_old_grant),
          TEST(the_newest_document_wins), TEST(the_item_is_one_and_holds_both_grants),
          TEST(without_a_descriptor_store_it_works_as_well),
          TEST(what_is_not_secret_stays_out_of_the_descriptor_store),
          TEST(what_was_on_its_way_survives_the_process))
