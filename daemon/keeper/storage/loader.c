/* SPDX-License-Identifier: MIT */

#include "keeper/storage/loader.h"

#include "common/condition.h"
#include "common/log.h"
#include "keeper/backoff.h"
#include "keeper/wait.h"
#include "platform/clock.h"

/* Callers check, since a service need not announce that it was unlocked. A caller that asks without
 * end must not keep the keyring busy. */
#define CHECK_INTERVAL_MS 1000

struct Unlock {
        Loader *loader;
        UnlockFn fn;
        void *userdata;
        VaultCall *call;
        int result; /* of the unlocking */
        Wait *wait; /* for the next look, or for a check */
};

typedef enum CheckPhase {
        CHECK_IDLE,
        CHECK_PLANNED,
        CHECK_UNLOCKING,
        CHECK_READING,
} CheckPhase;

struct Loader {
        LoaderFn fn;
        void *userdata;
        Vault *vault;

        VaultCall *call; /* the look under way */
        bool look_again;
        uint64_t writes_before; /* vault_writes() when the look began */
        uint64_t state_of_look; /* vault_changes() when the look began */
        WaitList look_waits;
        int result;
        Backoff backoff;
        Alarm *retry;

        CheckPhase check_phase;
        VaultCall *check;
        int check_result; /* of the unlocking */
        Alarm *check_alarm;
        int64_t checked_at_ms;
        WaitList check_waits;      /* for the check under way */
        WaitList next_check_waits; /* for the next check */
};

void loader_poll(Loader *l) {
        int64_t passed = clock_monotonic_ms() - l->checked_at_ms;

        if (l->check_phase != CHECK_IDLE)
                return;

        l->check_phase = CHECK_PLANNED;
        (void) alarm_set_after(l->check_alarm,
                               (uint64_t) MAX_OF(CHECK_INTERVAL_MS - passed, INT64_C(0)));
}

static void loader_end_check(Loader *l, int r) {
        l->check_phase = CHECK_IDLE;

        /* A service that did not answer would not answer the next check either. */
        if (r == CONDITION_KEYRING_FAILED)
                wait_list_move(&l->next_check_waits, &l->check_waits);
        if (!TAILQ_EMPTY(&l->next_check_waits))
                loader_poll(l);
        wait_list_answer(&l->check_waits, r);
}

/* The keyring announces when it appears or is unlocked, but a failure may pass without a signal. */
static void loader_plan_retry(Loader *l, int r) {
        (void) alarm_set_at(l->retry, backoff_fail(&l->backoff, clock_now()));

        if (l->backoff.count == 1)
                log_event(LOG_WARNING, &(LogContext){ .condition = r },
                          "The keyring could not be read; trying again.");
}

static void loader_on_found(int r, const VaultItem *items, size_t n_items, void *userdata) {
        Loader *l = userdata;

        l->call = vault_call_free(l->call);

        /* What was written or erased meanwhile may be among the items or not, so they are looked at
         * again. */
        if (l->look_again || vault_writes(l->vault) != l->writes_before)
                return loader_look(l);

        if (r == 0) {
                l->result = 0;
                backoff_reset(&l->backoff);
        } else {
                l->result = l->result == 0 ? 0 : r;
                loader_plan_retry(l, r);
        }

        l->fn(r, items, n_items, l->userdata);
        wait_list_answer(&l->look_waits, r);
        if (l->check_phase == CHECK_READING)
                loader_end_check(l, r ?: l->check_result);
}

void loader_look(Loader *l) {
        l->look_again = l->call;
        if (l->call)
                return;

        l->writes_before = vault_writes(l->vault);
        l->state_of_look = vault_changes(l->vault);
        alarm_off(l->retry);
        vault_find(l->vault, NULL, loader_on_found, l, &l->call);
}

static void loader_on_retry(void *userdata) {
        loader_look(userdata);
}

/* A look that began since the state changed shows what there is. Another look might show less,
 * since KeePassXC can be told to grant access to an item once. */
static void loader_look_at_state(Loader *l) {
        if (!l->call || l->state_of_look != vault_changes(l->vault))
                loader_look(l);
}

/* If the user has unlocked only some of the items, these can be read. */
static bool loader_is_worth_reading(int r) {
        return r == 0 || r == CONDITION_KEYRING_ITEMS_LOCKED;
}

static void loader_on_check_unlocked(int r, void *userdata) {
        Loader *l = userdata;

        l->check = vault_call_free(l->check);
        if (!loader_is_worth_reading(r))
                return loader_end_check(l, r);

        l->check_phase = CHECK_READING;
        l->check_result = r;
        loader_look_at_state(l);
}

static void loader_on_check_alarm(void *userdata) {
        Loader *l = userdata;

        l->check_phase = CHECK_UNLOCKING;
        l->checked_at_ms = clock_monotonic_ms();
        wait_list_move(&l->next_check_waits, &l->check_waits);
        vault_unlock(l->vault, VAULT_NO_PROMPT, loader_on_check_unlocked, l, &l->check);
}

int loader_new(sd_event *event, Vault *vault, LoaderFn fn, void *userdata, Loader **ret) {
        _cleanup_(loader_freep) Loader *l = NULL;
        int r;

        l = malloc(sizeof(Loader));
        if (!l)
                return -ENOMEM;

        *l = (Loader){
                .fn = fn,
                .userdata = userdata,
                .vault = vault,
                .result = CONDITION_KEYRING_FAILED,
                .look_waits = TAILQ_HEAD_INITIALIZER(l->look_waits),
                .check_waits = TAILQ_HEAD_INITIALIZER(l->check_waits),
                .next_check_waits = TAILQ_HEAD_INITIALIZER(l->next_check_waits),
                .checked_at_ms = -CHECK_INTERVAL_MS,
        };

        r = alarm_new(event, "loader-retry", loader_on_retry, l, &l->retry);
        if (r == 0)
                r = alarm_new(event, "loader-check", loader_on_check_alarm, l, &l->check_alarm);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(l);
        return 0;
}

Loader *loader_free(Loader *l) {
        if (!l)
                return NULL;

        wait_list_move(&l->check_waits, &l->look_waits);
        wait_list_move(&l->next_check_waits, &l->look_waits);
        wait_list_answer(&l->look_waits, CONDITION_CANCELLED);
        vault_call_free(l->check);
        vault_call_free(l->call);
        alarm_free(l->check_alarm);
        alarm_free(l->retry);
        free(l);
        return NULL;
}

int loader_result(const Loader *l) {
        return l->result;
}

int loader_verdict(const Loader *l) {
        int r = vault_condition(l->vault);

        if (r != 0)
                return r;
        return l->call ? CONDITION_KEYRING_UNAVAILABLE : l->result;
}

static void unlock_on_looked(int r, void *userdata) {
        Unlock *u = userdata;

        u->wait = wait_free(u->wait);
        u->fn(r ?: u->result, u->userdata);
}

static void unlock_on_unlocked(int r, void *userdata) {
        Unlock *u = userdata;

        u->call = vault_call_free(u->call);
        u->result = r;
        if (loader_is_worth_reading(r))
                r = wait_new(&u->loader->look_waits, unlock_on_looked, u, &u->wait);
        if (!u->wait)
                return u->fn(r, u->userdata);

        loader_look_at_state(u->loader);
}

static int unlock_new(Loader *l, UnlockFn fn, void *userdata, Unlock **ret) {
        Unlock *u;

        u = malloc(sizeof(Unlock));
        if (!u)
                return -ENOMEM;

        *u = (Unlock){
                .loader = l,
                .fn = fn,
                .userdata = userdata,
        };
        *ret = u;
        return 0;
}

int loader_unlock(Loader *l, VaultPrompt prompt, UnlockFn fn, void *userdata, Unlock **ret) {
        Unlock *u;
        int r;

        r = unlock_new(l, fn, userdata, &u);
        if (r < 0)
                return r;

        vault_unlock(l->vault, prompt, unlock_on_unlocked, u, &u->call);
        *ret = u;
        return 0;
}

int loader_check(Loader *l, UnlockFn fn, void *userdata, Unlock **ret) {
        _cleanup_(unlock_freep) Unlock *u = NULL;
        int r;

        r = unlock_new(l, fn, userdata, &u);
        if (r == 0)
                r = wait_new(&l->next_check_waits, unlock_on_looked, u, &u->wait);
        if (r < 0)
                return r;

        loader_poll(l);
        *ret = TAKE_PTR(u);
        return 0;
}

Unlock *unlock_free(Unlock *u) {
        if (!u)
                return NULL;

        wait_free(u->wait);
        vault_call_free(u->call);
        free(u);
        return NULL;
}
