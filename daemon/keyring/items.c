/* SPDX-License-Identifier: MIT */

/*
 * How items are found and read, and how ours are written down.
 *
 * A lookup searches, then reads each item that was found: its properties, and its document if it
 * is unlocked. Each kind is searched for by itself, since locked items may hide their attributes;
 * and each collection by itself, since KeePassXC opens its window if the whole service is searched
 * while its database is locked.
 */

#include "common/condition.h"
#include "common/log.h"
#include "common/names.h"
#include "keyring/vault-private.h"

static const Method SEARCH_ITEMS = { COLLECTION_INTERFACE, "SearchItems", "(ao)" };
static const Method GET_ALL = { PROPERTIES_INTERFACE, "GetAll", "(a{sv})" };
static const Method DELETE = { ITEM_INTERFACE, "Delete", "(o)" };
static const Method GET_SECRET = { ITEM_INTERFACE, "GetSecret", "((oayays))" };

/* libsecret, and the keyrings after it, keep the name of the schema in this attribute. */
#define ATTRIBUTE_SCHEMA    "xdg:schema"
#define ATTRIBUTE_KIND      "kind"
#define ATTRIBUTE_ID        "id"
#define ATTRIBUTE_CLIENT_ID "client_id"

/* gnome-keyring shows the attributes of an item that it has not unlocked yet as MD5 sums, under
 * names that begin like this. */
#define HASHED_PREFIX "gkr:compat:hashed:"

#define CONTENT_TYPE "text/plain; charset=utf8"

static const char *const kind_names[_VAULT_KIND_MAX] = {
        [VAULT_ACCOUNT] = "account",
        [VAULT_APPLICATION] = "application",
};

static void lookup_search(VaultCall *c);
static void lookup_read(VaultCall *c);

static Item *item_new(const char *path, VaultKind kind, const char *id) {
        Item *i = g_new(Item, 1);

        *i = (Item){
                .path = g_strdup(path),
                .kind = kind,
                .id = g_strdup(id),
                .locked = true,
        };
        return i;
}

static void item_free(void *item) {
        Item *i = item;

        secret_unref(i->document);
        g_free(i->label);
        g_free(i->client_id);
        g_free(i->id);
        g_free(i->path);
        g_free(i);
}

/* Attributes that are NULL are left out. Floating. */
static GVariant *item_attributes(const char *schema, const char *kind, const char *id,
                                 const char *client_id) {
        const struct {
                const char *name, *value;
        } attributes[] = {
                { ATTRIBUTE_SCHEMA, schema },
                { ATTRIBUTE_KIND, kind },
                { ATTRIBUTE_ID, id },
                { ATTRIBUTE_CLIENT_ID, client_id },
        };
        GVariantBuilder b;

        g_variant_builder_init(&b, G_VARIANT_TYPE("a{ss}"));
        for (size_t n = 0; n < ELEMENTSOF(attributes); n++)
                if (attributes[n].value)
                        g_variant_builder_add(&b, "{ss}", attributes[n].name, attributes[n].value);
        return g_variant_builder_end(&b);
}

GVariant *item_attributes_of_schema(void) {
        return item_attributes(TOKENS_KEYRING_SCHEMA, NULL, NULL, NULL);
}

GVariant *item_properties(const VaultCall *c) {
        return g_variant_new_parsed(
                "{%s: <%s>, %s: <%@a{ss}>}", ITEM_INTERFACE ".Label", c->label,
                ITEM_INTERFACE ".Attributes",
                item_attributes(TOKENS_KEYRING_SCHEMA, kind_names[c->kind], c->id, c->client_id));
}

GVariant *item_encode(const VaultCall *c) {
        g_autoptr(SecretValue) value = NULL;

        value = secret_value_new(secret_string(c->document), (gssize) secret_length(c->document),
                                 CONTENT_TYPE);
        return secret_service_encode_dbus_secret(c->service, value);
}

/* Returns 0, -EBADMSG if the secret cannot be decrypted, or another negative errno. */
static int item_decode(const VaultCall *c, GVariant *secret, Secret **ret) {
        g_autoptr(SecretValue) value = NULL;
        const char *bytes;
        gsize length;

        value = secret_service_decode_dbus_secret(c->service, secret);
        if (!value)
                return -EBADMSG;

        bytes = secret_value_get(value, &length);
        return secret_new_from(bytes, length, ret);
}

static bool item_has_our_schema(GVariant *attributes) {
        g_autofree char *hash = NULL;
        const char *schema;

        if (g_variant_lookup(attributes, HASHED_PREFIX ATTRIBUTE_SCHEMA, "&s", &schema)) {
                hash = g_compute_checksum_for_string(G_CHECKSUM_MD5, TOKENS_KEYRING_SCHEMA, -1);
                return streq(schema, hash);
        }
        return g_variant_lookup(attributes, ATTRIBUTE_SCHEMA, "&s", &schema) &&
               streq(schema, TOKENS_KEYRING_SCHEMA);
}

static void item_read_string(GVariant *dictionary, const char *name, char **field) {
        char *value = NULL;

        if (!g_variant_lookup(dictionary, name, "s", &value))
                return;

        g_free(*field);
        *field = value;
}

/* Takes over what the properties (a{sv}) tell. Returns false if the item is not of our schema. */
static bool item_read(Item *i, GVariant *properties) {
        g_autoptr(GVariant) attributes = NULL;
        gboolean locked = TRUE;

        attributes = g_variant_lookup_value(properties, "Attributes", G_VARIANT_TYPE("a{ss}"));
        if (!attributes || !item_has_our_schema(attributes))
                return false;

        item_read_string(attributes, ATTRIBUTE_ID, &i->id);
        item_read_string(attributes, ATTRIBUTE_CLIENT_ID, &i->client_id);
        item_read_string(properties, "Label", &i->label);
        (void) g_variant_lookup(properties, "Modified", "t", &i->modified);
        (void) g_variant_lookup(properties, "Locked", "b", &locked);
        i->locked = locked;
        return true;
}

static void lookup_next_item(VaultCall *c) {
        c->at++;
        lookup_read(c);
}

static void lookup_drop_item(VaultCall *c) {
        g_ptr_array_remove_index(c->items, (unsigned) c->at);
        lookup_read(c);
}

static void lookup_on_dead_deleted(VaultCall *c, GVariant *reply, const GError *error) {
        lookup_drop_item(c);
}

/* KWallet gives an empty secret, and no error, if the wallet was closed meanwhile. It also does so
 * for ever if it was killed after it had written the attributes and before it wrote the secret.
 * Such an item has nothing to lose, and would be taken for an account that is locked. */
static void lookup_on_empty(VaultCall *c, GVariant *reply, const GError *error) {
        g_autoptr(GVariant) locked = NULL;
        Item *i = call_current_item(c);

        if (!reply)
                return call_fail(c, error);

        locked = call_property(reply, "b");
        if (locked && !g_variant_get_boolean(locked))
                return call_request(c, i->path, &DELETE, NULL, lookup_on_dead_deleted);

        i->document = secret_unref(i->document);
        i->locked = true;
        lookup_next_item(c);
}

static void lookup_on_secret(VaultCall *c, GVariant *reply, const GError *error) {
        g_autofree char *collection = NULL;
        g_autoptr(GVariant) secret = NULL;
        Item *i = call_current_item(c);
        int r;

        if (!reply && call_error_is_gone(error))
                return lookup_drop_item(c);
        if (!reply && call_error_is_locked(error)) {
                i->locked = true;
                return lookup_next_item(c);
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

        if (!i->document || secret_length(i->document) > 0 || !provider_is_kwallet(c->provider))
                return lookup_next_item(c);

        collection = g_path_get_dirname(i->path);
        call_request_property(c, collection, COLLECTION_INTERFACE, "Locked", lookup_on_empty);
}

static void lookup_on_properties(VaultCall *c, GVariant *reply, const GError *error) {
        g_autoptr(GVariant) properties = NULL;
        Item *i = call_current_item(c);

        if (!reply && call_error_is_gone(error))
                return lookup_drop_item(c);
        if (!reply)
                return call_fail(c, error);

        properties = g_variant_get_child_value(reply, 0);
        if (!item_read(i, properties))
                return lookup_drop_item(c);
        if (i->locked || !c->with_documents)
                return lookup_next_item(c);

        call_request(c, i->path, &GET_SECRET,
                     g_variant_new("(o)", secret_service_get_session_dbus_path(c->service)),
                     lookup_on_secret);
}

static void lookup_read(VaultCall *c) {
        if (c->at == c->items->len)
                return c->after_lookup(c);

        call_request(c, call_current_item(c)->path, &GET_ALL, g_variant_new("(s)", ITEM_INTERFACE),
                     lookup_on_properties);
}

static void lookup_next_collection(VaultCall *c) {
        c->at_collection++;
        lookup_search(c);
}

/* A collection that went away holds nothing. What a collection holds that is there and cannot be
 * searched is not known. */
static void lookup_on_label(VaultCall *c, GVariant *reply, const GError *error) {
        if (!reply && call_error_is_gone(error))
                return lookup_next_collection(c);

        log_debug("keyring: a collection cannot be searched");
        call_finish(c, CONDITION_KEYRING_FAILED);
}

static void lookup_on_paths(VaultCall *c, GVariant *reply, const GError *error) {
        g_autoptr(GVariant) paths = NULL;
        GVariantIter iter;
        const char *path;

        if (!reply && call_error_is_gone(error))
                return call_request_property(c, c->collections[c->at_collection],
                                             COLLECTION_INTERFACE, "Label", lookup_on_label);
        if (!reply)
                return call_fail(c, error);

        paths = g_variant_get_child_value(reply, 0);
        g_variant_iter_init(&iter, paths);
        while (g_variant_iter_next(&iter, "&o", &path))
                g_ptr_array_add(c->items, item_new(path, c->searched, c->id));
        lookup_next_collection(c);
}

/* Searches for one kind in one collection after the other, then for the next kind. The search does
 * without the schema, since gnome-keyring does not find by it what it has not unlocked yet. */
static void lookup_search(VaultCall *c) {
        GVariant *attributes;

        if (!c->collections[c->at_collection]) {
                if (c->id || ++c->searched == _VAULT_KIND_MAX)
                        return lookup_read(c);
                c->at_collection = 0;
        }
        if (!c->collections[c->at_collection])
                return lookup_read(c);

        attributes = item_attributes(NULL, kind_names[c->searched], c->id, NULL);
        call_request(c, c->collections[c->at_collection], &SEARCH_ITEMS,
                     g_variant_new("(@a{ss})", attributes), lookup_on_paths);
}

static void lookup_on_collections(VaultCall *c, GVariant *reply, const GError *error) {
        g_autoptr(GVariant) collections = NULL;

        if (!reply)
                return call_fail(c, error);

        collections = call_property(reply, "ao");
        if (!collections)
                return call_finish(c, CONDITION_KEYRING_FAILED);

        c->collections = g_variant_dup_objv(collections, NULL);
        lookup_search(c);
}

void step_lookup(VaultCall *c, CallStepFn next) {
        g_clear_pointer(&c->items, g_ptr_array_unref);
        g_clear_pointer(&c->collections, g_strfreev);
        c->items = g_ptr_array_new_with_free_func(item_free);
        c->searched = c->id ? c->kind : 0;
        c->at = c->at_collection = 0;
        c->after_lookup = next;
        call_request_property(c, SERVICE_PATH, SERVICE_INTERFACE, "Collections",
                              lookup_on_collections);
}
