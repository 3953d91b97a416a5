/* SPDX-License-Identifier: MIT */

/*
 * A prompt is never dismissed, only forgotten: gnome-keyring up to now aborts if an unlock prompt is
 * dismissed while one is open (perform_next_unlock: !self->current), and all that the user had unlocked
 * is locked. What stays on the screen does no harm; answered late it still unlocks. One that was not
 * shown lives as long as our connection; so that they do not pile up, a collection that was seen to need
 * a prompt is not asked to open without one again until it was open.
 */

#include "keyring/prompt.h"

#include "common/condition.h"
#include "keyring/vault-private.h"

static const Method PROMPT = { PROMPT_INTERFACE, "Prompt", "()" };

/* No parent window. */
#define WINDOW_ID ""

bool prompt_is_allowed(const VaultCall *c, PromptReason reason) {
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

void prompt_forget(VaultCall *c) {
        if (!c->prompt_path)
                return;

        g_dbus_connection_signal_unsubscribe(call_bus(c), c->prompt_signal);
        g_bus_unwatch_name(c->prompt_watch);
        c->prompt_signal = c->prompt_watch = 0;
        g_clear_pointer(&c->prompt_path, g_free);
}

static void on_completed(GDBusConnection *bus, const char *sender, const char *path,
                         const char *interface, const char *signal, GVariant *arguments,
                         void *userdata) {
        VaultCall *c = userdata;
        gboolean dismissed = TRUE;

        if (g_variant_is_of_type(arguments, G_VARIANT_TYPE("(bv)")))
                g_variant_get(arguments, "(bv)", &dismissed, NULL);

        prompt_forget(c);
        call_set_deadline(c, false);
        if (dismissed)
                return call_finish(c, c->when_dismissed);
        c->after_prompt(c);
}

static void on_owner_vanished(GDBusConnection *bus, const char *name, void *userdata) {
        VaultCall *c = userdata;

        prompt_forget(c);
        call_finish(c, CONDITION_KEYRING_FAILED);
}

/* The signal may overtake the answer. */
static void on_prompted(VaultCall *c, GVariant *reply, const GError *error) {
        if (!reply && c->prompt_path)
                call_fail(c, error);
}

void prompt_perform(VaultCall *c, const char *path, PromptReason reason, int otherwise,
                    CallStepFn next) {
        if (streq(path, NO_OBJECT))
                return next(c);

        if (!prompt_is_allowed(c, reason)) {
                vault_note_prompt_needed(c->vault, true);
                return call_finish(c, otherwise);
        }

        c->asked |= 1u << reason;
        c->when_dismissed = otherwise;
        c->after_prompt = next;
        c->prompt_path = g_strdup(path);
        c->prompt_signal = g_dbus_connection_signal_subscribe(
                call_bus(c), c->owner, PROMPT_INTERFACE, "Completed", path, NULL,
                G_DBUS_SIGNAL_FLAGS_NONE, on_completed, c, NULL);
        c->prompt_watch =
                g_bus_watch_name_on_connection(call_bus(c), c->owner, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                               NULL, on_owner_vanished, c, NULL);
        call_set_deadline(c, true);
        call_request(c, path, &PROMPT, g_variant_new("(s)", WINDOW_ID), on_prompted);
}
