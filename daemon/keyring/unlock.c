/* SPDX-License-Identifier: MIT */

/*
 * The default collection: is there one, is it unlocked, and are our items in it? And the prompts
 * of the service, which it answers with instead of doing the work, and which show themselves only
 * when they are told to. Here it is decided which prompts are shown. After something was unlocked
 * or created, the questions are put again rather than trusting the answer.
 *
 * A prompt is never dismissed, only forgotten: gnome-keyring up to now aborts if an unlock prompt
 * is dismissed while one is open (perform_next_unlock: !self->current), and all that the user had
 * unlocked is locked. What stays on the screen does no harm; answered late it still unlocks. A
 * prompt that was not shown lives as long as our connection. So that they do not pile up, a
 * collection that was seen to need a prompt is not asked to open without one until it was open.
 */

#include "common/condition.h"
#include "keyring/vault-private.h"

static const Method PROMPT = { PROMPT_INTERFACE, "Prompt", "()" };
static const Method READ_ALIAS = { SERVICE_INTERFACE, "ReadAlias", "(o)" };
static const Method UNLOCK = { SERVICE_INTERFACE, "Unlock", "(aoo)" };
static const Method SEARCH_ITEMS = { SERVICE_INTERFACE, "SearchItems", "(aoao)" };
static const Method CREATE_COLLECTION = { SERVICE_INTERFACE, "CreateCollection", "(oo)" };
static const Method IS_OPEN = { "org.kde.KWallet", "isOpen", "(b)" };

/* No parent window. */
#define WINDOW_ID ""

#define ALIAS_DEFAULT    "default"
#define COLLECTION_LABEL "Default keyring"

/* gnome-keyring, and others after it, have this one in memory alone. KeePassXC and KWallet may have
 * a database or a wallet of that name. */
#define SESSION_COLLECTION SERVICE_PATH "/collection/session"

/* The collection and the items, each twice; a service that unlocks nothing is not asked for
 * ever. */
#define UNLOCKS_MAX 4

/* A prompt to unlock or to create a collection may be shown if the caller allowed interaction, and
 * once in a call, or if it is known to show nothing. A prompt to write may always be shown, since
 * KeePassXC answers every creation and deletion with one, and shows nothing; unless its user wants
 * to confirm deletions, which only happen when the user asked for them. */
static bool prompt_is_allowed(const VaultCall *c, PromptReason reason) {
        switch (reason) {
        case PROMPT_UNLOCK_COLLECTION:
                if (c->opens_silently)
                        return true;
                __attribute__((fallthrough));
        case PROMPT_UNLOCK_ITEMS:
        case PROMPT_CREATE_COLLECTION:
                return c->prompt == VAULT_MAY_PROMPT && !(c->asked & (1u << reason));
        case PROMPT_WRITE:
                break;
        }
        return true;
}

static void prompt_on_completed(GDBusConnection *bus, const char *sender, const char *path,
                                const char *interface, const char *signal, GVariant *arguments,
                                void *userdata) {
        VaultCall *c = userdata;
        gboolean dismissed = TRUE;

        if (g_variant_is_of_type(arguments, G_VARIANT_TYPE("(bv)")))
                g_variant_get(arguments, "(bv)", &dismissed, NULL);

        call_stop_waiting(c);
        call_set_deadline(c, false);
        if (dismissed)
                return call_finish(c, c->when_refused);
        c->after_prompt(c);
}

static void prompt_on_owner_vanished(GDBusConnection *bus, const char *name, void *userdata) {
        VaultCall *c = userdata;

        call_stop_waiting(c);
        call_finish(c, CONDITION_KEYRING_FAILED);
}

/* The signal may overtake the answer. */
static void prompt_on_shown(VaultCall *c, GVariant *reply, const GError *error) {
        if (!reply && c->prompt_signal > 0)
                call_fail(c, error);
}

static void prompt_show(VaultCall *c, const char *path) {
        c->asked |= 1u << c->prompt_reason;
        c->prompt_signal = g_dbus_connection_signal_subscribe(
                call_bus(c), c->owner, PROMPT_INTERFACE, "Completed", path, NULL,
                G_DBUS_SIGNAL_FLAGS_NONE, prompt_on_completed, c, NULL);
        c->watch =
                g_bus_watch_name_on_connection(call_bus(c), c->owner, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                               NULL, prompt_on_owner_vanished, c, NULL);
        call_set_deadline(c, true);
        call_request(c, path, &PROMPT, g_variant_new("(s)", WINDOW_ID), prompt_on_shown);
}

void prompt_expect(VaultCall *c, PromptReason reason, int refusal, CallStepFn next) {
        c->prompt_reason = reason;
        c->when_refused = refusal;
        c->after_prompt = next;
}

void prompt_on_reply(VaultCall *c, GVariant *reply, const GError *error) {
        const char *path;

        if (!reply)
                return call_fail(c, error);

        g_variant_get_child(reply, g_variant_n_children(reply) - 1, "&o", &path);
        if (streq(path, NO_OBJECT))
                return c->after_prompt(c);
        if (prompt_is_allowed(c, c->prompt_reason))
                return prompt_show(c, path);

        c->session->prompt_needed = true;
        call_finish(c, c->when_refused);
}

/* To be called after prompt_expect(); objects (ao) may be floating. */
static void unlock_request(VaultCall *c, GVariant *objects) {
        g_autoptr(GVariant) taken = g_variant_ref_sink(objects);

        if (c->n_unlocks++ >= UNLOCKS_MAX)
                return call_finish(c, c->when_refused);

        call_request(c, SERVICE_PATH, &UNLOCK, g_variant_new("(@ao)", taken), prompt_on_reply);
}

void step_unlock_items(VaultCall *c, GVariant *items, int refusal, CallStepFn next) {
        g_autoptr(GVariant) taken = g_variant_ref_sink(items);

        if (!prompt_is_allowed(c, PROMPT_UNLOCK_ITEMS))
                return call_finish(c, refusal);

        prompt_expect(c, PROMPT_UNLOCK_ITEMS, refusal, next);
        unlock_request(c, taken);
}

static void collection_read_alias(VaultCall *c);

/* What is lost at logout is no keyring to keep tokens in. */
static bool collection_is_in_memory(const VaultCall *c) {
        return c->provider == PROVIDER_OTHER && streq(c->collection, SESSION_COLLECTION);
}

/* As long as there is a default collection, even one in memory, gnome-keyring shows its window and
 * creates none. */
static void collection_create(VaultCall *c) {
        GVariant *properties;

        if (!c->creates)
                return c->after_collection(c);
        if (collection_is_in_memory(c) || !prompt_is_allowed(c, PROMPT_CREATE_COLLECTION))
                return call_finish(c, CONDITION_KEYRING_MISSING);

        c->n_unlocks++;
        prompt_expect(c, PROMPT_CREATE_COLLECTION, CONDITION_KEYRING_MISSING,
                      collection_read_alias);
        properties =
                g_variant_new_parsed("{%s: <%s>}", COLLECTION_INTERFACE ".Label", COLLECTION_LABEL);
        call_request(c, SERVICE_PATH, &CREATE_COLLECTION,
                     g_variant_new("(@a{sv}s)", properties, ALIAS_DEFAULT), prompt_on_reply);
}

static void collection_unlock(VaultCall *c) {
        prompt_expect(c, PROMPT_UNLOCK_COLLECTION, CONDITION_KEYRING_LOCKED, collection_read_alias);
        unlock_request(c, g_variant_new_objv((const char *const *) &c->collection, 1));
}

static void wallet_on_is_open(VaultCall *c, GVariant *reply, const GError *error) {
        gboolean open = FALSE;

        if (reply)
                g_variant_get(reply, "(b)", &open);
        if (!open)
                return call_finish(c, CONDITION_KEYRING_LOCKED);

        c->opens_silently = true;
        collection_unlock(c);
}

/* The label of the collection is the name of the wallet. */
static void wallet_on_label(VaultCall *c, GVariant *reply, const GError *error) {
        bool five = c->provider == PROVIDER_KWALLETD5;
        g_autoptr(GVariant) label = NULL;

        if (!reply)
                return call_fail(c, error);

        label = call_property(reply, "s");
        if (!label)
                return call_finish(c, CONDITION_KEYRING_FAILED);

        call_request(c, five ? "/modules/kwalletd5" : "/modules/kwalletd6", &IS_OPEN,
                     g_variant_new("(s)", g_variant_get_string(label, NULL)), wallet_on_is_open);
}

/* The collection is locked, and no prompt is allowed, but it may open without one. KWallet's is
 * locked until it has been used by way of the Secret Service, even if the wallet is open. Its
 * Unlock always answers with a prompt, which shows nothing if the wallet is open, and which KWallet
 * keeps for ever if it is not shown. So KWallet is asked first whether the wallet is open. */
static void collection_unlock_unasked(VaultCall *c) {
        switch (c->provider) {
        case PROVIDER_KWALLETD5:
        case PROVIDER_KWALLETD6:
                call_request_property(c, c->collection, COLLECTION_INTERFACE, "Label",
                                      wallet_on_label);
                break;
        case PROVIDER_KSECRETD: /* knows no such question */
                call_finish(c, CONDITION_KEYRING_LOCKED);
                break;
        case PROVIDER_OTHER:
        case PROVIDER_KEEPASSXC:
                collection_unlock(c);
                break;
        }
}

static void collection_on_locked(VaultCall *c, GVariant *reply, const GError *error) {
        g_autoptr(GVariant) locked = NULL;

        if (!reply && call_error_is_gone(error))
                return collection_create(c);
        if (!reply)
                return call_fail(c, error);

        locked = call_property(reply, "b");
        if (!locked)
                return call_finish(c, CONDITION_KEYRING_FAILED);
        if (!g_variant_get_boolean(locked)) {
                c->session->prompt_needed = false;
                return c->after_collection(c);
        }

        if (prompt_is_allowed(c, PROMPT_UNLOCK_COLLECTION))
                collection_unlock(c);
        else if (c->session->prompt_needed)
                call_finish(c, CONDITION_KEYRING_LOCKED);
        else
                collection_unlock_unasked(c);
}

static void collection_on_alias(VaultCall *c, GVariant *reply, const GError *error) {
        if (!reply)
                return call_fail(c, error);

        g_clear_pointer(&c->collection, g_free);
        g_variant_get(reply, "(o)", &c->collection);
        if (streq(c->collection, NO_OBJECT) || collection_is_in_memory(c))
                return collection_create(c);

        call_request_property(c, c->collection, COLLECTION_INTERFACE, "Locked",
                              collection_on_locked);
}

static void collection_read_alias(VaultCall *c) {
        call_request(c, SERVICE_PATH, &READ_ALIAS, g_variant_new("(s)", ALIAS_DEFAULT),
                     collection_on_alias);
}

void step_default_collection(VaultCall *c, CallStepFn next) {
        c->after_collection = next;
        collection_read_alias(c);
}

static bool collection_holds(const VaultCall *c, const char *path) {
        size_t length = strlen(c->collection);

        return strncmp(path, c->collection, length) == 0 && path[length] == '/';
}

static void open_items_search(VaultCall *c);

static void open_items_on_found(VaultCall *c, GVariant *reply, const GError *error) {
        g_autoptr(GVariant) locked = NULL, ours = NULL;
        GVariantBuilder b;
        GVariantIter iter;
        const char *path;

        if (!reply)
                return call_fail(c, error);

        locked = g_variant_get_child_value(reply, 1);
        g_variant_builder_init(&b, G_VARIANT_TYPE_OBJECT_PATH_ARRAY);
        g_variant_iter_init(&iter, locked);
        while (g_variant_iter_next(&iter, "&o", &path))
                if (collection_holds(c, path))
                        g_variant_builder_add(&b, "o", path);
        ours = g_variant_ref_sink(g_variant_builder_end(&b));

        if (g_variant_n_children(ours) == 0)
                return c->after_open_items(c);

        /* If the whole collection was locked since we looked at it, its items are locked, too. */
        if (!c->collection_rechecked) {
                c->collection_rechecked = true;
                return step_default_collection(c, open_items_search);
        }
        step_unlock_items(c, ours, CONDITION_KEYRING_ITEMS_LOCKED, open_items_search);
}

/* As the collection is open, KeePassXC has no reason to ask for it here. */
static void open_items_search(VaultCall *c) {
        call_request(c, SERVICE_PATH, &SEARCH_ITEMS,
                     g_variant_new("(@a{ss})", item_attributes_of_schema()), open_items_on_found);
}

void step_open_items(VaultCall *c, CallStepFn next) {
        c->after_open_items = next;
        open_items_search(c);
}
