/* SPDX-License-Identifier: MIT */

/* A gnome-keyring that is locked: what still works, what is reported, and when the user is
 * asked. */

#include "common/condition.h"
#include "keyring/vault-private.h"
#include "rig.h"

/* Longer than any of these cases should take; a prompt has a moment. */
#define PLAIN_MS  10000
#define PROMPT_MS 500

static void begin_unlocked_with_anna(void) {
        start_service_unlocked();
        begin_vault();
        CHECK(vault_was(VAULT_UNLOCKED));
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == 0);
}

/* A keyring that was never unlocked since its service started. */
static void begin_locked_with_anna(void) {
        begin_unlocked_with_anna();
        end_vault();
        kill_service();
        start_service_locked();
        begin_vault();
        CHECK(vault_was(VAULT_LOCKED));
}

static void test_locked_at_start(void) {
        begin_locked_with_anna();
        CHECK(unlock_now(VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(store_now(&ANNA, "two", VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(store_now(&BORIS, "new", VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(erase_now(&ANNA, VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        /* It may be hidden. */
        CHECK(erase_now(&BORIS, VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);

        unlock_keyring();
        await_state(VAULT_UNLOCKED);
        CHECK(find_now(NULL) == 0);
        CHECK(found_count() == 1);
        CHECK(found_document(&ANNA, "one"));
        CHECK(store_now(&ANNA, "two", VAULT_NO_PROMPT) == 0);
        CHECK(prompts_begun() == 0);
}

/* gnome-keyring hides the attributes until the keyring was unlocked once, so ids are not known
 * unless they were asked for; but items can be counted by kind. */
static void test_find_locked_at_start(void) {
        begin_locked_with_anna();
        CHECK(find_now(NULL) == 0);
        CHECK(found_count() == 1);
        CHECK(found_item(0)->locked);
        CHECK(found_item(0)->kind == VAULT_ACCOUNT);
        CHECK(streq(found_item(0)->id, ""));

        CHECK(find_now(&ANNA) == 0);
        CHECK(found_count() == 1);
        CHECK(found_item(0)->locked);
        CHECK(streq(found_item(0)->id, ANNA.id));
        CHECK(find_now(&BORIS) == 0);
        CHECK(found_count() == 0);
        CHECK(find_now(&APP) == 0);
        CHECK(found_count() == 0);
        CHECK(prompts_begun() == 0);
}

static void test_locked_in_the_middle(void) {
        begin_unlocked_with_anna();
        lock_keyring();
        await_state(VAULT_LOCKED);
        CHECK(states_reported() == 2);

        CHECK(find_now(NULL) == 0);
        CHECK(found_count() == 1);
        CHECK(found_of(&ANNA)->locked);
        CHECK(store_now(&ANNA, "two", VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(erase_now(&ANNA, VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(unlock_now(VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);

        unlock_keyring();
        await_state(VAULT_UNLOCKED);
        CHECK(states_reported() == 3);
        CHECK(find_now(NULL) == 0);
        CHECK(found_document(&ANNA, "one"));
        CHECK(unlock_now(VAULT_NO_PROMPT) == 0);
        CHECK(prompts_begun() == 0);
}

/* Locked under a call's hands: the vault has not heard of it yet. */
static void test_locked_unheard(void) {
        for (unsigned turns = 0; turns < 12; turns++) {
                if (turns == 0)
                        begin_unlocked_with_anna();
                begin_call(STORE, VAULT_NO_PROMPT);
                turn_times(turns);
                lock_keyring();
                CHECK(await_call() == 0 || call_result() == CONDITION_KEYRING_LOCKED);
                await_state(VAULT_LOCKED);
                unlock_keyring();
                await_state(VAULT_UNLOCKED);
        }
        CHECK(prompts_begun() == 0);
}

static void test_many_switches(void) {
        begin_unlocked_with_anna();
        for (unsigned i = 0; i < 10; i++) {
                lock_keyring();
                await_state(VAULT_LOCKED);
                unlock_keyring();
                await_state(VAULT_UNLOCKED);
        }
        CHECK(states_reported() == 21);
        lock_keyring();
        unlock_keyring();
        lock_keyring();
        await_state(VAULT_LOCKED);
        settle();
        CHECK(vault_was(VAULT_LOCKED));
}

/* The item lies in a locked keyring that is not the default one. */
static void test_locked_elsewhere(void) {
        g_autofree char *other = NULL;

        begin_unlocked_with_anna();
        other = create_collection("other");
        add_item(OUR_SCHEMA, &BORIS, other, "boris's");
        lock_collection(other);

        CHECK(unlock_now(VAULT_NO_PROMPT) == 0);
        CHECK(store_now(&BORIS, "two", VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(erase_now(&BORIS, VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(find_now(NULL) == 0);
        CHECK(found_count() == 2);
        CHECK(found_of(&BORIS)->locked);
        settle();
        CHECK(vault_was(VAULT_UNLOCKED));

        /* With a copy that can be written, that one is; erasing is all or nothing. */
        add_item(OUR_SCHEMA, &BORIS, LOGIN_COLLECTION, "copy");
        CHECK(store_now(&BORIS, "two", VAULT_NO_PROMPT) == 0);
        CHECK(erase_now(&BORIS, VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(find_now(&BORIS) == 0);
        CHECK(found_count() == 2);
        CHECK(found_any_document("two"));
        CHECK(prompts_begun() == 0);
}

static void test_prompt_refused(void) {
        begin_locked_with_anna();
        CHECK(unlock_now(VAULT_MAY_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(prompts_begun() == 1);
        CHECK(store_now(&ANNA, "two", VAULT_MAY_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(prompts_begun() == 2);
        CHECK(store_now(&BORIS, "new", VAULT_MAY_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(prompts_begun() == 3);
        CHECK(erase_now(&ANNA, VAULT_MAY_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(prompts_begun() == 4);

        /* Reading never asks. */
        CHECK(find_now(NULL) == 0);
        CHECK(prompts_begun() == 4);
}

static void test_prompt_not_needed(void) {
        begin_unlocked_with_anna();
        CHECK(unlock_now(VAULT_MAY_PROMPT) == 0);
        CHECK(store_now(&ANNA, "two", VAULT_MAY_PROMPT) == 0);
        CHECK(store_now(&BORIS, "new", VAULT_MAY_PROMPT) == 0);
        CHECK(erase_now(&ANNA, VAULT_MAY_PROMPT) == 0);
        CHECK(prompts_begun() == 0);
}

static void check_service_is_well(void) {
        settle();
        CHECK(service_is_there());
        CHECK(unlock_now(VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        unlock_keyring();
        await_state(VAULT_UNLOCKED);
        CHECK(store_now(&ANNA, "two", VAULT_MAY_PROMPT) == 0);
        CHECK(prompts_begun() == 1);
}

/* The user does not answer. */
static void test_prompt_ignored(void) {
        begin_locked_with_anna();
        call_set_deadlines_ms(PLAIN_MS, PROMPT_MS);
        ignore_prompts();
        begin_call(UNLOCK, VAULT_MAY_PROMPT);
        await_prompts(1);
        CHECK(await_call() == CONDITION_KEYRING_FAILED);
        check_service_is_well();
}

/* Calls which do not ask go on beside a prompt. */
static void test_prompt_dropped(void) {
        begin_locked_with_anna();
        ignore_prompts();
        begin_call(STORE, VAULT_MAY_PROMPT);
        await_prompts(1);
        settle();
        drop_call();
        check_service_is_well();
}

static void test_service_dies_while_prompting(void) {
        begin_locked_with_anna();
        ignore_prompts();
        begin_call(STORE, VAULT_MAY_PROMPT);
        await_prompts(1);
        settle();
        kill_service();
        CHECK(await_call() == CONDITION_KEYRING_FAILED);
        await_state(VAULT_ABSENT);
}

static const Case cases[] = {
        { "locked-at-start", test_locked_at_start },
        { "find-locked-at-start", test_find_locked_at_start },
        { "locked-in-the-middle", test_locked_in_the_middle },
        { "locked-unheard", test_locked_unheard },
        { "many-switches", test_many_switches },
        { "locked-elsewhere", test_locked_elsewhere },
        { "prompt-refused", test_prompt_refused },
        { "prompt-not-needed", test_prompt_not_needed },
        { "prompt-ignored", test_prompt_ignored },
        { "prompt-dropped", test_prompt_dropped },
        { "service-dies-while-prompting", test_service_dies_while_prompting },
};

int main(int argc, char *argv[]) {
        return run_case(argc, argv, cases, ELEMENTSOF(cases));
}
