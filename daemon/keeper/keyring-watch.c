/* SPDX-License-Identifier: MIT */

#include "keeper/keyring-watch.h"

#include "keeper/account/accounts.h"
#include "keeper/sign-in/sign-in.h"
#include "keeper/storage/loader.h"
#include "platform/clock.h"

#define LOOK_INTERVAL_MS (60 * 1000)

/* Signals of deletions come in crowds, and KeePassXC sends them before it deletes. */
#define DELETION_DELAY_MS 1000

struct KeyringWatch {
        World *world;
        size_t n_hidden;
        bool looking; /* the alarm is set */
        Alarm *look;
        Alarm *deletion;
};

static bool keyring_watch_is_awaited(const KeyringWatch *watch) {
        const World *w = watch->world;

        if (watch->n_hidden > 0 || applications_await_keyring(w->applications) ||
            sign_ins_await_keyring(w->sign_ins))
                return true;

        for (size_t i = 0; i < accounts_count(w->accounts); i++)
                if (account_awaits_keyring(accounts_at(w->accounts, i)))
                        return true;
        return false;
}

/* That a service appears or answers is noticed without looking. */
static bool keyring_watch_must_look(const KeyringWatch *watch) {
        VaultState state = watch->world->keyring_state;

        return !watch->world->stopping && state != VAULT_UNLOCKED && state != VAULT_SILENT &&
               state != VAULT_ABSENT && keyring_watch_is_awaited(watch);
}

void keyring_watch_update(KeyringWatch *watch) {
        bool wanted = keyring_watch_must_look(watch);

        if (wanted == watch->looking)
                return;

        watch->looking = wanted;
        if (wanted)
                (void) alarm_set_after(watch->look, LOOK_INTERVAL_MS);
        else
                alarm_off(watch->look);
}

static void keyring_watch_on_look(void *userdata) {
        KeyringWatch *watch = userdata;

        watch->looking = false;
        loader_poll(watch->world->loader);
        keyring_watch_update(watch);
}

void keyring_watch_set_hidden(KeyringWatch *watch, size_t n_hidden) {
        watch->n_hidden = n_hidden;
}

void keyring_watch_item_deleted(KeyringWatch *watch) {
        (void) alarm_set_after(watch->deletion, DELETION_DELAY_MS);
}

static void keyring_watch_on_deletion(void *userdata) {
        KeyringWatch *watch = userdata;

        loader_look(watch->world->loader);
}

int keyring_watch_new(World *world, KeyringWatch **ret) {
        _cleanup_(keyring_watch_freep) KeyringWatch *watch = NULL;
        int r;

        watch = malloc(sizeof(KeyringWatch));
        if (!watch)
                return -ENOMEM;

        *watch = (KeyringWatch){ .world = world };
        r = alarm_new(world->event, "keyring-watch", keyring_watch_on_look, watch, &watch->look);
        if (r == 0)
                r = alarm_new(world->event, "keyring-deletion", keyring_watch_on_deletion, watch,
                              &watch->deletion);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(watch);
        return 0;
}

KeyringWatch *keyring_watch_free(KeyringWatch *watch) {
        if (!watch)
                return NULL;

        alarm_free(watch->deletion);
        alarm_free(watch->look);
        free(watch);
        return NULL;
}
