/* SPDX-License-Identifier: MIT */

/* Items in an unlocked gnome-keyring. */

#include "common/condition.h"
#include "rig.h"

static void begin_unlocked(void) {
        start_service_unlocked();
        begin_vault();
        CHECK(vault_was(VAULT_UNLOCKED));
}

static void test_nothing(void) {
        begin_unlocked();
        CHECK(unlock_now(VAULT_NO_PROMPT) == 0);
        CHECK(find_now(NULL) == 0);
        CHECK(found_count() == 0);
        CHECK(find_now(&ANNA) == 0);
        CHECK(found_count() == 0);
        CHECK(erase_now(&ANNA, VAULT_NO_PROMPT) == 0);
}

static void test_store_find_erase(void) {
        begin_unlocked();
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == 0);
        CHECK(find_now(&ANNA) == 0);
        CHECK(found_count() == 1);
        CHECK(found_item(0)->kind == VAULT_ACCOUNT);
        CHECK(streq(found_item(0)->id, ANNA.id));
        CHECK(streq(found_item(0)->client_id, ANNA.client_id));
        CHECK(streq(found_item(0)->document, "one"));
        CHECK(found_item(0)->modified > 0);

        CHECK(erase_now(&ANNA, VAULT_NO_PROMPT) == 0);
        CHECK(find_now(&ANNA) == 0);
        CHECK(found_count() == 0);

        /* One look at the state was enough for all of it. */
        CHECK(states_reported() == 1);
}

static void test_replace(void) {
        begin_unlocked();
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == 0);
        CHECK(store_now(&ANNA, "two", VAULT_NO_PROMPT) == 0);
        CHECK(find_now(&ANNA) == 0);
        CHECK(found_count() == 1);
        CHECK(found_document(&ANNA, "two"));
}

static void test_label(void) {
        g_autofree char *before = NULL, *after = NULL;

        begin_unlocked();
        store_with_label("anna at Yandex");
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == 0);
        before = item_property(&ANNA, "Label");
        CHECK(streq(before, "'anna at Yandex'"));

        store_with_label("work");
        CHECK(store_now(&ANNA, "two", VAULT_NO_PROMPT) == 0);
        after = item_property(&ANNA, "Label");
        CHECK(streq(after, "'work'"));
        CHECK(find_now(&ANNA) == 0);
        CHECK(found_document(&ANNA, "two"));
}

static void test_many(void) {
        begin_unlocked();
        CHECK(store_now(&ANNA, "anna's", VAULT_NO_PROMPT) == 0);
        CHECK(store_now(&BORIS, "boris's", VAULT_NO_PROMPT) == 0);
        CHECK(store_now(&APP, "the application's", VAULT_NO_PROMPT) == 0);

        CHECK(find_now(NULL) == 0);
        CHECK(found_count() == 3);
        CHECK(found_document(&ANNA, "anna's"));
        CHECK(found_document(&BORIS, "boris's"));
        CHECK(found_document(&APP, "the application's"));

        CHECK(find_now(&BORIS) == 0);
        CHECK(found_count() == 1);
        CHECK(erase_now(&BORIS, VAULT_NO_PROMPT) == 0);
        CHECK(find_now(NULL) == 0);
        CHECK(found_count() == 2);
        CHECK(!found_of(&BORIS));
}

/* The same id in another kind is another item. */
static void test_kinds(void) {
        const VaultKey account = { VAULT_ACCOUNT, "same", "same" };
        const VaultKey application = { VAULT_APPLICATION, "same", "same" };

        begin_unlocked();
        CHECK(store_now(&account, "account", VAULT_NO_PROMPT) == 0);
        CHECK(store_now(&application, "application", VAULT_NO_PROMPT) == 0);
        CHECK(find_now(&account) == 0);
        CHECK(found_count() == 1);
        CHECK(found_document(&account, "account"));
        CHECK(erase_now(&account, VAULT_NO_PROMPT) == 0);
        CHECK(find_now(NULL) == 0);
        CHECK(found_count() == 1);
        CHECK(found_document(&application, "application"));
}

/* Attributes alike, but of a schema that is not ours. */
static void test_foreign(void) {
        begin_unlocked();
        add_item("org.example.Other", &ANNA, LOGIN_COLLECTION, "not ours");
        CHECK(find_now(NULL) == 0);
        CHECK(found_count() == 0);
        CHECK(store_now(&ANNA, "ours", VAULT_NO_PROMPT) == 0);
        CHECK(find_now(NULL) == 0);
        CHECK(found_count() == 1);
        CHECK(found_document(&ANNA, "ours"));
}

/* A user copied an item: both are found, the newest is replaced, all are erased. */
static void test_copies(void) {
        g_autofree char *other = NULL;

        begin_unlocked();
        CHECK(store_now(&ANNA, "old", VAULT_NO_PROMPT) == 0);
        other = create_collection("other");
        await_next_second();
        add_item(OUR_SCHEMA, &ANNA, other, "copy");

        CHECK(find_now(&ANNA) == 0);
        CHECK(found_count() == 2);
        CHECK(store_now(&ANNA, "new", VAULT_NO_PROMPT) == 0);
        CHECK(find_now(&ANNA) == 0);
        CHECK(found_count() == 2);
        CHECK(found_any_document("old"));
        CHECK(found_any_document("new"));
        CHECK(!found_any_document("copy"));

        CHECK(erase_now(&ANNA, VAULT_NO_PROMPT) == 0);
        CHECK(find_now(&ANNA) == 0);
        CHECK(found_count() == 0);
        await_deletion();
}

static void test_documents(void) {
        g_autofree char *long_document = g_strnfill(64 * 1024, 'x');
        const char *const documents[] = {
                "", "{\"version\": 1, \"label\": \"\320\220\320\275\320\275\320\260\"}", "1",
                "0123456789abcdef", /* as long as a block of the session's cipher */
        };

        begin_unlocked();
        for (size_t i = 0; i < ELEMENTSOF(documents); i++) {
                CHECK(store_now(&ANNA, documents[i], VAULT_NO_PROMPT) == 0);
                CHECK(find_now(&ANNA) == 0);
                CHECK(found_document(&ANNA, documents[i]));
        }

        CHECK(store_now(&ANNA, long_document, VAULT_NO_PROMPT) == 0);
        CHECK(find_now(&ANNA) == 0);
        CHECK(found_item(0)->length == strlen(long_document));
}

/* Another vault, another session: nothing lives in the first one only. */
static void test_second_vault(void) {
        begin_unlocked();
        CHECK(store_now(&ANNA, "one", VAULT_NO_PROMPT) == 0);
        end_vault();
        begin_vault();
        CHECK(find_now(&ANNA) == 0);
        CHECK(found_document(&ANNA, "one"));
}

/* Many at once, each with an answer of its own. */
static void test_at_once(void) {
        begin_unlocked();
        begin_many(STORE, 16);
        CHECK(await_many() == 0);
        CHECK(find_now(&ANNA) == 0);
        CHECK(found_count() == 1);
        begin_many(FIND, 16);
        CHECK(await_many() == 0);
        begin_many(ERASE, 16);
        CHECK(await_many() == 0);
        CHECK(find_now(NULL) == 0);
        CHECK(found_count() == 0);
}

/* clang-format off */
static const Case cases[] = {
        { "nothing", test_nothing },
        { "store-find-erase", test_store_find_erase },
        { "replace", test_replace },
        { "label", test_label },
        { "many", test_many },
        { "kinds", test_kinds },
        { "foreign", test_foreign },
        { "copies", test_copies },
        { "documents", test_documents },
        { "second-vault", test_second_vault },
        { "at-once", test_at_once },
};
/* clang-format on */

int main(int argc, char *argv[]) {
        return run_case(argc, argv, cases, ELEMENTSOF(cases));
}
