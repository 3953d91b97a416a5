/* SPDX-License-Identifier: MIT */

/* The vault under test and its calls. */

#include "common/condition.h"
#include "rig-private.h"

#define MANY_MAX 32

const VaultKey ANNA = { VAULT_ACCOUNT, "a1b2", "client-1" };
const VaultKey BORIS = { VAULT_ACCOUNT, "b3c4", "client-1" };
const VaultKey APP = { VAULT_APPLICATION, "client-1", "client-1" };

static Vault *vault;
static VaultState state;
static unsigned n_states, n_deletions;

static VaultCall *call;
static bool call_ended, drops_at_state;
static int result;
static const char *item_label = "a label";

static FoundItem found[ITEMS_MAX];
static size_t n_found;

static VaultCall *many[MANY_MAX];
static size_t n_many;
static int many_result;

/* The vault */

static void on_state(VaultState s, void *userdata) {
        state = s;
        n_states++;
        if (drops_at_state)
                drop_call();
        drops_at_state = false;
}

static void on_deleted(void *userdata) {
        n_deletions++;
}

/* What the vault answers in each state. */
static const int conditions[_VAULT_STATE_MAX] = {
        [VAULT_LOCKED] = CONDITION_KEYRING_LOCKED,
        [VAULT_ITEMS_LOCKED] = CONDITION_KEYRING_ITEMS_LOCKED,
        [VAULT_MISSING] = CONDITION_KEYRING_MISSING,
        [VAULT_SILENT] = CONDITION_KEYRING_FAILED,
        [VAULT_ABSENT] = CONDITION_KEYRING_UNAVAILABLE,
};

static const VaultEvents events = { .on_state = on_state, .on_deleted = on_deleted };

static bool state_was_reported(void) {
        return n_states > 0;
}

void begin_vault_silently(void) {
        n_states = 0;
        CHECK(vault_new(&events, NULL, &vault) == 0);
        CHECK(n_states == 0);
        CHECK(vault_condition(vault) == CONDITION_KEYRING_UNAVAILABLE);
}

void begin_vault(void) {
        begin_vault_silently();
        AWAIT(state_was_reported);
}

void end_vault(void) {
        CHECK(!call);
        vault = vault_free(vault);
}

Vault *vault_under_test(void) {
        return vault;
}

static VaultState awaited_state;

static bool state_as_awaited(void) {
        return n_states > 0 && state == awaited_state;
}

void await_state(VaultState s) {
        awaited_state = s;
        AWAIT(state_as_awaited);
        CHECK(vault_condition(vault) == conditions[s]);
}

bool vault_was(VaultState s) {
        return n_states > 0 && state == s && vault_condition(vault) == conditions[s];
}

static bool deletion_was_reported(void) {
        return n_deletions > 0;
}

void await_deletion(void) {
        AWAIT(deletion_was_reported);
        n_deletions = 0;
}

unsigned states_reported(void) {
        return n_states;
}

/* Calls */

static void end_call(int r) {
        call = vault_call_free(call);
        call_ended = true;
        result = r;
}

static void on_done(int r, void *userdata) {
        CHECK(userdata == &call);
        end_call(r);
}

static void on_found(int r, const VaultItem *items, size_t n_items, void *userdata) {
        CHECK(userdata == &call);
        CHECK(n_items <= ITEMS_MAX);
        CHECK(r == 0 || n_items == 0);

        for (size_t i = 0; i < n_items; i++) {
                found[i].kind = items[i].key.kind;
                found[i].locked = !items[i].document;
                g_strlcpy(found[i].id, items[i].key.id, TEXT_MAX);
                g_strlcpy(found[i].client_id, items[i].key.client_id, TEXT_MAX);
                found[i].length = secret_length(items[i].document);
                found[i].modified = items[i].modified;
                g_strlcpy(found[i].document, secret_string(items[i].document) ?: "", TEXT_MAX);
        }
        n_found = n_items;
        end_call(r);
}

static void begin(Verb verb, const VaultKey *key, const char *document, VaultPrompt prompt) {
        _cleanup_(secret_unrefp) Secret *s = NULL;

        CHECK(!call);
        call_ended = false;
        switch (verb) {
        case FIND:
                vault_find(vault, key, on_found, &call, &call);
                break;
        case STORE:
                CHECK(secret_new_from(document, strlen(document), &s) == 0);
                vault_store(vault, key, item_label, s, prompt, on_done, &call, &call);
                break;
        case ERASE:
                CHECK(vault_erase(vault, key, prompt, on_done, &call, &call) == 0);
                break;
        case UNLOCK:
                vault_unlock(vault, prompt, on_done, &call, &call);
                break;
        case _VERB_MAX:
                CHECK(false);
        }
        CHECK(call && !call_ended);
}

void begin_call(Verb verb, VaultPrompt prompt) {
        begin(verb, &ANNA, "dropped?", prompt);
}

VaultCall *call_under_way(void) {
        return call;
}

void drop_call(void) {
        call = vault_call_free(call);
}

void drop_call_at_next_state(void) {
        drops_at_state = true;
}

bool call_has_ended(void) {
        return call_ended;
}

int await_call(void) {
        AWAIT(call_has_ended);
        CHECK(!call);
        return result;
}

int call_result(void) {
        CHECK(call_ended);
        return result;
}

void store_with_label(const char *text) {
        item_label = text;
}

int store_now(const VaultKey *key, const char *document, VaultPrompt prompt) {
        begin(STORE, key, document, prompt);
        return await_call();
}

int erase_now(const VaultKey *key, VaultPrompt prompt) {
        begin(ERASE, key, NULL, prompt);
        return await_call();
}

int unlock_now(VaultPrompt prompt) {
        begin(UNLOCK, NULL, NULL, prompt);
        return await_call();
}

int find_now(const VaultKey *key) {
        begin(FIND, key, NULL, VAULT_NO_PROMPT);
        return await_call();
}

size_t found_count(void) {
        return n_found;
}

const FoundItem *found_item(size_t i) {
        CHECK(i < n_found);
        return &found[i];
}

const FoundItem *found_of(const VaultKey *key) {
        for (size_t i = 0; i < n_found; i++)
                if (found[i].kind == key->kind && streq(found[i].id, key->id))
                        return &found[i];
        return NULL;
}

bool found_document(const VaultKey *key, const char *document) {
        const FoundItem *i = found_of(key);

        return i && !i->locked && streq(i->document, document);
}

bool found_any_document(const char *document) {
        for (size_t i = 0; i < n_found; i++)
                if (!found[i].locked && streq(found[i].document, document))
                        return true;
        return false;
}

/* Many calls */

static void end_one_of_many(VaultCall **c, int r) {
        *c = vault_call_free(*c);
        many_result = many_result ?: r;
        n_many--;
}

static void on_one_done(int r, void *userdata) {
        end_one_of_many(userdata, r);
}

static void on_one_found(int r, const VaultItem *items, size_t n_items, void *userdata) {
        end_one_of_many(userdata, r);
}

void begin_many(Verb verb, size_t n) {
        _cleanup_(secret_unrefp) Secret *s = NULL;

        CHECK(n <= MANY_MAX);
        CHECK(secret_new_from("many", 4, &s) == 0);
        many_result = 0;
        for (n_many = 0; n_many < n; n_many++) {
                VaultCall **c = &many[n_many];

                if (verb == FIND)
                        vault_find(vault, &ANNA, on_one_found, c, c);
                else if (verb == STORE)
                        vault_store(vault, &ANNA, item_label, s, VAULT_NO_PROMPT, on_one_done, c,
                                    c);
                else
                        CHECK(vault_erase(vault, &ANNA, VAULT_NO_PROMPT, on_one_done, c, c) == 0);
        }
}

static bool all_have_ended(void) {
        return n_many == 0;
}

int await_many(void) {
        AWAIT(all_have_ended);
        return many_result;
}

/* A chain */

static void on_link_done(int r, void *userdata) {
        many_result = many_result ?: r;
        many[0] = vault_call_free(many[0]);
        if (--n_many > 0)
                vault_unlock(vault, VAULT_NO_PROMPT, on_link_done, NULL, &many[0]);
}

void chain_calls(unsigned n) {
        many_result = 0;
        n_many = n;
        vault_unlock(vault, VAULT_NO_PROMPT, on_link_done, NULL, &many[0]);
}

int await_chain(void) {
        return await_many();
}
