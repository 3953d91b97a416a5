/* SPDX-License-Identifier: MIT */

/* When the user is asked, and what errors mean, with a service that does as it is told. */

#include "common/condition.h"
#include "fake-service.h"
#include "keyring/vault-private.h"
#include "rig.h"

static void begin(FakeService f) {
        fake = f;
        start_fake_service(rig_bus());
        begin_vault();
        CHECK(fake.prompts == 0 && fake.collections_created == 0);
}

static void begin_locked(FakeService f) {
        f.has_collection = f.locked = true;
        begin(f);
        CHECK(vault_was(VAULT_LOCKED));
}

static void begin_open(FakeService f) {
        f.has_collection = true;
        begin(f);
        CHECK(vault_was(VAULT_UNLOCKED));
}

static void test_unlock(void) {
        begin_locked((FakeService){});
        CHECK(unlock_now(VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(unlock_now(VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(fake.unlocks == 1); /* it was tried without a prompt, once */
        CHECK(fake.prompts == 0);
        CHECK(unlock_now(VAULT_MAY_PROMPT) == 0);
        CHECK(fake.prompts == 1);
        await_state(VAULT_UNLOCKED);
        CHECK(unlock_now(VAULT_NO_PROMPT) == 0);
        CHECK(fake.dismissals == 0);
}

/* A keyring with a blank password, which sends no signal when it opens. */
static void test_unlocked_unasked(void) {
        begin((FakeService){ .has_collection = true, .locked = true, .opens_unasked = true });
        CHECK(vault_was(VAULT_UNLOCKED));

        fake.locked = true;
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == 0);
        fake.locked = true;
        CHECK(store_now(&ANNA, "two", VAULT_NO_PROMPT) == 0);
        CHECK(streq(fake.document, "two"));
        CHECK(fake.items_created == 1);
        fake.locked = true;
        CHECK(unlock_now(VAULT_NO_PROMPT) == 0);
        fake.locked = true;
        CHECK(erase_now(&ANNA, VAULT_NO_PROMPT) == 0);
        CHECK(fake.prompts == 0);
}

/* The keyring was opened without a signal; a look finds out. */
static void test_unlocked_unheard(void) {
        begin_locked((FakeService){ .has_item = true });
        fake.locked = false;
        CHECK(vault_was(VAULT_LOCKED));
        CHECK(unlock_now(VAULT_NO_PROMPT) == 0);
        CHECK(vault_was(VAULT_UNLOCKED));
}

/* KeePassXC shows its items to a program only when the user allows it. */
static void test_items_locked(void) {
        begin((FakeService){ .has_collection = true, .has_item = true, .item_locked = true });
        CHECK(vault_was(VAULT_ITEMS_LOCKED));
        CHECK(find_now(NULL) == 0);
        CHECK(found_of(&ANNA)->locked);
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(store_now(&BORIS, "one", VAULT_NO_PROMPT) != 0);
        CHECK(fake.items_created == 0);
        CHECK(erase_now(&ANNA, VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(unlock_now(VAULT_NO_PROMPT) == CONDITION_KEYRING_ITEMS_LOCKED);
        CHECK(fake.unlocks == 0);

        fake.refuses = true;
        CHECK(unlock_now(VAULT_MAY_PROMPT) == CONDITION_KEYRING_ITEMS_LOCKED);
        CHECK(fake.prompts == 1);
        fake.refuses = false;
        CHECK(unlock_now(VAULT_MAY_PROMPT) == 0);
        CHECK(fake.prompts == 2);
        CHECK(vault_was(VAULT_UNLOCKED));
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == 0);
}

/* First the collection, then its items. */
static void test_both_locked(void) {
        begin_locked((FakeService){ .has_item = true, .item_locked = true });
        CHECK(unlock_now(VAULT_MAY_PROMPT) == 0);
        CHECK(fake.prompts == 2);
        CHECK(!fake.locked && !fake.item_locked);
}

/* KeePassXC shows its window if it is searched while its database is locked. */
static void test_no_window(void) {
        begin_locked((FakeService){ .has_item = true });
        CHECK(find_now(NULL) == 0);
        CHECK(find_now(&ANNA) == 0);
        CHECK(unlock_now(VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(erase_now(&ANNA, VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(fake.windows == 0);
}

/* What cannot be searched is not empty. */
static void test_not_to_be_searched(void) {
        begin_open((FakeService){ .has_item = true, .cannot_search = true });
        CHECK(find_now(NULL) == CONDITION_KEYRING_FAILED);
        CHECK(store_now(&BORIS, "new", VAULT_NO_PROMPT) == CONDITION_KEYRING_FAILED);
        CHECK(fake.items_created == 0);
}

/* A service that falls silent is not taken for one that is not there, and it is heard again. */
static void test_nonsense_in_the_middle(void) {
        begin_open((FakeService){});
        call_set_deadlines_ms(200, 200);
        fake.answers_nonsense = true;
        CHECK(unlock_now(VAULT_NO_PROMPT) == CONDITION_KEYRING_FAILED);
        CHECK(vault_was(VAULT_SILENT));
        fake.answers_nonsense = false;
        await_state(VAULT_UNLOCKED);
}

/* Some services keep what was deleted. */
static void test_overwritten(void) {
        begin_open((FakeService){ .has_item = true, .document = "secret" });
        CHECK(erase_now(&ANNA, VAULT_NO_PROMPT) == 0);
        CHECK(!fake.has_item);
        CHECK(streq(fake.overwritten_with, "{}"));
}

static void test_unlock_refused(void) {
        begin_locked((FakeService){ .refuses = true });
        CHECK(unlock_now(VAULT_MAY_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(fake.prompts == 1);
}

/* Asking once is enough, even if the answer changes nothing. */
static void test_unlock_lied(void) {
        begin_locked((FakeService){ .lies = true, .has_item = true });
        CHECK(unlock_now(VAULT_MAY_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(store_now(&ANNA, "two", VAULT_MAY_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(erase_now(&ANNA, VAULT_MAY_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(fake.prompts == 3);
        CHECK(fake.has_item);
}

static void test_signal_before_answer(void) {
        begin_locked((FakeService){ .signals_early = true });
        CHECK(store_now(&ANNA, "one", VAULT_MAY_PROMPT) == 0);
        CHECK(fake.prompts == 1);
        CHECK(streq(fake.document, "one"));
}

static void test_no_collection(void) {
        begin((FakeService){});
        CHECK(vault_was(VAULT_MISSING));
        CHECK(erase_now(&ANNA, VAULT_MAY_PROMPT) == 0);
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == CONDITION_KEYRING_MISSING);
        CHECK(unlock_now(VAULT_NO_PROMPT) == CONDITION_KEYRING_MISSING);
        CHECK(fake.collections_created == 0);

        CHECK(store_now(&ANNA, "one", VAULT_MAY_PROMPT) == 0);
        CHECK(fake.collections_created == 1);
        CHECK(fake.prompts == 1);
        CHECK(fake.has_item);
        await_state(VAULT_UNLOCKED);
}

/* KeePassXC answers every creation and deletion with a prompt, and shows nothing. */
static void test_create_prompts(void) {
        begin_open((FakeService){ .prompts_on_item = true });
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == 0);
        CHECK(fake.prompts == 1);
        CHECK(fake.dismissals == 0);
        CHECK(streq(fake.document, "one"));
}

static void test_create_refused(void) {
        begin_open((FakeService){ .prompts_on_item = true, .refuses = true });
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == CONDITION_KEYRING_DISMISSED);
        CHECK(!fake.has_item);
}

static void test_erase_prompts(void) {
        begin_open((FakeService){ .has_item = true, .prompts_on_item = true });
        CHECK(erase_now(&ANNA, VAULT_NO_PROMPT) == 0);
        CHECK(fake.prompts == 1);
        CHECK(!fake.has_item);
}

/* What is hidden is replaced, not doubled, and is not taken for erased. */
static void test_hidden(void) {
        begin_locked((FakeService){ .has_item = true, .hides = true });
        CHECK(find_now(NULL) == 0);
        CHECK(found_count() == 0);
        CHECK(erase_now(&ANNA, VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(fake.unlocks == 1);
        CHECK(store_now(&ANNA, "new", VAULT_MAY_PROMPT) == 0);
        CHECK(fake.items_created == 0);
        CHECK(streq(fake.document, "new"));

        fake.locked = true;
        CHECK(erase_now(&ANNA, VAULT_MAY_PROMPT) == 0);
        CHECK(!fake.has_item);
        CHECK(fake.prompts == 2);
}

static void test_ghost(void) {
        begin_open((FakeService){ .has_item = true, .lists_ghosts = true, .document = "one" });
        CHECK(find_now(&ANNA) == 0);
        CHECK(found_count() == 1);
        CHECK(found_document(&ANNA, "one"));
        CHECK(store_now(&ANNA, "two", VAULT_NO_PROMPT) == 0);
        CHECK(streq(fake.document, "two"));
        CHECK(erase_now(&ANNA, VAULT_NO_PROMPT) == 0);
        CHECK(!fake.has_item);
}

static int store_with_error(const char *error) {
        fake.error = error;
        return store_now(&ANNA, "two", VAULT_NO_PROMPT);
}

static void test_errors(void) {
        begin_open((FakeService){ .has_item = true });
        CHECK(store_with_error("org.freedesktop.Secret.Error.IsLocked") ==
              CONDITION_KEYRING_LOCKED);
        CHECK(store_with_error("org.freedesktop.DBus.Error.Failed") == CONDITION_KEYRING_FAILED);
        CHECK(store_with_error("org.freedesktop.DBus.Error.AccessDenied") ==
              CONDITION_KEYRING_FAILED);
        CHECK(store_with_error("org.example.Unheard") == CONDITION_KEYRING_FAILED);
        CHECK(store_with_error("org.freedesktop.Secret.Error.NoSuchObject") ==
              CONDITION_KEYRING_FAILED);

        /* A lost session is opened anew, once. */
        fake.sessions = 0;
        CHECK(store_with_error("org.freedesktop.Secret.Error.NoSession") ==
              CONDITION_KEYRING_FAILED);
        CHECK(fake.sessions == 1);
        CHECK(store_with_error(NULL) == 0);

        fake.answers_nonsense = true;
        CHECK(unlock_now(VAULT_MAY_PROMPT) == CONDITION_KEYRING_FAILED);
        CHECK(vault_was(VAULT_SILENT));
}

static void test_nonsense_at_start(void) {
        begin((FakeService){ .answers_nonsense = true });
        CHECK(vault_was(VAULT_SILENT));
}

/* A service that says nothing of its changes: they are learnt from what it answers. */
static void test_unannounced(void) {
        begin_open((FakeService){});
        fake.locked = true;
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        await_state(VAULT_LOCKED);
        fake.locked = false;
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == 0);
        await_state(VAULT_UNLOCKED);
        CHECK(states_reported() == 3);
}

/* The state is reported before the end of the call that found it. */
static void test_drop_in_state(void) {
        begin_open((FakeService){});
        fake.locked = true;
        begin_call(UNLOCK, VAULT_NO_PROMPT);
        drop_call_at_next_state();
        await_state(VAULT_LOCKED);
        settle();
        CHECK(!call_has_ended());
}

static const Case cases[] = {
        { "unlock", test_unlock },
        { "unlock-refused", test_unlock_refused },
        { "unlock-lied", test_unlock_lied },
        { "signal-before-answer", test_signal_before_answer },
        { "no-collection", test_no_collection },
        { "unlocked-unasked", test_unlocked_unasked },
        { "unlocked-unheard", test_unlocked_unheard },
        { "items-locked", test_items_locked },
        { "both-locked", test_both_locked },
        { "no-window", test_no_window },
        { "overwritten", test_overwritten },
        { "not-to-be-searched", test_not_to_be_searched },
        { "nonsense-in-the-middle", test_nonsense_in_the_middle },
        { "create-prompts", test_create_prompts },
        { "create-refused", test_create_refused },
        { "erase-prompts", test_erase_prompts },
        { "hidden", test_hidden },
        { "ghost", test_ghost },
        { "errors", test_errors },
        { "unannounced", test_unannounced },
        { "nonsense-at-start", test_nonsense_at_start },
        { "drop-in-state", test_drop_in_state },
};

int main(int argc, char *argv[]) {
        return run_case(argc, argv, cases, ELEMENTSOF(cases));
}
