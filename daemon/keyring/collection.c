/* SPDX-License-Identifier: MIT */

/*
 * The default collection: is there one, and is it unlocked? Where the user was asked to create or to
 * unlock it, both questions are put again rather than trusting the prompt.
 */

#include "common/condition.h"
#include "keyring/prompt.h"
#include "keyring/steps.h"

static const Method READ_ALIAS = { SERVICE_INTERFACE, "ReadAlias", "(o)" };
static const Method UNLOCK = { SERVICE_INTERFACE, "Unlock", "(aoo)" };
static const Method CREATE_COLLECTION = { SERVICE_INTERFACE, "CreateCollection", "(oo)" };
static const Method GET = { PROPERTIES_INTERFACE, "Get", "(v)" };

#define ALIAS_DEFAULT    "default"
#define COLLECTION_LABEL "Default keyring"

static void read_alias(VaultCall *c);

/* The answers of Unlock and CreateCollection end alike. */
static void on_may_prompt(VaultCall *c, GVariant *reply, const GError *error) {
        const char *prompt;

        if (!reply)
                return call_fail(c, error);

        g_variant_get_child(reply, 1, "&o", &prompt);
        prompt_perform(c, prompt, c->after_unlock);
}

static bool may_ask(VaultCall *c) {
        if (c->prompt == VAULT_NO_PROMPT || c->asked)
                return false;

        c->asked = true;
        return true;
}

void step_unlock(VaultCall *c, GVariant *objects, CallStepFn next) {
        g_autoptr(GVariant) taken = g_variant_ref_sink(objects);

        if (!may_ask(c))
                return call_finish(c, CONDITION_KEYRING_LOCKED);

        c->after_unlock = next;
        call_request(c, SERVICE_PATH, &UNLOCK, g_variant_new("(@ao)", taken), on_may_prompt);
}

static void create_collection(VaultCall *c) {
        GVariantBuilder properties;

        if (!c->creates)
                return c->after_collection(c);
        if (!may_ask(c))
                return call_finish(c, CONDITION_KEYRING_LOCKED);

        g_variant_builder_init(&properties, G_VARIANT_TYPE("a{sv}"));
        g_variant_builder_add(&properties, "{sv}", COLLECTION_INTERFACE ".Label",
                              g_variant_new_string(COLLECTION_LABEL));
        c->after_unlock = read_alias;
        call_request(c, SERVICE_PATH, &CREATE_COLLECTION,
                     g_variant_new("(a{sv}s)", &properties, ALIAS_DEFAULT), on_may_prompt);
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
        if (!g_variant_get_boolean(locked))
                return c->after_collection(c);

        step_unlock(c, g_variant_new_objv((const char *const *) &c->collection, 1), read_alias);
}

static void on_alias(VaultCall *c, GVariant *reply, const GError *error) {
        if (!reply)
                return call_fail(c, error);

        g_clear_pointer(&c->collection, g_free);
        g_variant_get(reply, "(o)", &c->collection);
        if (streq(c->collection, NO_OBJECT))
                return create_collection(c);

        call_request(c, c->collection, &GET, g_variant_new("(ss)", COLLECTION_INTERFACE, "Locked"),
                     on_locked);
}

static void read_alias(VaultCall *c) {
        call_request(c, SERVICE_PATH, &READ_ALIAS, g_variant_new("(s)", ALIAS_DEFAULT), on_alias);
}

void step_default_collection(VaultCall *c, CallStepFn next) {
        c->after_collection = next;
        read_alias(c);
}
