/* SPDX-License-Identifier: MIT */

/*
 * What can be asked of the vault, each as a chain of steps.
 *
 * A service may hide the items of a locked collection. So before something is written, finding nothing is
 * believed only once the default collection is unlocked, and looked at again if it had to be unlocked.
 */

#include "common/condition.h"
#include "keyring/item.h"
#include "keyring/prompt.h"
#include "keyring/provider.h"
#include "keyring/steps.h"

/* What an item holds between its last document and its end. */
#define BLANK "{}"

static const Method SET_SECRET = { ITEM_INTERFACE, "SetSecret", "()" };
static const Method DELETE = { ITEM_INTERFACE, "Delete", "(o)" };
static const Method CREATE_ITEM = { COLLECTION_INTERFACE, "CreateItem", "(oo)" };
static const Method SET = { PROPERTIES_INTERFACE, "Set", "()" };

static void done(VaultCall *c) {
        call_finish(c, 0);
}

static bool any_locked(const VaultCall *c) {
        for (size_t n = 0; n < c->items->len; n++)
                if (((Item *) g_ptr_array_index(c->items, n))->locked)
                        return true;
        return false;
}

static void unlock_items(VaultCall *c, CallStepFn next) {
        GVariantBuilder paths;

        g_variant_builder_init(&paths, G_VARIANT_TYPE_OBJECT_PATH_ARRAY);
        for (size_t n = 0; n < c->items->len; n++) {
                const Item *i = g_ptr_array_index(c->items, n);

                if (i->locked)
                        g_variant_builder_add(&paths, "o", i->path);
        }
        step_unlock_items(c, g_variant_builder_end(&paths), CONDITION_KEYRING_LOCKED, next);
}

static bool may_look_again(VaultCall *c) {
        bool may = !c->looked_again;

        c->looked_again = true;
        return may;
}

static bool must_look_again(VaultCall *c) {
        return c->n_unlocks > 0 && may_look_again(c);
}

static void find_begin(VaultCall *c) {
        step_lookup(c, done);
}

int vault_find(Vault *v, const VaultKey *key, VaultFoundFn fn, void *userdata,
               VaultCall **ret_call) {
        VaultCall *c = call_new(v, find_begin, key, VAULT_NO_PROMPT, userdata);

        c->found = fn;
        c->with_documents = true;
        call_start(c);
        *ret_call = c;
        return 0;
}

static void check_stored(VaultCall *c) {
        for (size_t n = 0; n < c->items->len; n++) {
                const Item *i = g_ptr_array_index(c->items, n);

                if (i->document && secret_equal(i->document, c->document))
                        return done(c);
        }
        call_finish(c, CONDITION_KEYRING_LOCKED);
}

/* KWallet says that it has stored something, and has not, if the wallet was closed meanwhile. */
static void settled(VaultCall *c) {
        if (!provider_is_kwallet(c))
                return done(c);

        c->with_documents = true;
        step_lookup(c, check_stored);
}

static void stored(VaultCall *c) {
        provider_settle(c, settled);
}

/* The document is safe by now, so the label's fate is not the call's. */
static void on_label(VaultCall *c, GVariant *reply, const GError *error) {
        stored(c);
}

static void on_replaced(VaultCall *c, GVariant *reply, const GError *error) {
        const Item *i = g_ptr_array_index(c->items, c->at);

        if (!reply && call_error_is_gone(error) && call_restart(c))
                return;
        if (!reply)
                return call_fail(c, error);
        if (streq(i->label, c->label))
                return stored(c);

        call_request(
                c, i->path, &SET,
                g_variant_new("(ssv)", ITEM_INTERFACE, "Label", g_variant_new_string(c->label)),
                on_label);
}

static void on_created(VaultCall *c, GVariant *reply, const GError *error) {
        const char *prompt;

        if (!reply)
                return call_fail(c, error);

        g_variant_get_child(reply, 1, "&o", &prompt);
        prompt_perform(c, prompt, PROMPT_WRITE, CONDITION_KEYRING_DISMISSED, stored);
}

/* "Replace" concerns an item that somebody created since we looked. */
static void create_item(VaultCall *c) {
        call_request(c, c->collection, &CREATE_ITEM,
                     g_variant_new("(@a{sv}@(oayays)b)", item_properties(c), item_encode(c), TRUE),
                     on_created);
}

static void create_when_it_is_time(VaultCall *c) {
        provider_pace(c, create_item);
}

static bool choose_newest_unlocked(VaultCall *c) {
        const Item *newest = NULL;

        for (size_t n = 0; n < c->items->len; n++) {
                const Item *i = g_ptr_array_index(c->items, n);

                if (i->locked || (newest && item_is_newer(newest, i)))
                        continue;
                newest = i;
                c->at = n;
        }
        return newest;
}

static void store_look(VaultCall *c);

/* A service that does not show us our items may hold the one to be written, and KeePassXC makes an empty one
 * for a program that its user has refused. */
static void store_new(VaultCall *c) {
        if (must_look_again(c))
                store_look(c);
        else
                step_open_items(c, create_when_it_is_time);
}

static void replace_item(VaultCall *c) {
        call_request(c, ((Item *) g_ptr_array_index(c->items, c->at))->path, &SET_SECRET,
                     g_variant_new("(@(oayays))", item_encode(c)), on_replaced);
}

static void store_write(VaultCall *c) {
        if (c->items->len == 0)
                return step_default_collection(c, store_new);
        if (!choose_newest_unlocked(c))
                return may_look_again(c) ? step_default_collection(c, store_look)
                                         : unlock_items(c, store_look);

        provider_pace(c, replace_item);
}

static void store_look(VaultCall *c) {
        step_lookup(c, store_write);
}

int vault_store(Vault *v, const VaultKey *key, const char *label, Secret *document,
                VaultPrompt prompt, VaultDoneFn fn, void *userdata, VaultCall **ret_call) {
        VaultCall *c = call_new(v, store_look, key, prompt, userdata);

        c->done = fn;
        c->creates = true;
        c->writes = true;
        c->document_counts = true;
        c->label = g_strdup(label);
        c->document = secret_ref(document);
        call_start(c);
        *ret_call = c;
        return 0;
}

static void erase_next(VaultCall *c);

static void erased(VaultCall *c) {
        c->at++;
        erase_next(c);
}

static void on_erased(VaultCall *c, GVariant *reply, const GError *error) {
        const char *prompt;

        if (!reply && call_error_is_gone(error))
                return erased(c);
        if (!reply)
                return call_fail(c, error);

        g_variant_get_child(reply, 0, "&o", &prompt);
        prompt_perform(c, prompt, PROMPT_WRITE, CONDITION_KEYRING_DISMISSED, erased);
}

/* Whatever came of it: one that cannot be overwritten can still be deleted. */
static void on_overwritten(VaultCall *c, GVariant *reply, const GError *error) {
        call_request(c, ((Item *) g_ptr_array_index(c->items, c->at))->path, &DELETE, NULL,
                     on_erased);
}

static void erase_next(VaultCall *c) {
        if (c->at == c->items->len)
                return provider_settle(c, done);

        call_request(c, ((Item *) g_ptr_array_index(c->items, c->at))->path, &SET_SECRET,
                     g_variant_new("(@(oayays))", item_encode(c)), on_overwritten);
}

static void erase_look(VaultCall *c);

static void erase_nothing(VaultCall *c) {
        if (must_look_again(c))
                erase_look(c);
        else
                done(c);
}

/* All or nothing, as far as that can be known before. */
static void erase_all(VaultCall *c) {
        if (c->items->len == 0)
                return step_default_collection(c, erase_nothing);
        if (any_locked(c))
                return may_look_again(c) ? step_default_collection(c, erase_look)
                                         : unlock_items(c, erase_look);

        c->at = 0;
        provider_pace(c, erase_next);
}

static void erase_look(VaultCall *c) {
        step_lookup(c, erase_all);
}

int vault_erase(Vault *v, const VaultKey *key, VaultPrompt prompt, VaultDoneFn fn, void *userdata,
                VaultCall **ret_call) {
        _cleanup_(secret_unrefp) Secret *blank = NULL;
        VaultCall *c;
        int r;

        r = secret_new_from(BLANK, strlen(BLANK), &blank);
        if (r < 0)
                return r;

        c = call_new(v, erase_look, key, prompt, userdata);
        c->done = fn;
        c->writes = true;
        c->document = TAKE_PTR(blank);
        call_start(c);
        *ret_call = c;
        return 0;
}

static void unlock_items_of_ours(VaultCall *c) {
        step_open_items(c, done);
}

static void unlock_begin(VaultCall *c) {
        step_default_collection(c, unlock_items_of_ours);
}

int vault_unlock(Vault *v, VaultPrompt prompt, VaultDoneFn fn, void *userdata,
                 VaultCall **ret_call) {
        VaultCall *c = call_new(v, unlock_begin, NULL, prompt, userdata);

        c->done = fn;
        c->creates = true;
        c->examines = true;
        call_start(c);
        *ret_call = c;
        return 0;
}
