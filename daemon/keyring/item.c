/* SPDX-License-Identifier: MIT */

#include "keyring/item.h"

#include "common/names.h"

/* libsecret and everybody after it keep the name of the schema in this attribute. */
#define ATTRIBUTE_SCHEMA    "xdg:schema"
#define ATTRIBUTE_KIND      "kind"
#define ATTRIBUTE_ID        "id"
#define ATTRIBUTE_CLIENT_ID "client_id"

/* gnome-keyring shows the attributes of an item that it has not unlocked yet as MD5 sums, under names
 * which begin so. */
#define HASHED_PREFIX "gkr:compat:hashed:"

#define CONTENT_TYPE "text/plain; charset=utf8"

static const char *const kind_names[_VAULT_KIND_MAX] = {
        [VAULT_ACCOUNT] = "account",
        [VAULT_APPLICATION] = "application",
};

Item *item_new(const char *path, VaultKind kind) {
        Item *i = g_new(Item, 1);

        *i = (Item){ .path = g_strdup(path), .kind = kind, .locked = true };
        return i;
}

Item *item_free(Item *i) {
        if (!i)
                return NULL;

        secret_unref(i->document);
        g_free(i->label);
        g_free(i->client_id);
        g_free(i->id);
        g_free(i->path);
        g_free(i);
        return NULL;
}

static void read_string(GVariant *dictionary, const char *name, char **field) {
        char *value = NULL;

        if (!g_variant_lookup(dictionary, name, "s", &value))
                return;

        g_free(*field);
        *field = value;
}

static bool has_our_schema(GVariant *attributes) {
        g_autofree char *hash = NULL;
        const char *schema;

        if (g_variant_lookup(attributes, HASHED_PREFIX ATTRIBUTE_SCHEMA, "&s", &schema)) {
                hash = g_compute_checksum_for_string(G_CHECKSUM_MD5, TOKENS_KEYRING_SCHEMA, -1);
                return streq(schema, hash);
        }
        return g_variant_lookup(attributes, ATTRIBUTE_SCHEMA, "&s", &schema) &&
               streq(schema, TOKENS_KEYRING_SCHEMA);
}

bool item_read(Item *i, GVariant *properties) {
        g_autoptr(GVariant) attributes = NULL;
        gboolean locked = TRUE;
        guint64 modified = 0;

        attributes = g_variant_lookup_value(properties, "Attributes", G_VARIANT_TYPE("a{ss}"));
        if (!attributes || !has_our_schema(attributes))
                return false;

        read_string(attributes, ATTRIBUTE_ID, &i->id);
        read_string(attributes, ATTRIBUTE_CLIENT_ID, &i->client_id);
        read_string(properties, "Label", &i->label);
        (void) g_variant_lookup(properties, "Locked", "b", &locked);
        (void) g_variant_lookup(properties, "Modified", "t", &modified);
        i->locked = locked;
        i->modified = modified;
        return true;
}

bool item_is_newer(const Item *a, const Item *b) {
        if (a->modified != b->modified)
                return a->modified > b->modified;
        return strcmp(a->path, b->path) > 0;
}

VaultItem item_view(const Item *i) {
        return (VaultItem){
                .key.kind = i->kind,
                .key.id = str_or_empty(i->id),
                .key.client_id = str_or_empty(i->client_id),
                .locked = i->locked,
                .document = i->document,
                .modified = i->modified,
        };
}

static void add_attribute(GVariantBuilder *b, const char *name, const char *value) {
        if (value)
                g_variant_builder_add(b, "{ss}", name, value);
}

GVariant *item_attributes_to_search(VaultKind kind, const char *id) {
        GVariantBuilder b;

        g_variant_builder_init(&b, G_VARIANT_TYPE("a{ss}"));
        add_attribute(&b, ATTRIBUTE_KIND, kind_names[kind]);
        add_attribute(&b, ATTRIBUTE_ID, id);
        return g_variant_builder_end(&b);
}

GVariant *item_attributes_of_schema(void) {
        GVariantBuilder b;

        g_variant_builder_init(&b, G_VARIANT_TYPE("a{ss}"));
        add_attribute(&b, ATTRIBUTE_SCHEMA, TOKENS_KEYRING_SCHEMA);
        return g_variant_builder_end(&b);
}

static GVariant *item_attributes(const VaultCall *c) {
        GVariantBuilder b;

        g_variant_builder_init(&b, G_VARIANT_TYPE("a{ss}"));
        add_attribute(&b, ATTRIBUTE_SCHEMA, TOKENS_KEYRING_SCHEMA);
        add_attribute(&b, ATTRIBUTE_KIND, kind_names[c->kind]);
        add_attribute(&b, ATTRIBUTE_ID, c->id);
        add_attribute(&b, ATTRIBUTE_CLIENT_ID, c->client_id);
        return g_variant_builder_end(&b);
}

GVariant *item_properties(const VaultCall *c) {
        GVariantBuilder b;

        g_variant_builder_init(&b, G_VARIANT_TYPE("a{sv}"));
        g_variant_builder_add(&b, "{sv}", ITEM_INTERFACE ".Label", g_variant_new_string(c->label));
        g_variant_builder_add(&b, "{sv}", ITEM_INTERFACE ".Attributes", item_attributes(c));
        return g_variant_builder_end(&b);
}

GVariant *item_encode(const VaultCall *c) {
        g_autoptr(SecretValue) value = NULL;

        value = secret_value_new(secret_string(c->document), (gssize) secret_length(c->document),
                                 CONTENT_TYPE);
        return secret_service_encode_dbus_secret(c->service, value);
}

int item_decode(const VaultCall *c, GVariant *secret, Secret **ret) {
        g_autoptr(SecretValue) value = NULL;
        const char *bytes;
        gsize length;

        value = secret_service_decode_dbus_secret(c->service, secret);
        if (!value)
                return -EBADMSG;

        bytes = secret_value_get(value, &length);
        return secret_new_from(bytes, length, ret);
}
