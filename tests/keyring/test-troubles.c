/* SPDX-License-Identifier: MIT */

/* A Secret Service that dies, comes back, hangs, or is not there; calls dropped at each moment. */

#include "common/condition.h"
#include "keyring/vault-private.h"
#include "rig.h"

#define DEADLINE_MS 300

/* "Quickly": there is nothing to wait for. */
#define QUICK_MS 5000

/* More turns of the loop than any call takes. */
#define TURNS_MAX 60

/* About as many as a vault takes to know its state. */
#define OPENING_TURNS 24

static void begin_unlocked_with_anna(void) {
        start_service_unlocked();
        begin_vault();
        CHECK(vault_was(VAULT_UNLOCKED));
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == 0);
}

static void check_unavailable(void) {
        unsigned before = milliseconds();

        for (VaultPrompt prompt = VAULT_NO_PROMPT; prompt <= VAULT_MAY_PROMPT; prompt++) {
                CHECK(unlock_now(prompt) == CONDITION_KEYRING_UNAVAILABLE);
                CHECK(store_now(&ANNA, "lost", prompt) == CONDITION_KEYRING_UNAVAILABLE);
                CHECK(erase_now(&ANNA, prompt) == CONDITION_KEYRING_UNAVAILABLE);
        }
        CHECK(find_now(NULL) == CONDITION_KEYRING_UNAVAILABLE);
        CHECK(milliseconds() - before < QUICK_MS);
}

static void test_absent(void) {
        begin_vault();
        CHECK(vault_was(VAULT_ABSENT));
        check_unavailable();
        CHECK(states_reported() == 1);

        start_service_unlocked();
        await_state(VAULT_UNLOCKED);
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == 0);
}

static void test_no_bus(void) {
        g_setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
        begin_vault();
        CHECK(vault_was(VAULT_ABSENT));
        check_unavailable();

        g_unsetenv("DBUS_SESSION_BUS_ADDRESS");
        g_unsetenv("DISPLAY");
        check_unavailable();
}

static void test_activation(void) {
        begin_vault();
        CHECK(vault_was(VAULT_MISSING)); /* there is no keyring yet to store in */
        CHECK(service_is_there());
        CHECK(find_now(NULL) == 0);
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == CONDITION_KEYRING_MISSING);
        CHECK(prompts_begun() == 0);

        /* The user is asked to create one if that is allowed. */
        CHECK(store_now(&ANNA, "one", VAULT_MAY_PROMPT) == CONDITION_KEYRING_MISSING);
        CHECK(prompts_begun() == 1);

        /* A call that needs it starts it again. */
        kill_service();
        await_state(VAULT_ABSENT);
        CHECK(find_now(NULL) == 0);
        CHECK(service_is_there());
        await_state(VAULT_MISSING);
}

static void test_restart(void) {
        begin_unlocked_with_anna();
        kill_service();
        await_state(VAULT_ABSENT);
        check_unavailable();

        start_service_unlocked();
        await_state(VAULT_UNLOCKED);
        CHECK(find_now(NULL) == 0);
        CHECK(found_document(&ANNA, "one"));
        CHECK(store_now(&ANNA, "two", VAULT_NO_PROMPT) == 0);

        kill_service();
        start_service_locked();
        await_state(VAULT_LOCKED);
        unlock_keyring();
        await_state(VAULT_UNLOCKED);
        CHECK(find_now(NULL) == 0);
        CHECK(found_document(&ANNA, "two"));
}

/* The call starts with a session of a service that has gone, which the vault does not know yet. */
static void test_restart_unheard(void) {
        begin_unlocked_with_anna();
        kill_service();
        start_service_unlocked();
        CHECK(store_now(&ANNA, "two", VAULT_NO_PROMPT) == 0);
        CHECK(find_now(&ANNA) == 0);
        CHECK(found_document(&ANNA, "two"));
}

static void test_dies_during_call(void) {
        begin_unlocked_with_anna();
        freeze_service();
        begin_call(STORE, VAULT_NO_PROMPT);
        settle();
        CHECK(!call_has_ended());
        kill_service();
        CHECK(await_call() == CONDITION_KEYRING_UNAVAILABLE);
        await_state(VAULT_ABSENT);
}

/* The bus starts another one, and the call begins again with that. */
static void test_dies_during_call_activated(void) {
        begin_vault();
        CHECK(vault_was(VAULT_MISSING));
        freeze_service();
        begin_call(FIND, VAULT_NO_PROMPT);
        settle();
        kill_service_at_once();
        CHECK(await_call() == 0);
        CHECK(service_is_there());
        await_state(VAULT_MISSING);
}

static void test_hangs(void) {
        begin_unlocked_with_anna();
        call_set_deadlines_ms(DEADLINE_MS, DEADLINE_MS);
        freeze_service();

        for (Verb verb = 0; verb < _VERB_MAX; verb++)
                for (VaultPrompt prompt = VAULT_NO_PROMPT; prompt <= VAULT_MAY_PROMPT; prompt++) {
                        unsigned before = milliseconds();

                        begin_call(verb, prompt);
                        CHECK(await_call() == CONDITION_KEYRING_FAILED);
                        CHECK(milliseconds() - before >= DEADLINE_MS - 1);
                        CHECK(milliseconds() - before < DEADLINE_MS + QUICK_MS);
                }
        CHECK(vault_was(VAULT_SILENT));

        thaw_service();
        call_set_deadlines_ms(QUICK_MS, QUICK_MS);
        await_state(VAULT_UNLOCKED);
        CHECK(store_now(&ANNA, "two", VAULT_NO_PROMPT) == 0);
        CHECK(find_now(&ANNA) == 0);
        CHECK(found_document(&ANNA, "two"));
        CHECK(states_reported() == 3);
}

static void test_hangs_at_start(void) {
        start_service_unlocked();
        freeze_service();
        call_set_deadlines_ms(DEADLINE_MS, DEADLINE_MS);
        begin_vault();
        CHECK(vault_was(VAULT_SILENT));
        CHECK(find_now(NULL) == CONDITION_KEYRING_FAILED);

        thaw_service();
        await_state(VAULT_UNLOCKED);
        CHECK(states_reported() == 2);
}

/* Other calls go on while one hangs in a service that has hung before. */
static void test_hang_dropped(void) {
        begin_unlocked_with_anna();
        freeze_service();
        for (Verb verb = 0; verb < _VERB_MAX; verb++) {
                begin_call(verb, VAULT_MAY_PROMPT);
                turn();
                drop_call();
        }
        thaw_service();
        settle();
        CHECK(!call_has_ended());
        CHECK(find_now(NULL) == 0);
}

/* Drops the call after each number of turns that it can take; returns when it ended before. */
static void drop_at_each_moment(Verb verb, VaultPrompt prompt, void (*then)(void)) {
        for (unsigned turns = 0;; turns++) {
                CHECK(turns < TURNS_MAX);
                begin_call(verb, prompt);
                turn_times(turns);
                if (call_has_ended())
                        return;
                drop_call();
                then();
                CHECK(!call_has_ended());
        }
}

static void test_drop_at_each_moment(void) {
        begin_unlocked_with_anna();
        for (Verb verb = 0; verb < _VERB_MAX; verb++)
                drop_at_each_moment(verb, VAULT_NO_PROMPT, settle);
        CHECK(store_now(&ANNA, "two", VAULT_NO_PROMPT) == 0);
        CHECK(find_now(&ANNA) == 0);
        CHECK(found_count() == 1);
        CHECK(found_document(&ANNA, "two"));
}

static void free_and_begin_anew(void) {
        end_vault();
        settle();
        begin_vault_silently();
}

/* A vault that was just made: the calls open the service themselves. */
static void test_free_at_each_moment(void) {
        begin_unlocked_with_anna();
        for (Verb verb = 0; verb < _VERB_MAX; verb++) {
                free_and_begin_anew();
                drop_at_each_moment(verb, VAULT_NO_PROMPT, free_and_begin_anew);
        }
}

/* One after the other, without waiting for what GIO still has under way for the one before. */
static void test_free_and_go_on(void) {
        start_service_unlocked();
        for (unsigned turns = 0; turns < OPENING_TURNS; turns++) {
                begin_vault_silently();
                turn_times(turns);
                end_vault();
        }
}

static void test_free_while_frozen(void) {
        begin_unlocked_with_anna();
        freeze_service();
        begin_call(STORE, VAULT_NO_PROMPT);
        turn();
        drop_call();
        end_vault();
        settle();
}

static void test_drop_in_callback(void) {
        begin_unlocked_with_anna();
        for (unsigned i = 0; i < 3; i++) {
                chain_calls(5); /* each callback frees its call and begins another */
                CHECK(await_chain() == 0);
        }
}

static const Case cases[] = {
        { "absent", test_absent },
        { "no-bus", test_no_bus },
        { "activation", test_activation },
        { "restart", test_restart },
        { "restart-unheard", test_restart_unheard },
        { "dies-during-call", test_dies_during_call },
        { "dies-during-call-activated", test_dies_during_call_activated },
        { "hangs", test_hangs },
        { "hangs-at-start", test_hangs_at_start },
        { "hang-dropped", test_hang_dropped },
        { "drop-at-each-moment", test_drop_at_each_moment },
        { "free-at-each-moment", test_free_at_each_moment },
        { "free-and-go-on", test_free_and_go_on },
        { "free-while-frozen", test_free_while_frozen },
        { "drop-in-callback", test_drop_in_callback },
};

int main(int argc, char *argv[]) {
        return run_case(argc, argv, cases, ELEMENTSOF(cases));
}
