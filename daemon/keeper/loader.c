/* SPDX-License-Identifier: MIT */

#include "keeper/loader.h"

#include "common/condition.h"
#include "common/log.h"
#include "keeper/schedule.h"
#include "keeper/wait.h"
#include "platform/clock.h"

struct Unlock {
        Loader *loader;
        UnlockFn fn;
        void *userdata;
        VaultCall *call;
        Wait *wait; /* for the next look */
};

struct Loader {
        LoaderFn fn;
        void *userdata;
        Vault *vault;
        VaultCall *call;
        bool look_again;
        uint64_t writes_before; /* vault_writes() when the look began */
        int result;
        ScheduleFailure failure;
        Alarm *retry;
        WaitList waiting;
};

static void start(Loader *l);

/* Absent and locked end with a message of the keyring; a failure may pass without one. */
static void plan_retry(Loader *l, int r) {
        int64_t now = clock_now();

        l->failure = (ScheduleFailure){
                .count = l->failure.count + 1,
                .at = now,
                .retry_after = SCHEDULE_NO_RETRY_AFTER,
        };
        (void) alarm_set_at(l->retry, schedule_retry(&l->failure, now, (uint64_t) now));

        if (l->failure.count == 1)
                log_event(LOG_WARNING, &(LogContext){ .condition = r },
                          "The keyring could not be read; trying again.");
}

static void on_found(int r, const VaultItem *items, size_t n_items, void *userdata) {
        Loader *l = userdata;

        l->call = vault_call_free(l->call);

        /* What was written or erased meanwhile may be in it or not: old news is worse than none. */
        if (l->look_again || vault_writes(l->vault) != l->writes_before)
                return start(l);

        if (r == 0) {
                l->result = 0;
                l->failure = (ScheduleFailure){};
        } else {
                l->result = l->result == 0 ? 0 : r;
                plan_retry(l, r);
        }

        l->fn(r, items, n_items, l->userdata);
        wait_list_answer(&l->waiting, r, NULL, NULL);
}

static void start(Loader *l) {
        int r;

        l->look_again = false;
        l->writes_before = vault_writes(l->vault);
        alarm_off(l->retry);
        r = vault_find(l->vault, NULL, on_found, l, &l->call);
        if (r < 0)
                plan_retry(l, r);
}

static void on_retry(void *userdata) {
        loader_look(userdata);
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
                .waiting = TAILQ_HEAD_INITIALIZER(l->waiting),
        };

        r = alarm_new(event, "loader-retry", on_retry, l, &l->retry);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(l);
        return 0;
}

Loader *loader_free(Loader *l) {
        if (!l)
                return NULL;

        wait_list_answer(&l->waiting, CONDITION_CANCELLED, NULL, NULL);
        vault_call_free(l->call);
        alarm_free(l->retry);
        free(l);
        return NULL;
}

void loader_look(Loader *l) {
        if (l->call)
                l->look_again = true;
        else
                start(l);
}

int loader_result(const Loader *l) {
        return l->result;
}

int loader_verdict(const Loader *l) {
        switch (vault_state(l->vault)) {
        case VAULT_LOCKED:
                return CONDITION_KEYRING_LOCKED;
        case VAULT_ABSENT:
                return CONDITION_KEYRING_UNAVAILABLE;
        case VAULT_UNLOCKED:
        case _VAULT_STATE_MAX:
        case _VAULT_STATE_INVALID:
                break;
        }
        return l->call ? CONDITION_KEYRING_UNAVAILABLE : l->result;
}

static void on_looked(int r, Grant *grant, void *userdata) {
        Unlock *u = userdata;

        u->wait = wait_free(u->wait);
        u->fn(r, u->userdata);
}

static void on_unlocked(int r, void *userdata) {
        Unlock *u = userdata;

        u->call = vault_call_free(u->call);
        if (r == 0)
                r = wait_new(&u->loader->waiting, false, on_looked, u, &u->wait);
        if (r != 0)
                return u->fn(r, u->userdata);

        loader_look(u->loader);
}

int loader_unlock(Loader *l, VaultPrompt prompt, UnlockFn fn, void *userdata, Unlock **ret) {
        _cleanup_(unlock_freep) Unlock *u = NULL;
        int r;

        u = malloc(sizeof(Unlock));
        if (!u)
                return -ENOMEM;

        *u = (Unlock){
                .loader = l,
                .fn = fn,
                .userdata = userdata,
        };

        r = vault_unlock(l->vault, prompt, on_unlocked, u, &u->call);
        if (r < 0)
                return r;

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
