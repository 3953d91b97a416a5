/* SPDX-License-Identifier: MIT */

/*
 * The default collection: is there one, is it unlocked, and are our items in it? After something was
 * unlocked or created, the questions are put again rather than trusting the answer.
 */

#include "common/condition.h"
#include "keyring/item.h"
#include "keyring/prompt.h"
#include "keyring/provider.h"
#include "keyring/steps.h"
#include "keyring/vault-private.h"

static const Method READ_ALIAS = { SERVICE_INTERFACE, "ReadAlias", "(o)" };
static const Method UNLOCK = { SERVICE_INTERFACE, "Unlock", "(aoo)" };
static const Method SEARCH_ITEMS = { SERVICE_INTERFACE, "SearchItems", "(aoao)" };
static const Method CREATE_COLLECTION = { SERVICE_INTERFACE, "CreateCollection", "(oo)" };

#define ALIAS_DEFAULT    "default"
#define COLLECTION_LABEL "Default keyring"

/* The collection and the items, each twice; a service that unlocks nothing is not asked for ever. */
#define UNLOCKS_MAX 4

static void read_alias(VaultCall *c);

static void on_unlocked(VaultCall *c, GVariant *reply, const GError *error) {
        const char *prompt;

        if (!reply)
                return call_fail(c, error);

        g_variant_get_child(reply, 1, "&o", &prompt);
        prompt_perform(c, prompt, c->unlock_reason, c->when_locked, c->after_unlock);
}

/* Takes a floating ao. */
static void unlock(VaultCall *c, GVariant *objects, PromptReason reason, int otherwise,
                   CallStepFn next) {
        g_autoptr(GVariant) taken = g_variant_ref_sink(objects);

        if (c->n_unlocks++ >= UNLOCKS_MAX)
                return call_finish(c, otherwise);

        c->unlock_reason = reason;
        c->when_locked = otherwise;
        c->after_unlock = next;
        call_request(c, SERVICE_PATH, &UNLOCK, g_variant_new("(@ao)", taken), on_unlocked);
}

void step_unlock_items(VaultCall *c, GVariant *items, int otherwise, CallStepFn next) {
        g_autoptr(GVariant) taken = g_variant_ref_sink(items);

        if (prompt_is_allowed(c, PROMPT_UNLOCK_ITEMS))
                unlock(c, taken, PROMPT_UNLOCK_ITEMS, otherwise, next);
        else
                call_finish(c, otherwise);
}

static void on_created(VaultCall *c, GVariant *reply, const GError *error) {
        const char *prompt;

        if (!reply)
                return call_fail(c, error);

        c->n_unlocks++;
        g_variant_get_child(reply, 1, "&o", &prompt);
        prompt_perform(c, prompt, PROMPT_CREATE_COLLECTION, CONDITION_KEYRING_MISSING, read_alias);
}

static void create_collection(VaultCall *c) {
        GVariantBuilder properties;

        if (!c->creates)
                return c->after_collection(c);
        if (!prompt_is_allowed(c, PROMPT_CREATE_COLLECTION))
                return call_finish(c, CONDITION_KEYRING_MISSING);

        g_variant_builder_init(&properties, G_VARIANT_TYPE("a{sv}"));
        g_variant_builder_add(&properties, "{sv}", COLLECTION_INTERFACE ".Label",
                              g_variant_new_string(COLLECTION_LABEL));
        call_request(c, SERVICE_PATH, &CREATE_COLLECTION,
                     g_variant_new("(a{sv}s)", &properties, ALIAS_DEFAULT), on_created);
}

static void unlock_collection(VaultCall *c) {
        unlock(c, g_variant_new_objv((const char *const *) &c->collection, 1),
               PROMPT_UNLOCK_COLLECTION, CONDITION_KEYRING_LOCKED, read_alias);
}

static void on_locked(VaultCall *c, GVariant *reply, const GError *error) {
        g_autoptr(GVariant) locked = NULL;

        if (!reply && call_error_is_gone(error))
                return create_collection(c);
        if (!reply)
                return call_fail(c, error);

        g_variant_get(reply, "(v)", &locked);
        if (!g_variant_is_of_type(locked, G_VARIANT_TYPE_BOOLEAN))
                return call_finish(c, CONDITION_KEYRING_FAILED);
        if (!g_variant_get_boolean(locked)) {
                vault_note_prompt_needed(c->vault, false);
                return c->after_collection(c);
        }

        if (prompt_is_allowed(c, PROMPT_UNLOCK_COLLECTION))
                unlock_collection(c);
        else if (vault_is_prompt_needed(c->vault))
                call_finish(c, CONDITION_KEYRING_LOCKED);
        else
                provider_open_unasked(c, unlock_collection);
}

static void on_alias(VaultCall *c, GVariant *reply, const GError *error) {
        if (!reply)
                return call_fail(c, error);

        g_clear_pointer(&c->collection, g_free);
        g_variant_get(reply, "(o)", &c->collection);
        if (streq(c->collection, NO_OBJECT))
                return create_collection(c);

        call_request_property(c, c->collection, COLLECTION_INTERFACE, "Locked", on_locked);
}

static void read_alias(VaultCall *c) {
        call_request(c, SERVICE_PATH, &READ_ALIAS, g_variant_new("(s)", ALIAS_DEFAULT), on_alias);
}

void step_default_collection(VaultCall *c, CallStepFn next) {
        c->after_collection = next;
        read_alias(c);
}

static void find_locked_items(VaultCall *c);

static bool is_in_collection(const VaultCall *c, const char *path) {
        size_t length = strlen(c->collection);

        return strncmp(path, c->collection, length) == 0 && path[length] == '/';
}

static void on_items(VaultCall *c, GVariant *reply, const GError *error) {
        g_autoptr(GVariant) locked = NULL;
        GVariantBuilder ours;
        GVariantIter iter;
        const char *path;
        size_t n = 0;

        if (!reply)
                return call_fail(c, error);

        locked = g_variant_get_child_value(reply, 1);
        g_variant_builder_init(&ours, G_VARIANT_TYPE_OBJECT_PATH_ARRAY);
        g_variant_iter_init(&iter, locked);
        while (g_variant_iter_next(&iter, "&o", &path)) {
                if (!is_in_collection(c, path))
                        continue;
                g_variant_builder_add(&ours, "o", path);
                n++;
        }

        /* A whole collection that was locked since we looked at it has locked items, too. */
        if (n > 0 && !c->collection_rechecked) {
                g_variant_builder_clear(&ours);
                c->collection_rechecked = true;
                return step_default_collection(c, find_locked_items);
        }
        if (n > 0)
                return step_unlock_items(c, g_variant_builder_end(&ours),
                                         CONDITION_KEYRING_ITEMS_LOCKED, find_locked_items);
        g_variant_builder_clear(&ours);
        c->after_items(c);
}

/* As the collection is open, KeePassXC has no reason to ask for it here. */
static void find_locked_items(VaultCall *c) {
        call_request(c, SERVICE_PATH, &SEARCH_ITEMS,
                     g_variant_new("(@a{ss})", item_attributes_of_schema()), on_items);
}

void step_open_items(VaultCall *c, CallStepFn next) {
        c->after_items = next;
        find_locked_items(c);
}
