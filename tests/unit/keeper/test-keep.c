/* SPDX-License-Identifier: MIT */

/* What Yandex gives must be kept, so a refresh waits for a keyring that cannot keep it, or that
 * lost an item. */

#include "keeper-rig.h"

static void begin_with_one(void) {
        begin();
        keyring_has((Known){ .id = "one" });
        start();
}

/* The day to renew a year's grant, and the last tenth of its life. */
#define RENEWAL   (90 * DAY)
#define LAST_CALL (YEAR - 30 * DAY)

static void a_locked_keyring_is_waited_for(void) {
        begin_with_one();
        fake_vault_set_state(VAULT_LOCKED);
        pass(RENEWAL);
        check_int(asked(), 0);
        check_int(account_last_error(account("one")), CONDITION_KEYRING_LOCKED);
        check_served(ask("one"), "a-1", 1);
        pass(100 * DAY);
        check_int(asked(), 0);

        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_int(asked(), 1);
        yandex_gives("a-2", "r-2", YEAR);
        check_str(kept_access_token("one"), "a-2");
        check_int(account_last_error(account("one")), 0);
        pass(DAY);
        check_int(asked(), 1);
        end();
}

/* The application is not known, and cannot be read. */
static void what_cannot_be_begun_is_tried_with_pauses(void) {
        begin();
        keyring_has((Known){ .id = "one", .client_id = "other" });
        start();
        fake_vault_set_state(VAULT_LOCKED);
        pass(RENEWAL);
        check_int(account_last_error(account("one")), CONDITION_KEYRING_LOCKED);
        pass(LAST_CALL - RENEWAL);
        check(account_next_refresh_at(account("one")) > clock_now());
        pass(HOUR);
        check(account_next_refresh_at(account("one")) > clock_now());
        check_int(asked(), 0);
        end();
}

/* No signal tells that the keyring was unlocked, so it is looked at once a minute. */
static void it_is_looked_at_while_something_is_due(void) {
        unsigned before;

        begin_with_one();
        fake_vault_set_state(VAULT_LOCKED);
        run();
        before = fake_vault_calls(FAKE_UNLOCK);
        pass(DAY);
        check_int(fake_vault_calls(FAKE_UNLOCK), before); /* nothing is due */

        pass(RENEWAL);
        before = fake_vault_calls(FAKE_UNLOCK);
        pass(10 * MINUTE);
        check_int(fake_vault_calls(FAKE_UNLOCK), before + 10);
        check_int(fake_vault_prompts(), 0);

        fake_vault_set_state_silently(VAULT_UNLOCKED);
        pass(MINUTE);
        check_int(asked(), 1);
        yandex_gives("a-2", "r-2", YEAR);
        before = fake_vault_calls(FAKE_UNLOCK);
        pass(DAY);
        check_int(fake_vault_calls(FAKE_UNLOCK), before);
        end();
}

/* Of an account that was locked from the start it is not known what is due. */
static void it_is_looked_at_while_an_account_is_not_known(void) {
        for (int hidden = 0; hidden < 2; hidden++) {
                begin();
                keyring_has((Known){ .id = "one" });
                fake_vault_hide_attributes(hidden);
                fake_vault_set_state(VAULT_LOCKED);
                start();
                fake_vault_set_state_silently(VAULT_UNLOCKED);
                pass(MINUTE);
                check_served(ask("one"), "a-1", 1);
                end();
        }
}

static void one_without_accounts_is_left_alone(void) {
        unsigned before;

        begin();
        fake_vault_set_state(VAULT_LOCKED);
        start();
        before = fake_vault_calls(FAKE_UNLOCK) + fake_vault_calls(FAKE_FIND);
        pass(DAY);
        check_int(fake_vault_calls(FAKE_UNLOCK) + fake_vault_calls(FAKE_FIND), before);
        end();
}

static void nobody_gets_what_cannot_be_kept(void) {
        static const struct {
                VaultState state;
                int condition;
        } table[] = {
                { VAULT_LOCKED, CONDITION_KEYRING_LOCKED },
                { VAULT_ITEMS_LOCKED, CONDITION_KEYRING_ITEMS_LOCKED },
                { VAULT_MISSING, CONDITION_KEYRING_MISSING },
                { VAULT_ABSENT, CONDITION_KEYRING_UNAVAILABLE },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                begin_with_one();
                pass(HOUR);
                fake_vault_set_state(table[i].state);
                run();
                check_refused(ask_refresh("one"), table[i].condition);
                check_refused(ask_by_force("one"), table[i].condition);
                check_served(ask("one"), "a-1", 1);
                check_int(asked(), 0);

                fake_vault_set_state(VAULT_UNLOCKED);
                run();
                ask_refresh("one");
                check_int(asked(), 1);
                end();
        }
}

/* The keyring is locked, but no signal has told so. */
static void it_is_looked_at_before_yandex_is_asked(void) {
        Asker *asker;

        begin_with_one();
        fake_vault_set_state_silently(VAULT_LOCKED);
        asker = ask_by_force("one");
        check_refused(asker, CONDITION_KEYRING_LOCKED);
        check_int(asked(), 0);
        check_int(account_last_error(account("one")), CONDITION_KEYRING_LOCKED);
        end();
}

static void one_that_does_not_answer_is_tried_again(void) {
        begin_with_one();
        fake_vault_fail(FAKE_UNLOCK, CONDITION_KEYRING_FAILED, 2);
        check_refused(ask_by_force("one"), CONDITION_KEYRING_FAILED);
        check_int(asked(), 0);
        pass(5 * MINUTE);
        check_int(asked(), 1);
        end();
}

static void a_renewal_beats_a_death(void) {
        begin_with_one();
        fake_vault_set_state(VAULT_LOCKED);
        pass(LAST_CALL - 1);
        check_int(asked(), 0);
        pass(2);
        check_int(asked(), 1);
        yandex_gives("a-2", "r-2", YEAR);
        check(!account_is_saved(account("one")));
        check_int(fake_fdstore_count(), 1);
        check_served(ask("one"), "a-2", 2);
        check(fake_notifier_shows("unsaved-one"));

        fake_vault_set_state_silently(VAULT_UNLOCKED);
        pass(MINUTE);
        check(account_is_saved(account("one")));
        check_str(kept_refresh_token("one"), "r-2");
        check_int(asked(), 1);
        end();
}

/* The backoff must not outlast the grant. */
static void an_hours_grant_does_not_die_of_it(void) {
        begin();
        keyring_has((Known){ .id = "one", .life = HOUR });
        start();
        fake_vault_set_state(VAULT_LOCKED);
        pass(54 * MINUTE - 1);
        check_int(asked(), 0);
        pass(MINUTE);
        check_int(asked(), 1);
        end();
}

static void without_an_end_there_is_no_last_call(void) {
        begin();
        keyring_has((Known){ .id = "one", .life = -1 });
        start();
        fake_vault_set_state(VAULT_LOCKED);
        pass(400 * DAY);
        check_int(asked(), 0);
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_int(asked(), 1);
        end();
}

/* A stop gives up a refresh that was not begun, and tries once more to save. */
static void a_stop_asks_nothing_more(void) {
        Asker *asker;

        begin_with_one();
        fake_vault_hold(FAKE_UNLOCK);
        asker = ask_by_force("one");
        check_waits(asker);
        stop();
        check_refused(asker, CONDITION_CANCELLED);
        check_int(seen.stopped, 1);
        check_int(asked(), 0);
        end();
}

static void a_stop_saves_what_waits(void) {
        begin_with_one();
        ask_by_force("one");
        fake_vault_fail(FAKE_STORE, CONDITION_KEYRING_FAILED, FOR_EVER);
        yandex_gives("a-2", "r-2", YEAR);
        pass(10 * DAY);
        check_str(kept_access_token("one"), "a-1");

        fake_vault_fail(FAKE_STORE, 0, 0);
        stop();
        check_int(seen.stopped, 1);
        check_str(kept_access_token("one"), "a-2");
        end();
}

static void a_stop_waits_no_longer_than_it_takes(void) {
        begin_with_one();
        ask_by_force("one");
        fake_vault_fail(FAKE_STORE, CONDITION_KEYRING_LOCKED, FOR_EVER);
        yandex_gives("a-2", "r-2", YEAR);
        stop();
        check_int(seen.stopped, 1);
        check_int(fake_fdstore_count(), 1);
        end();
}

/* Another keyring has taken the place of the former one. */
static void the_application_is_written_again(void) {
        begin_with_one();
        fake_vault_remove(VAULT_APPLICATION, "app");
        fake_vault_remove(VAULT_ACCOUNT, "one");
        fake_vault_set_state(VAULT_LOCKED);
        run();
        fake_vault_set_state(VAULT_UNLOCKED);
        run();
        check_int(fake_vault_count_items(VAULT_ACCOUNT, "one"), 1);
        check_int(fake_vault_count_items(VAULT_APPLICATION, "app"), 1);
        check_int(fake_fdstore_count(), 0);
        end();
}

static void what_was_deleted_is_missed(void) {
        begin_with_one();
        fake_vault_remove(VAULT_APPLICATION, "app");
        fake_vault_tell_of_deletion();
        fake_vault_tell_of_deletion();
        pass(1);
        check_int(fake_vault_count_items(VAULT_APPLICATION, "app"), 1);
        check_int(fake_vault_count_items(VAULT_ACCOUNT, "one"), 1);
        end();
}

/* The account needs a client secret, so no request is sent without it. */
static void a_missing_secret_is_not_made_up(void) {
        _cleanup_(secret_unrefp) Secret *new_secret = secret("found again");
        Asker *asker;

        begin_with_one();
        asker = ask_by_force("one");
        yandex_gives("a-2", "r-2", YEAR);
        check_served(asker, "a-2", 2);
        quit();
        fake_vault_remove(VAULT_APPLICATION, "app");
        keyring_has_application("another", "secret");
        start();
        pass(HOUR);
        check_refused(ask_by_force("one"), CONDITION_CLIENT_SECRET_MISSING);
        check_served(ask("one"), "a-2", 2);
        check_int(account_last_error(account("one")), CONDITION_CLIENT_SECRET_MISSING);
        check(fake_notifier_shows("secret-one"));
        check_int(state("one"), ACCOUNT_ACTIVE);
        pass(200 * DAY);
        check_int(asked(), 1);

        /* The secret comes back, and is used at once. */
        check_int(applications_put(world->applications, "app", new_secret, true), 0);
        accounts_retry_refused(world->accounts, "app");
        run();
        check_int(asked(), 2);
        check_str(fake_http_field("client_secret"), "found again");
        yandex_gives("a-3", "r-3", YEAR);
        check_int(account_last_error(account("one")), 0);
        check_int(fake_notifier_count(), 0);
        end();
}

TEST_MAIN(TEST(a_locked_keyring_is_waited_for), TEST(what_cannot_be_begun_is_tried_with_pauses),
          TEST(it_is_looked_at_while_something_is_due),
          TEST(it_is_looked_at_while_an_account_is_not_known),
          TEST(one_without_accounts_is_left_alone), TEST(nobody_gets_what_cannot_be_kept),
          TEST(it_is_looked_at_before_yandex_is_asked),
          TEST(one_that_does_not_answer_is_tried_again), TEST(a_renewal_beats_a_death),
          TEST(an_hours_grant_does_not_die_of_it), TEST(without_an_end_there_is_no_last_call),
          TEST(a_stop_asks_nothing_more), TEST(a_stop_saves_what_waits),
          TEST(a_stop_waits_no_longer_than_it_takes), TEST(the_application_is_written_again),
          TEST(what_was_deleted_is_missed), TEST(a_missing_secret_is_not_made_up))
