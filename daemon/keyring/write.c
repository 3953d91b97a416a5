/* SPDX-License-Identifier: MIT */

/*
 * The calls that change items: store and erase.
 *
 * A service may hide the items of a locked collection. So before something is written, an empty
 * search is believed only once the default collection is unlocked; and if it had to be unlocked,
 * the search is made again.
 */

#include "common/condition.h"
#include "keyring/vault-private.h"

static const Method SET_SECRET = { ITEM_INTERFACE, "SetSecret", "()" };
static const Method DELETE = { ITEM_INTERFACE, "Delete", "(o)" };
static const Method CREATE_ITEM = { COLLECTION_INTERFACE, "CreateItem", "(oo)" };
static const Method SET = { PROPERTIES_INTERFACE, "Set", "()" };

/* Returns true once in a call. */
static bool write_may_look_again(VaultCall *c) {
        bool may = !c->looked_again;

        c->looked_again = true;
        return may;
}

/* Some of the items are locked: looks again after the default collection was unlocked, which may be
 * all that it needs, and then asks the user to unlock the items. */
static void write_unlock_items(VaultCall *c, CallStepFn look) {
        GVariantBuilder paths;

        if (write_may_look_again(c))
                return step_default_collection(c, look);

        g_variant_builder_init(&paths, G_VARIANT_TYPE_OBJECT_PATH_ARRAY);
        for (size_t n = 0; n < c->items->len; n++) {
                const Item *i = g_ptr_array_index(c->items, n);

                if (i->locked)
                        g_variant_builder_add(&paths, "o", i->path);
        }
        step_unlock_items(c, g_variant_builder_end(&paths), CONDITION_KEYRING_LOCKED, look);
}

static void write_document(VaultCall *c, CallReplyFn fn) {
        call_request(c, call_current_item(c)->path, &SET_SECRET,
                     g_variant_new("(@(oayays))", item_encode(c)), fn);
}

static void write_wait(VaultCall *c, CallStepFn next);

/* Another instance may have read the file before it was written. */
static gboolean write_on_timer(void *userdata) {
        g_autofree char *owner = NULL;
        VaultCall *c = userdata;

        c->write_timer = 0;
        call_set_deadline(c, false);
        owner = g_dbus_proxy_get_name_owner(G_DBUS_PROXY(c->service));
        if (streq(owner, c->owner))
                write_wait(c, c->after_write);
        else if (!call_restart(c))
                call_finish(c, CONDITION_KEYRING_FAILED);
        return G_SOURCE_REMOVE;
}

/* Goes on with next once the service has written what it has answered. A change of another call
 * starts the delay anew. */
static void write_wait(VaultCall *c, CallStepFn next) {
        unsigned left_ms = session_unwritten_ms(c->session);

        if (left_ms == 0)
                return next(c);

        c->after_write = next;
        call_set_deadline(c, true);
        c->write_timer = g_timeout_add(left_ms, write_on_timer, c);
}

/* Goes on with next once the provider can take a change. */
static void write_pace(VaultCall *c, CallStepFn next) {
        if (c->provider == PROVIDER_KEEPASSXC)
                write_wait(c, next);
        else
                next(c);
}

static void write_note_unwritten(VaultCall *c) {
        session_note_unwritten(c->session, provider_write_delay_ms(c->provider));
}

static void store_check(VaultCall *c) {
        for (size_t n = 0; n < c->items->len; n++) {
                const Item *i = g_ptr_array_index(c->items, n);

                if (i->document && secret_equal(i->document, c->document))
                        return call_finish(c, 0);
        }
        call_finish(c, CONDITION_KEYRING_LOCKED);
}

/* KWallet says that it has stored something, and has not, if the wallet was closed meanwhile. */
static void store_settled(VaultCall *c) {
        if (!provider_is_kwallet(c->provider))
                return call_finish(c, 0);

        c->with_documents = true;
        step_lookup(c, store_check);
}

static void store_settle(VaultCall *c) {
        write_note_unwritten(c);
        write_wait(c, store_settled);
}

/* The document is safe by now, so it does not matter whether the label was written. */
static void store_on_label(VaultCall *c, GVariant *reply, const GError *error) {
        store_settle(c);
}

static void store_on_replaced(VaultCall *c, GVariant *reply, const GError *error) {
        const Item *i = call_current_item(c);

        if (!reply && call_error_is_gone(error) && call_restart(c))
                return;
        if (!reply)
                return call_fail(c, error);
        if (streq(i->label, c->label))
                return store_settle(c);

        call_request(
                c, i->path, &SET,
                g_variant_new("(ssv)", ITEM_INTERFACE, "Label", g_variant_new_string(c->label)),
                store_on_label);
}

static void store_replace(VaultCall *c) {
        write_document(c, store_on_replaced);
}

/* "Replace", the last argument, concerns an item that was created since we looked. */
static void store_create(VaultCall *c) {
        prompt_expect(c, PROMPT_WRITE, CONDITION_KEYRING_DISMISSED, store_settle);
        call_request(c, c->collection, &CREATE_ITEM,
                     g_variant_new("(@a{sv}@(oayays)b)", item_properties(c), item_encode(c), TRUE),
                     prompt_on_reply);
}

static void store_create_paced(VaultCall *c) {
        write_pace(c, store_create);
}

/* A service that does not show us our items may hold the one to be written, and KeePassXC makes an
 * empty one for a program that its user has refused. */
static void store_new(VaultCall *c) {
        if (c->n_unlocks > 0 && write_may_look_again(c))
                step_store(c);
        else
                step_open_items(c, store_create_paced);
}

/* Whether a was written after b; the path decides between equals. */
static bool store_is_newer(const Item *a, const Item *b) {
        if (a->modified != b->modified)
                return a->modified > b->modified;
        return strcmp(a->path, b->path) > 0;
}

/* Makes the newest of the unlocked items the current one. Returns false if there is none. */
static bool store_choose(VaultCall *c) {
        const Item *newest = NULL;

        for (size_t n = 0; n < c->items->len; n++) {
                const Item *i = g_ptr_array_index(c->items, n);

                if (i->locked || (newest && store_is_newer(newest, i)))
                        continue;
                newest = i;
                c->at = n;
        }
        return newest;
}

static void store_write(VaultCall *c) {
        if (c->items->len == 0)
                step_default_collection(c, store_new);
        else if (store_choose(c))
                write_pace(c, store_replace);
        else
                write_unlock_items(c, step_store);
}

void step_store(VaultCall *c) {
        step_lookup(c, store_write);
}

static void erase_current(VaultCall *c);

static void erase_next(VaultCall *c) {
        c->at++;
        erase_current(c);
}

static void erase_on_deleted(VaultCall *c, GVariant *reply, const GError *error) {
        if (!reply && call_error_is_gone(error))
                erase_next(c);
        else
                prompt_on_reply(c, reply, error);
}

/* An item that cannot be overwritten can still be deleted. */
static void erase_on_overwritten(VaultCall *c, GVariant *reply, const GError *error) {
        prompt_expect(c, PROMPT_WRITE, CONDITION_KEYRING_DISMISSED, erase_next);
        call_request(c, call_current_item(c)->path, &DELETE, NULL, erase_on_deleted);
}

static void erase_current(VaultCall *c) {
        if (c->at < c->items->len)
                return write_document(c, erase_on_overwritten);

        write_note_unwritten(c);
        call_finish(c, 0);
}

static void erase_nothing(VaultCall *c) {
        if (c->n_unlocks > 0 && write_may_look_again(c))
                step_erase(c);
        else
                call_finish(c, 0);
}

static bool erase_is_blocked(const VaultCall *c) {
        for (size_t n = 0; n < c->items->len; n++)
                if (((Item *) g_ptr_array_index(c->items, n))->locked)
                        return true;
        return false;
}

/* Erases all or nothing, as far as that can be known before. */
static void erase_all(VaultCall *c) {
        if (c->items->len == 0)
                return step_default_collection(c, erase_nothing);
        if (erase_is_blocked(c))
                return write_unlock_items(c, step_erase);

        c->at = 0;
        write_pace(c, erase_current);
}

void step_erase(VaultCall *c) {
        step_lookup(c, erase_all);
}
