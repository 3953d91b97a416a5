/* SPDX-License-Identifier: MIT */

#include "keeper/keeper.h"

#include "common/condition.h"
#include "common/deadlines.h"
#include "common/log.h"
#include "keeper/keyring-watch.h"
#include "keeper/notify/notifications.h"
#include "keeper/notify/permission.h"
#include "keeper/notify/sign-in-again.h"
#include "keeper/reconcile/reconcile.h"
#include "keeper/reconcile/restore.h"
#include "keeper/sign-in/sign-in.h"
#include "platform/clock.h"
#include "platform/network.h"

#define STOP_INTERVAL_MS 100

struct Keeper {
        World world;
        const KeeperObserver *observer; /* NULL: none */

        Restore *restore;
        Notifications *notifications;
        SignInAgain *sign_in_again;
        KeyringWatch *keyring_watch;
        Network *network;
        ClockWatch *clock_watch;

        bool loaded;
        bool keyring_known; /* the vault has said in which state the keyring is */
        Alarm *first_look;

        Alarm *stop_alarm;
        int64_t stop_deadline_ms;
        void (*stop_fn)(void *userdata);
        void *stop_userdata;
};

static void keeper_announce(Keeper *k, KeeperChange changes) {
        if (k->observer)
                k->observer->on_changed(changes, k->observer->userdata);
}

static void keeper_for_each_account(Keeper *k, void (*fn)(Account *account)) {
        for (size_t i = 0; i < accounts_count(k->world.accounts); i++)
                fn(accounts_at(k->world.accounts, i));
}

static void keeper_on_account_added(Account *account, void *userdata) {
        Keeper *k = userdata;

        notifications_update(k->notifications, account);
        if (k->observer)
                k->observer->on_account_added(account, k->observer->userdata);
}

static void keeper_on_account_changed(Account *account, AccountChange changes, void *userdata) {
        Keeper *k = userdata;

        if (changes &
            (ACCOUNT_CHANGED_STATE | ACCOUNT_CHANGED_SAVED | ACCOUNT_CHANGED_NEXT_REFRESH))
                keyring_watch_update(k->keyring_watch);

        if (changes & (ACCOUNT_CHANGED_STATE | ACCOUNT_CHANGED_SAVED | ACCOUNT_CHANGED_LAST_ERROR))
                notifications_update(k->notifications, account);
        if (changes & ACCOUNT_CHANGED_ALLOWED)
                permissions_update(k->world.permissions, account);
        if (k->observer)
                k->observer->on_account_changed(account, changes, k->observer->userdata);
}

static void keeper_on_account_removed(Account *account, void *userdata) {
        Keeper *k = userdata;

        if (k->observer)
                k->observer->on_account_removed(account, k->observer->userdata);
        sign_in_again_cancel(k->sign_in_again, account);
        permissions_forget(k->world.permissions, account);
        notifications_forget(k->notifications, account);
}

static void keeper_on_default_changed(void *userdata) {
        keeper_announce(userdata, KEEPER_CHANGED_DEFAULT);
}

static const AccountsEvents accounts_events = {
        .on_added = keeper_on_account_added,
        .on_changed = keeper_on_account_changed,
        .on_removed = keeper_on_account_removed,
        .on_default_changed = keeper_on_default_changed,
};

static void keeper_on_online_changed(void *userdata) {
        keeper_announce(userdata, KEEPER_CHANGED_ONLINE);
}

static void keeper_on_sign_in_pressed(const char *account_id, void *userdata) {
        Keeper *k = userdata;

        if (!k->world.stopping)
                sign_in_again_start(k->sign_in_again, account_id);
}

static void keeper_end_loading(Keeper *k) {
        alarm_off(k->first_look);
        if (k->loaded)
                return;

        k->loaded = true;
        if (k->observer)
                k->observer->on_loaded(k->observer->userdata);
}

/* A keyring that does not answer must not keep us from saying so. */
static void keeper_on_first_look_late(void *userdata) {
        keeper_end_loading(userdata);
}

static void keeper_retry_saves(Keeper *k) {
        applications_retry(k->world.applications);
        keeper_for_each_account(k, account_retry_save);
}

static void keeper_retry_if_keyring_failed(Account *account) {
        if (condition_is_of_keyring(account_last_error(account)))
                account_retry_now(account);
}

/* While the keyring is locked, what is not found in it may only be hidden. */
static void keeper_on_looked(int r, const VaultItem *items, size_t n_items, void *userdata) {
        Keeper *k = userdata;
        World *w = &k->world;
        bool seen_all = r == 0 && w->keyring_state == VAULT_UNLOCKED;

        if (r == 0) {
                keyring_watch_set_hidden(k->keyring_watch, reconcile_count_hidden(items, n_items));
                reconcile_learn(w, items, n_items);
        }
        restore_hand_over(k->restore, w);
        if (seen_all) {
                w->seen_all = true;
                reconcile_rewrite_missing(w, items, n_items);
                restore_drop_applications(k->restore);
                if (!reconcile_any_locked(items, n_items))
                        sign_ins_complete_stored(w->sign_ins);
        }
        if (r == 0)
                keeper_retry_saves(k);
        if (seen_all)
                keeper_for_each_account(k, keeper_retry_if_keyring_failed);

        keyring_watch_update(k->keyring_watch);
        accounts_announce_default(w->accounts);
        keeper_end_loading(k);
}

/* What the keyring holds is read first, since it may be newer than what we would write. Before the
 * state of the keyring is known, finding nothing in it means nothing. */
static void keeper_on_keyring_state(VaultState state, void *userdata) {
        Keeper *k = userdata;
        bool first = !k->keyring_known;

        k->keyring_known = true;
        if (k->world.keyring_state != state) {
                k->world.keyring_state = state;
                keeper_announce(k, KEEPER_CHANGED_KEYRING);
                keeper_for_each_account(k, account_keyring_changed);
        } else if (!first)
                return;

        keyring_watch_update(k->keyring_watch);
        if (k->observer && (first || state != VAULT_ABSENT))
                loader_look(k->world.loader);
}

static void keeper_on_item_deleted(void *userdata) {
        Keeper *k = userdata;

        if (k->loaded)
                keyring_watch_item_deleted(k->keyring_watch);
}

static const VaultEvents vault_events = {
        .on_state = keeper_on_keyring_state,
        .on_deleted = keeper_on_item_deleted,
};

static void keeper_on_network(bool available, void *userdata) {
        Keeper *k = userdata;

        world_reached(&k->world, available);
        if (available)
                keeper_for_each_account(k, account_retry_now);
}

static void keeper_on_clock_stepped(void *userdata) {
        keeper_for_each_account(userdata, account_reschedule);
        keeper_for_each_account(userdata, account_retry_now);
}

static bool keeper_is_busy(const Keeper *k) {
        const World *w = &k->world;

        if (w->n_holds > 0 || applications_are_busy(w->applications) || vault_is_writing(w->vault))
                return true;

        for (size_t i = 0; i < accounts_count(w->accounts); i++)
                if (account_is_busy(accounts_at(w->accounts, i)))
                        return true;
        return false;
}

static void keeper_on_stop_alarm(void *userdata) {
        Keeper *k = userdata;

        if (keeper_is_busy(k) && clock_monotonic_ms() < k->stop_deadline_ms) {
                (void) alarm_set_after(k->stop_alarm, STOP_INTERVAL_MS);
                return;
        }

        applications_log_unsaved(k->world.applications);
        keeper_for_each_account(k, account_log_unsaved);
        k->stop_fn(k->stop_userdata);
}

static int keeper_make_world(Keeper *k) {
        World *w = &k->world;
        int r;

        r = vault_new(&vault_events, k, &w->vault);
        if (r == 0)
                r = loader_new(w->event, w->vault, keeper_on_looked, k, &w->loader);
        if (r == 0)
                r = applications_new(w->event, w->vault, &w->applications);
        if (r == 0)
                r = accounts_new(w, &accounts_events, k, &w->accounts);
        return r;
}

int keeper_new(sd_event *event, Oauth *oauth, Keeper **ret) {
        _cleanup_(keeper_freep) Keeper *k = NULL;
        World *w;
        int r;

        k = malloc(sizeof(Keeper));
        if (!k)
                return -ENOMEM;

        *k = (Keeper){
                .world.event = sd_event_ref(event),
                .world.oauth = oauth,
                .world.keyring_state = VAULT_ABSENT,
                .world.on_online_changed = keeper_on_online_changed,
                .world.userdata = k,
        };
        w = &k->world;

        r = sign_ins_new(w, &w->sign_ins);
        if (r == 0)
                r = restore_new(w, &k->restore);
        if (r == 0)
                r = notifications_new(event, keeper_on_sign_in_pressed, k, &k->notifications);
        if (r == 0)
                r = sign_in_again_new(w, k->notifications, &k->sign_in_again);
        if (r == 0)
                r = permissions_new(w, &w->permissions);
        if (r == 0)
                r = keyring_watch_new(w, &k->keyring_watch);
        if (r == 0)
                r = keeper_make_world(k);
        if (r == 0)
                r = network_new(keeper_on_network, k, &k->network);
        if (r == 0)
                r = clock_watch_new(event, keeper_on_clock_stepped, k, &k->clock_watch);
        if (r == 0)
                r = alarm_new(event, "keeper-stop", keeper_on_stop_alarm, k, &k->stop_alarm);
        if (r == 0)
                r = alarm_new(event, "first-look", keeper_on_first_look_late, k, &k->first_look);
        if (r < 0)
                return r;

        w->online = network_is_available(k->network);
        *ret = TAKE_PTR(k);
        return 0;
}

Keeper *keeper_free(Keeper *k) {
        if (!k)
                return NULL;

        k->observer = NULL;
        alarm_free(k->first_look);
        alarm_free(k->stop_alarm);
        clock_watch_free(k->clock_watch);
        network_free(k->network);
        keyring_watch_free(k->keyring_watch);
        sign_in_again_free(k->sign_in_again);
        sign_ins_free(k->world.sign_ins);
        loader_free(k->world.loader);
        accounts_free(k->world.accounts);
        applications_free(k->world.applications);
        permissions_free(k->world.permissions);
        notifications_free(k->notifications);
        restore_free(k->restore);
        vault_free(k->world.vault);
        sd_event_unref(k->world.event);
        free(k);
        return NULL;
}

void keeper_start(Keeper *k, const KeeperObserver *observer) {
        k->observer = observer;
        (void) alarm_set_after(k->first_look, DEADLINE_LOOK_MS);
        if (k->keyring_known)
                loader_look(k->world.loader);
}

void keeper_unobserve(Keeper *k) {
        k->observer = NULL;
}

void keeper_stop(Keeper *k, void (*fn)(void *userdata), void *userdata) {
        if (k->world.stopping)
                return;

        k->stop_fn = fn;
        k->stop_userdata = userdata;
        k->stop_deadline_ms = clock_monotonic_ms() + DEADLINE_STOP_MS;
        k->world.stopping = true;
        keyring_watch_update(k->keyring_watch);
        applications_retry(k->world.applications);
        keeper_for_each_account(k, account_stop);
        (void) alarm_set_after(k->stop_alarm, 0);
}

World *keeper_world(Keeper *k) {
        return &k->world;
}
