/* SPDX-License-Identifier: MIT */

/*
 * Search, then each item found in turn: its properties, and its document if it is unlocked. Each kind is
 * searched for by itself, since locked items may hide their attributes; and each collection by itself,
 * since KeePassXC opens its window if the whole service is searched while its database is locked.
 */

#include "common/condition.h"
#include "common/log.h"
#include "keyring/item.h"
#include "keyring/provider.h"
#include "keyring/steps.h"

static const Method SEARCH_ITEMS = { COLLECTION_INTERFACE, "SearchItems", "(ao)" };
static const Method GET_ALL = { PROPERTIES_INTERFACE, "GetAll", "(a{sv})" };
static const Method DELETE = { ITEM_INTERFACE, "Delete", "(o)" };
static const Method GET_SECRET = { ITEM_INTERFACE, "GetSecret", "((oayays))" };

static void search(VaultCall *c);
static void read_item(VaultCall *c);

static Item *current(const VaultCall *c) {
        return g_ptr_array_index(c->items, c->at);
}

static void next_item(VaultCall *c) {
        c->at++;
        read_item(c);
}

static void drop_item(VaultCall *c) {
        g_ptr_array_remove_index(c->items, (unsigned) c->at);
        read_item(c);
}

static void on_dead_deleted(VaultCall *c, GVariant *reply, const GError *error) {
        drop_item(c);
}

static void on_empty(VaultCall *c, GVariant *reply, const GError *error) {
        g_autoptr(GVariant) locked = NULL;
        Item *i = current(c);

        if (!reply)
                return call_fail(c, error);

        g_variant_get(reply, "(v)", &locked);
        if (g_variant_is_of_type(locked, G_VARIANT_TYPE_BOOLEAN) && !g_variant_get_boolean(locked))
                return call_request(c, i->path, &DELETE, NULL, on_dead_deleted);

        i->document = secret_unref(i->document);
        i->locked = true;
        next_item(c);
}

/* KWallet gives an empty secret, and no error, if the wallet was closed meanwhile; and, for ever, if it was
 * killed after it had written the attributes and before the secret. Then there is nothing to lose, and
 * what is left of the item would be taken for an account that is locked. */
static void judge_empty(VaultCall *c) {
        g_autofree char *collection = g_path_get_dirname(current(c)->path);

        if (!provider_is_kwallet(c))
                return next_item(c);

        call_request_property(c, collection, COLLECTION_INTERFACE, "Locked", on_empty);
}

static void on_secret(VaultCall *c, GVariant *reply, const GError *error) {
        g_autoptr(GVariant) secret = NULL;
        Item *i = current(c);
        int r;

        if (!reply && call_error_is_gone(error))
                return drop_item(c);
        if (!reply && call_error_is_locked(error)) {
                i->locked = true;
                return next_item(c);
        }
        if (!reply)
                return call_fail(c, error);

        secret = g_variant_get_child_value(reply, 0);
        r = item_decode(c, secret, &i->document);
        /* One session in 140 with kwalletd5 has another key at each end; the next one has not. */
        if (r == -EBADMSG && call_restart(c))
                return;
        /* One item that makes no sense must not hide the others. */
        if (r < 0)
                log_debug("keyring: the document of an item cannot be decoded");

        if (i->document && secret_length(i->document) == 0)
                return provider_find(c, judge_empty);
        next_item(c);
}

static void on_properties(VaultCall *c, GVariant *reply, const GError *error) {
        g_autoptr(GVariant) properties = NULL;
        Item *i = current(c);

        if (!reply && call_error_is_gone(error))
                return drop_item(c);
        if (!reply)
                return call_fail(c, error);

        properties = g_variant_get_child_value(reply, 0);
        if (!item_read(i, properties))
                return drop_item(c);
        if (i->locked || !c->with_documents)
                return next_item(c);

        call_request(c, i->path, &GET_SECRET,
                     g_variant_new("(o)", secret_service_get_session_dbus_path(c->service)),
                     on_secret);
}

static void read_item(VaultCall *c) {
        if (c->at == c->items->len)
                return c->after_lookup(c);

        call_request(c, current(c)->path, &GET_ALL, g_variant_new("(s)", ITEM_INTERFACE),
                     on_properties);
}

static void take_paths(VaultCall *c, GVariant *paths) {
        GVariantIter iter;
        const char *path;
        Item *i;

        g_variant_iter_init(&iter, paths);
        while (g_variant_iter_next(&iter, "&o", &path)) {
                i = item_new(path, c->searched);
                i->id = g_strdup(c->id);
                g_ptr_array_add(c->items, i);
        }
}

static void next_collection(VaultCall *c) {
        c->at_collection++;
        search(c);
}

/* A collection that went away holds nothing; of one that is there and cannot be searched nobody knows what it
 * holds. */
static void on_label(VaultCall *c, GVariant *reply, const GError *error) {
        if (!reply && call_error_is_gone(error))
                return next_collection(c);

        log_debug("keyring: a collection cannot be searched");
        call_finish(c, CONDITION_KEYRING_FAILED);
}

static void on_paths(VaultCall *c, GVariant *reply, const GError *error) {
        g_autoptr(GVariant) paths = NULL;

        if (!reply && call_error_is_gone(error))
                return call_request_property(c, c->collections[c->at_collection],
                                             COLLECTION_INTERFACE, "Label", on_label);
        if (!reply)
                return call_fail(c, error);

        paths = g_variant_get_child_value(reply, 0);
        take_paths(c, paths);
        next_collection(c);
}

static void search(VaultCall *c) {
        if (!c->collections[c->at_collection]) {
                if (c->id || ++c->searched == _VAULT_KIND_MAX)
                        return read_item(c);
                c->at_collection = 0;
        }
        if (!c->collections[c->at_collection])
                return read_item(c);

        call_request(c, c->collections[c->at_collection], &SEARCH_ITEMS,
                     g_variant_new("(@a{ss})", item_attributes_to_search(c->searched, c->id)),
                     on_paths);
}

static void on_collections(VaultCall *c, GVariant *reply, const GError *error) {
        g_autoptr(GVariant) collections = NULL;

        if (!reply)
                return call_fail(c, error);

        g_variant_get(reply, "(v)", &collections);
        if (!g_variant_is_of_type(collections, G_VARIANT_TYPE_OBJECT_PATH_ARRAY))
                return call_finish(c, CONDITION_KEYRING_FAILED);

        c->collections = g_variant_dup_objv(collections, NULL);
        search(c);
}

static void free_item(void *i) {
        (void) item_free(i);
}

void step_lookup(VaultCall *c, CallStepFn next) {
        g_clear_pointer(&c->items, g_ptr_array_unref);
        g_clear_pointer(&c->collections, g_strfreev);
        c->items = g_ptr_array_new_with_free_func(free_item);
        c->searched = c->id ? c->kind : 0;
        c->at = c->at_collection = 0;
        c->after_lookup = next;
        call_request_property(c, SERVICE_PATH, SERVICE_INTERFACE, "Collections", on_collections);
}
