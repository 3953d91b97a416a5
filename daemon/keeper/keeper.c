/* SPDX-License-Identifier: MIT */

#include "keeper/keeper.h"

#include <assert.h>

#include "common/condition.h"
#include "common/deadlines.h"
#include "common/log.h"
#include "keeper/notify/notifications.h"
#include "keeper/notify/sign-in-again.h"
#include "keeper/reconcile/reconcile.h"
#include "keeper/reconcile/restore.h"
#include "keeper/sign-in/trial.h"
#include "platform/clock.h"
#include "platform/network.h"

#define STOP_INTERVAL_MS 100

/* How often the keyring is looked at while something waits for it: not every service says when it was
 * unlocked. */
#define KEYRING_WATCH_MS (60 * 1000)

#define DELETION_DELAY_MS 1000

struct Keeper {
        sd_event *event;
        Oauth *oauth;
        const KeeperObserver *observer; /* NULL while nobody listens */

        AccountWorld world;
        Account **accounts;
        size_t n_accounts;
        Inheritance *inheritance;
        Account *announced_default;

        Vault *vault;
        Loader *loader;
        Applications *applications;
        Trials *trials;
        Arrivals *arrivals;
        Network *network;
        ClockWatch *clock_watch;
        Herald *herald;
        Usher *usher;

        bool loaded;
        bool online;
        VaultState keyring_state;
        bool keyring_known; /* whether that was seen yet */
        bool seen_all;      /* it was read while it was unlocked */
        size_t n_hidden;    /* items that do not even tell whose they are */
        Alarm *keyring_watch;
        Alarm *deletion;
        bool keyring_watched;

        Alarm *first_look;
        unsigned n_holds;

        Alarm *stop_alarm;
        int64_t stop_deadline_ms;
        void (*stop_fn)(void *userdata);
        void *stop_userdata;
};

static void announce(Keeper *k, KeeperChange changes) {
        if (k->observer)
                k->observer->on_changed(changes, k->observer->userdata);
}

static void announce_default(Keeper *k) {
        Account *now = keeper_default(k);

        if (now == k->announced_default)
                return;

        k->announced_default = now;
        announce(k, KEEPER_CHANGED_DEFAULT);
}

static bool is_busy(const Keeper *k) {
        if (k->n_holds > 0 || applications_are_busy(k->applications) || vault_is_writing(k->vault))
                return true;

        for (size_t i = 0; i < k->n_accounts; i++)
                if (account_is_busy(k->accounts[i]))
                        return true;
        return false;
}

static bool awaits_keyring(const Keeper *k) {
        /* That a service appears or answers is noticed without looking. */
        if (k->keyring_state == VAULT_UNLOCKED || k->keyring_state == VAULT_SILENT ||
            k->keyring_state == VAULT_ABSENT)
                return false;
        if (k->n_hidden > 0 || applications_await_keyring(k->applications))
                return true;

        for (size_t i = 0; i < k->n_accounts; i++)
                if (account_awaits_keyring(k->accounts[i]))
                        return true;
        return false;
}

/* Nothing is looked at while nothing waits for it, so that an idle daemon sleeps. */
static void watch_keyring(Keeper *k) {
        bool wanted = awaits_keyring(k) && !k->world.stopping;

        if (wanted == k->keyring_watched)
                return;

        k->keyring_watched = wanted;
        if (wanted)
                (void) alarm_set_after(k->keyring_watch, KEYRING_WATCH_MS);
        else
                alarm_off(k->keyring_watch);
}

static void on_keyring_watch(void *userdata) {
        Keeper *k = userdata;

        k->keyring_watched = false;
        loader_poll(k->loader);
        watch_keyring(k);
}

static void on_account_changed(Account *account, AccountChange changes, void *userdata) {
        Keeper *k = userdata;

        if (changes & (ACCOUNT_CHANGED_STATE | ACCOUNT_CHANGED_SAVED | ACCOUNT_CHANGED_PLAN))
                watch_keyring(k);

        if (changes & (ACCOUNT_CHANGED_STATE | ACCOUNT_CHANGED_SAVED | ACCOUNT_CHANGED_TROUBLE) &&
            !account_is_on_trial(account))
                herald_look(k->herald, account);
        if (k->observer)
                k->observer->on_account_changed(account, changes, k->observer->userdata);
}

static void on_sign_in_wanted(const char *account_id, void *userdata) {
        Keeper *k = userdata;

        if (!k->world.stopping)
                usher_receive(k->usher, account_id);
}

static void on_reached(bool reached, void *userdata) {
        keeper_reached(userdata, reached);
}

static void on_stop_alarm(void *userdata) {
        Keeper *k = userdata;

        if (is_busy(k) && clock_monotonic_ms() < k->stop_deadline_ms) {
                (void) alarm_set_after(k->stop_alarm, STOP_INTERVAL_MS);
                return;
        }

        applications_log_unsaved(k->applications);
        for (size_t i = 0; i < k->n_accounts; i++)
                account_log_unsaved(k->accounts[i]);
        k->stop_fn(k->stop_userdata);
}

/* Takes the account, also on failure. */
static int add(Keeper *k, Account *account, Account **ret) {
        _cleanup_(account_freep) Account *a = account;
        Account **grown;

        grown = reallocarray(k->accounts, k->n_accounts + 1, sizeof(Account *));
        if (!grown)
                return -ENOMEM;

        k->accounts = grown;
        k->accounts[k->n_accounts++] = TAKE_PTR(a);
        herald_look(k->herald, account);
        if (k->observer)
                k->observer->on_account_added(account, k->observer->userdata);
        announce_default(k);

        *ret = account;
        return 0;
}

int keeper_add_locked(Keeper *k, const char *id, const char *client_id, Account **ret) {
        Account *a;
        int r;

        r = account_new_locked(&k->world, id, client_id, &a);
        return r < 0 ? r : add(k, a, ret);
}

int keeper_add(Keeper *k, AccountRecord *record, Account **ret) {
        Account *a;
        int r;

        r = account_new(&k->world, record, &a);
        return r < 0 ? r : add(k, a, ret);
}

static void retry_saves(Keeper *k) {
        applications_retry(k->applications);
        for (size_t i = 0; i < k->n_accounts; i++)
                account_retry_save(k->accounts[i]);
}

static void hurry_those_who_waited(Keeper *k) {
        for (size_t i = 0; i < k->n_accounts; i++)
                if (condition_is_of_keyring(account_trouble(k->accounts[i])))
                        account_hurry(k->accounts[i]);
}

static void loaded(Keeper *k) {
        alarm_off(k->first_look);
        if (k->loaded)
                return;

        k->loaded = true;
        if (k->observer)
                k->observer->on_loaded(k->observer->userdata);
}

/* A keyring that does not answer must not keep us from saying so. */
static void on_first_look_late(void *userdata) {
        loaded(userdata);
}

static void on_looked(int r, const VaultItem *items, size_t n_items, void *userdata) {
        Keeper *k = userdata;

        if (r == 0) {
                k->n_hidden = census_count_hidden(items, n_items);
                census_learn(k, items, n_items);
        }
        inheritance_hand_over(k->inheritance, k);
        if (r == 0) {
                /* A locked keyring may only hide what is not found. */
                if (k->keyring_state == VAULT_UNLOCKED) {
                        k->seen_all = true;
                        census_restore(k, items, n_items);
                        inheritance_drop_applications(k->inheritance);
                }
                retry_saves(k);
                if (k->keyring_state == VAULT_UNLOCKED)
                        hurry_those_who_waited(k);
        }

        watch_keyring(k);
        announce_default(k);
        loaded(k);
}

static void hurry(Keeper *k) {
        for (size_t i = 0; i < k->n_accounts; i++)
                account_hurry(k->accounts[i]);
}

/* What is there comes first: it may be newer than what we would write. Before it is known in which state
 * the keyring is nobody could say what finding nothing in it means. */
static void on_keyring_state(VaultState state, void *userdata) {
        Keeper *k = userdata;
        bool first = !k->keyring_known;

        k->keyring_known = true;
        if (k->keyring_state != state) {
                k->keyring_state = state;
                announce(k, KEEPER_CHANGED_KEYRING);
                for (size_t i = 0; i < k->n_accounts; i++)
                        account_note_keyring(k->accounts[i]);
        } else if (!first)
                return;

        watch_keyring(k);
        if (k->observer && (first || state != VAULT_ABSENT))
                loader_look(k->loader);
}

/* If it was one of ours, it is written again. Signals come in crowds, and KeePassXC's before the deed. */
static void on_deleted(void *userdata) {
        Keeper *k = userdata;

        if (k->loaded)
                (void) alarm_set_after(k->deletion, DELETION_DELAY_MS);
}

static void on_deletion(void *userdata) {
        Keeper *k = userdata;

        loader_look(k->loader);
}

static const VaultEvents vault_events = {
        .on_state = on_keyring_state,
        .on_deleted = on_deleted,
};

static void set_online(Keeper *k, bool online) {
        if (k->online == online)
                return;

        k->online = online;
        announce(k, KEEPER_CHANGED_ONLINE);
}

static void on_network(bool available, void *userdata) {
        Keeper *k = userdata;

        set_online(k, available);
        if (available)
                hurry(k);
}

static void on_clock_stepped(void *userdata) {
        Keeper *k = userdata;

        for (size_t i = 0; i < k->n_accounts; i++) {
                account_replan(k->accounts[i]);
                account_hurry(k->accounts[i]);
        }
}

int keeper_new(sd_event *event, Oauth *oauth, Keeper **ret) {
        _cleanup_(keeper_freep) Keeper *k = NULL;
        int r;

        k = malloc(sizeof(Keeper));
        if (!k)
                return -ENOMEM;

        *k = (Keeper){
                .event = sd_event_ref(event),
                .oauth = oauth,
                .keyring_state = VAULT_ABSENT,
        };

        r = inheritance_new(&k->inheritance);
        if (r == 0)
                r = herald_new(event, on_sign_in_wanted, k, &k->herald);
        if (r == 0)
                r = usher_new(k, k->herald, &k->usher);
        if (r == 0)
                r = vault_new(&vault_events, k, &k->vault);
        if (r == 0)
                r = loader_new(event, k->vault, on_looked, k, &k->loader);
        if (r == 0)
                r = applications_new(event, k->vault, &k->applications);
        if (r == 0)
                r = trials_new(&k->trials);
        if (r == 0)
                r = arrivals_new(&k->arrivals);
        if (r == 0)
                r = network_new(on_network, k, &k->network);
        if (r == 0)
                r = clock_watch_new(event, on_clock_stepped, k, &k->clock_watch);
        if (r == 0)
                r = alarm_new(event, "keeper-stop", on_stop_alarm, k, &k->stop_alarm);
        if (r == 0)
                r = alarm_new(event, "first-look", on_first_look_late, k, &k->first_look);
        if (r == 0)
                r = alarm_new(event, "keyring-watch", on_keyring_watch, k, &k->keyring_watch);
        if (r == 0)
                r = alarm_new(event, "deletion", on_deletion, k, &k->deletion);
        if (r < 0)
                return r;

        k->online = network_is_available(k->network);
        k->world = (AccountWorld){
                .event = event,
                .oauth = oauth,
                .vault = k->vault,
                .loader = k->loader,
                .applications = k->applications,
                .on_changed = on_account_changed,
                .on_reached = on_reached,
                .userdata = k,
        };
        *ret = TAKE_PTR(k);
        return 0;
}

Keeper *keeper_free(Keeper *k) {
        if (!k)
                return NULL;

        k->observer = NULL;
        k->stop_fn = NULL;
        alarm_free(k->first_look);
        alarm_free(k->deletion);
        alarm_free(k->keyring_watch);
        alarm_free(k->stop_alarm);
        usher_free(k->usher);
        arrivals_free(k->arrivals);
        trials_free(k->trials);
        clock_watch_free(k->clock_watch);
        network_free(k->network);
        loader_free(k->loader);
        while (k->n_accounts > 0)
                account_free(k->accounts[--k->n_accounts]);
        free(k->accounts);
        applications_free(k->applications);
        herald_free(k->herald);
        inheritance_free(k->inheritance);
        vault_free(k->vault);
        sd_event_unref(k->event);
        free(k);
        return NULL;
}

void keeper_start(Keeper *k, const KeeperObserver *observer) {
        k->observer = observer;
        (void) alarm_set_after(k->first_look, DEADLINE_LOOK_MS);
        if (k->keyring_known)
                loader_look(k->loader);
}

void keeper_unobserve(Keeper *k) {
        k->observer = NULL;
}

void keeper_stop(Keeper *k, void (*fn)(void *userdata), void *userdata) {
        k->stop_fn = fn;
        k->stop_userdata = userdata;
        k->stop_deadline_ms = clock_monotonic_ms() + DEADLINE_STOP_MS;
        k->world.stopping = true;
        alarm_off(k->keyring_watch);
        applications_retry(k->applications);
        for (size_t i = 0; i < k->n_accounts; i++)
                account_stop(k->accounts[i]);
        (void) alarm_set_after(k->stop_alarm, 0);
}

Keeper *keeper_hold(Keeper *k) {
        k->n_holds++;
        return k;
}

Keeper *keeper_release(Keeper *held) {
        if (!held)
                return NULL;

        assert(held->n_holds > 0);
        held->n_holds--;
        return NULL;
}

sd_event *keeper_event(const Keeper *k) {
        return k->event;
}

Oauth *keeper_oauth(const Keeper *k) {
        return k->oauth;
}

Vault *keeper_vault(const Keeper *k) {
        return k->vault;
}

Loader *keeper_loader(const Keeper *k) {
        return k->loader;
}

Applications *keeper_applications(const Keeper *k) {
        return k->applications;
}

Arrivals *keeper_arrivals(const Keeper *k) {
        return k->arrivals;
}

Trials *keeper_trials(const Keeper *k) {
        return k->trials;
}

VaultState keeper_keyring_state(const Keeper *k) {
        return k->keyring_state;
}

bool keeper_has_seen_all(const Keeper *k) {
        return k->seen_all;
}

bool keeper_is_online(const Keeper *k) {
        return k->online;
}

size_t keeper_n_accounts(const Keeper *k) {
        return k->n_accounts;
}

Account *keeper_account(const Keeper *k, size_t i) {
        assert(i < k->n_accounts);

        return k->accounts[i];
}

int keeper_set_default(Keeper *k, Account *account) {
        int r;

        r = account_make_default(account);
        if (r != 0)
                return r;

        announce_default(k);
        return 0;
}

bool keeper_uses_application(const Keeper *k, const char *client_id) {
        for (size_t i = 0; i < k->n_accounts; i++)
                if (streq(account_record(k->accounts[i])->client_id, client_id))
                        return true;
        return false;
}

bool keeper_end_erasure(Keeper *k, const char *client_id, int r) {
        bool used = keeper_uses_application(k, client_id);

        applications_end_erasure(k->applications, client_id, r, used);
        return used;
}

void keeper_forgive(Keeper *k, const char *client_id) {
        for (size_t i = 0; i < k->n_accounts; i++)
                if (streq(account_record(k->accounts[i])->client_id, client_id))
                        account_forgive(k->accounts[i]);
}

void keeper_remove(Keeper *k, Account *account) {
        for (size_t i = 0; i < k->n_accounts; i++) {
                if (k->accounts[i] != account)
                        continue;

                if (k->observer)
                        k->observer->on_account_removed(account, k->observer->userdata);
                k->n_accounts--;
                memmove(&k->accounts[i], &k->accounts[i + 1],
                        (k->n_accounts - i) * sizeof(Account *));
                usher_forget(k->usher, account);
                herald_forget(k->herald, account);
                account_forget(account);
                account_free(account);
                break;
        }
        announce_default(k);
}

void keeper_reached(Keeper *k, bool reached) {
        set_online(k, reached);
}
