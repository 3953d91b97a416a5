/* SPDX-License-Identifier: MIT */

#define SECRET_API_SUBJECT_TO_CHANGE

#include "answer-store.h"

#include <err.h>
#include <libsecret/secret.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SERVICE_PATH "/org/freedesktop/secrets"
#define SERVICE      "org.freedesktop.Secret.Service"
#define COLLECTION   "org.freedesktop.Secret.Collection"
#define ITEM         "org.freedesktop.Secret.Item"
#define PROPERTIES   "org.freedesktop.DBus.Properties"

struct AnswerStore {
        SecretService *service;
        GHashTable *attributes;
        bool looks;
};

static const SecretSchema schema = { "bench",
                                     SECRET_SCHEMA_NONE,
                                     { { "way", SECRET_SCHEMA_ATTRIBUTE_STRING } } };

/* Or replaces the item, if there is one. */
static void answer_store_create(const AnswerStore *s, SecretValue *value) {
        if (!secret_service_store_sync(s->service, &schema, s->attributes,
                                       SECRET_COLLECTION_DEFAULT, "An answer", value, NULL, NULL))
                errx(EXIT_FAILURE, "the keyring does not take the answer");
}

/* Returns the first value of the answer. */
static GVariant *answer_store_call(const AnswerStore *s, const char *path, const char *interface,
                                   const char *method, GVariant *arguments) {
        GDBusProxy *proxy = G_DBUS_PROXY(s->service);
        GVariant *reply, *first = NULL;

        reply = g_dbus_connection_call_sync(
                g_dbus_proxy_get_connection(proxy), g_dbus_proxy_get_name(proxy), path, interface,
                method, arguments, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
        if (!reply)
                errx(EXIT_FAILURE, "the keyring does not answer %s", method);

        if (g_variant_n_children(reply) > 0)
                first = g_variant_get_child_value(reply, 0);
        g_variant_unref(reply);
        return first;
}

static GVariant *answer_store_search(const AnswerStore *s, const char *path,
                                     const char *interface) {
        GVariantBuilder attributes;
        GHashTableIter iter;
        void *name, *value;

        g_variant_builder_init(&attributes, G_VARIANT_TYPE("a{ss}"));
        g_hash_table_iter_init(&iter, s->attributes);
        while (g_hash_table_iter_next(&iter, &name, &value))
                g_variant_builder_add(&attributes, "{ss}", name, value);
        return answer_store_call(s, path, interface, "SearchItems",
                                 g_variant_new("(a{ss})", &attributes));
}

void answer_store_look(const AnswerStore *s) {
        GVariant *collection, *locked;

        if (!s->looks)
                return;

        collection = answer_store_call(s, SERVICE_PATH, SERVICE, "ReadAlias",
                                       g_variant_new("(s)", "default"));
        locked = answer_store_call(s, g_variant_get_string(collection, NULL), PROPERTIES, "Get",
                                   g_variant_new("(ss)", COLLECTION, "Locked"));
        g_variant_unref(answer_store_search(s, SERVICE_PATH, SERVICE));
        g_variant_unref(locked);
        g_variant_unref(collection);
}

/* Returns the path of the item, or NULL. */
static char *answer_store_find(const AnswerStore *s) {
        GVariant *value = answer_store_call(s, SERVICE_PATH, PROPERTIES, "Get",
                                            g_variant_new("(ss)", SERVICE, "Collections"));
        GVariant *collections = g_variant_get_variant(value);
        char *path = NULL;

        for (size_t i = 0; i < g_variant_n_children(collections); i++) {
                GVariant *collection = g_variant_get_child_value(collections, i);
                GVariant *found =
                        answer_store_search(s, g_variant_get_string(collection, NULL), COLLECTION);

                if (g_variant_n_children(found) > 0)
                        g_variant_get_child(found, 0, "o", &path);
                g_variant_unref(found);
                g_variant_unref(collection);
        }
        g_variant_unref(collections);
        g_variant_unref(value);
        return path;
}

static void answer_store_replace(const AnswerStore *s, SecretValue *value) {
        char *path = answer_store_find(s);

        if (!path)
                return answer_store_create(s, value);

        g_variant_unref(
                answer_store_call(s, path, PROPERTIES, "GetAll", g_variant_new("(s)", ITEM)));
        (void) answer_store_call(
                s, path, ITEM, "SetSecret",
                g_variant_new("(@(oayays))", secret_service_encode_dbus_secret(s->service, value)));
        g_free(path);
}

void answer_store_keep(const AnswerStore *s, const char *answer, size_t size) {
        SecretValue *value = secret_value_new(answer, (gssize) size, "text/plain");

        if (s->looks)
                answer_store_replace(s, value);
        else
                answer_store_create(s, value);
        secret_value_unref(value);
}

AnswerStore *answer_store_new(const char *way) {
        AnswerStore *s = g_new(AnswerStore, 1);

        *s = (AnswerStore){
                .service = secret_service_get_sync(SECRET_SERVICE_OPEN_SESSION, NULL, NULL),
                .attributes = secret_attributes_build(&schema, "way", way, NULL),
                .looks = strcmp(way, "looking") == 0,
        };
        if (!s->service)
                errx(EXIT_FAILURE, "no keyring");
        return s;
}

void answer_store_free(AnswerStore *s) {
        g_hash_table_unref(s->attributes);
        g_object_unref(s->service);
        g_free(s);
}
