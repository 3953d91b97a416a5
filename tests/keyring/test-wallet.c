/* SPDX-License-Identifier: MIT */

/* What is peculiar to KWallet, with a service that does as it is told: it answers before it writes,
 * it says that it has done what it has not, and it is locked although it is open. */

#include "common/condition.h"
#include "fake-service.h"
#include "keyring/vault-private.h"
#include "rig.h"

/* Long enough to see that a call waits. */
#define DELAY_MS 300

static void begin(const char *program, FakeService f) {
        provider_set_write_delay_ms(DELAY_MS);
        be_called(program);
        f.has_collection = true;
        fake = f;
        start_fake_service(rig_bus());
        begin_vault();
}

static const char *const programs[] = { "kwalletd5", "kwalletd6", "ksecretd" };

/* The call does not end with the answer. */
static void check_settles(const char *program) {
        begin(program, (FakeService){ .has_item = true });
        begin_call(STORE, VAULT_NO_PROMPT);
        while (!vault_call_is_settling(call_under_way()))
                turn_times(1);
        CHECK(streq(fake.document, "dropped?"));
        CHECK(vault_is_writing(vault_under_test()));
        CHECK(!call_has_ended());
        CHECK(await_call() == 0);
        CHECK(!vault_is_writing(vault_under_test()));
        end_vault();
}

static void test_settles_kwalletd_five(void) {
        check_settles(programs[0]);
}

static void test_settles_kwalletd_six(void) {
        check_settles(programs[1]);
}

static void test_settles_ksecretd(void) {
        check_settles(programs[2]);
}

static void test_settles_keepassxc(void) {
        check_settles("keepassxc");
}

/* KeePassXC may lose a change that comes while it writes. */
static void test_one_change_at_a_time(void) {
        begin("keepassxc", (FakeService){ .has_item = true, .document = "old" });
        CHECK(erase_now(&ANNA, VAULT_NO_PROMPT) == 0);
        CHECK(vault_is_writing(vault_under_test()));
        begin_call(STORE, VAULT_NO_PROMPT);
        while (!vault_call_is_settling(call_under_way()))
                turn_times(1);
        CHECK(fake.items_created == 0);
        CHECK(await_call() == 0);
        CHECK(fake.items_created == 1);
        CHECK(streq(fake.document, "dropped?"));
}

static void test_others_are_not_waited_for(void) {
        begin("another", (FakeService){ .has_item = true });
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == 0);
        CHECK(!vault_is_writing(vault_under_test()));
}

/* A stop has to know of it. */
static void test_erased_but_not_written(void) {
        begin("ksecretd", (FakeService){ .has_item = true });
        CHECK(erase_now(&ANNA, VAULT_NO_PROMPT) == 0);
        CHECK(!fake.has_item);
        CHECK(vault_is_writing(vault_under_test()));
}

/* If the wallet is closed meanwhile, KWallet answers as if it had stored. */
static void test_swallowed(void) {
        begin("ksecretd", (FakeService){ .has_item = true, .swallows = true, .document = "old" });
        CHECK(store_now(&ANNA, "new", VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        fake.swallows = false;
        CHECK(store_now(&ANNA, "new", VAULT_NO_PROMPT) == 0);
}

/* It gives nothing, and no error, while it is closed. */
static void test_an_empty_secret_is_locked(void) {
        begin("ksecretd", (FakeService){ .has_item = true, .document = "", .closes = true });
        CHECK(find_now(&ANNA) == 0);
        CHECK(found_of(&ANNA)->locked);
        CHECK(fake.has_item);
}

/* It was killed before it had written the secret. */
static void test_an_empty_item_is_dead(void) {
        begin("ksecretd", (FakeService){ .has_item = true, .document = "" });
        CHECK(find_now(&ANNA) == 0);
        CHECK(found_count() == 0);
        CHECK(!fake.has_item);
}

/* It refuses a key whose first byte is zero, and takes the next. */
static void test_a_key_is_refused(void) {
        begin("kwalletd5", (FakeService){ .has_item = true, .refuses_keys = 1 });
        CHECK(vault_was(VAULT_UNLOCKED));
        CHECK(fake.refuses_keys == 0);
}

static void test_every_key_is_refused(void) {
        begin("kwalletd5", (FakeService){ .has_item = true, .refuses_keys = UINT_MAX });
        CHECK(vault_was(VAULT_SILENT));
        CHECK(find_now(&ANNA) == CONDITION_KEYRING_FAILED);
}

/* The two ends of a session do not always agree on its key. What one reads then is nothing, and
 * what one writes is refused. */
static void check_another_session(FakeService f, int (*do_it)(void)) {
        f.bad_sessions = 1;
        begin("kwalletd5", f);
        CHECK(do_it() == 0);
        CHECK(fake.sessions == 2);
}

static int find_anna(void) {
        return find_now(&ANNA);
}

static int store_anna(void) {
        return store_now(&ANNA, "new", VAULT_NO_PROMPT);
}

static void test_a_session_cannot_be_read_in(void) {
        check_another_session((FakeService){ .has_item = true, .document = "old" }, find_anna);
        CHECK(found_document(&ANNA, "old"));
}

static void test_a_session_cannot_be_written_in(void) {
        check_another_session((FakeService){ .has_item = true, .document = "old" }, store_anna);
        CHECK(streq(fake.document, "new"));
}

static void test_a_session_cannot_be_created_in(void) {
        check_another_session((FakeService){ 0 }, store_anna);
        CHECK(fake.items_created == 1);
        CHECK(streq(fake.document, "new"));
}

/* An item that makes no sense in any session is there all the same. */
static void test_no_session_can_be_read_in(void) {
        begin("kwalletd5",
              (FakeService){ .has_item = true, .document = "old", .bad_sessions = UINT_MAX });
        CHECK(find_now(&ANNA) == 0);
        CHECK(fake.sessions == 2);
        CHECK(found_count() == 1);
        CHECK(found_of(&ANNA)->locked);
}

/* Nothing is known of it, and each Unlock leaves a prompt behind for ever. */
static void test_ksecretd_is_not_tried(void) {
        begin("ksecretd", (FakeService){ .locked = true });
        CHECK(vault_was(VAULT_LOCKED));
        CHECK(unlock_now(VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(fake.unlocks == 0);
        CHECK(unlock_now(VAULT_MAY_PROMPT) == 0);
        CHECK(fake.prompts == 1);
}

/* The prompt of an open wallet shows nothing. */
static void test_an_open_wallet_opens(void) {
        begin("kwalletd5", (FakeService){ .locked = true });
        CHECK(vault_was(VAULT_LOCKED));
        CHECK(unlock_now(VAULT_NO_PROMPT) == CONDITION_KEYRING_LOCKED);
        CHECK(fake.unlocks == 0);
        fake.is_open = true;
        CHECK(unlock_now(VAULT_NO_PROMPT) == 0);
        CHECK(fake.prompts == 1);
        CHECK(vault_was(VAULT_UNLOCKED));
}

static const Case cases[] = {
        { "settles-kwalletd-five", test_settles_kwalletd_five },
        { "settles-kwalletd-six", test_settles_kwalletd_six },
        { "settles-ksecretd", test_settles_ksecretd },
        { "settles-keepassxc", test_settles_keepassxc },
        { "one-change-at-a-time", test_one_change_at_a_time },
        { "others-are-not-waited-for", test_others_are_not_waited_for },
        { "erased-but-not-written", test_erased_but_not_written },
        { "swallowed", test_swallowed },
        { "an-empty-secret-is-locked", test_an_empty_secret_is_locked },
        { "an-empty-item-is-dead", test_an_empty_item_is_dead },
        { "a-key-is-refused", test_a_key_is_refused },
        { "every-key-is-refused", test_every_key_is_refused },
        { "a-session-cannot-be-read-in", test_a_session_cannot_be_read_in },
        { "a-session-cannot-be-written-in", test_a_session_cannot_be_written_in },
        { "a-session-cannot-be-created-in", test_a_session_cannot_be_created_in },
        { "no-session-can-be-read-in", test_no_session_can_be_read_in },
        { "ksecretd-is-not-tried", test_ksecretd_is_not_tried },
        { "an-open-wallet-opens", test_an_open_wallet_opens },
};

int main(int argc, char *argv[]) {
        return run_case(argc, argv, cases, ELEMENTSOF(cases));
}
