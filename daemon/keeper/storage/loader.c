/* SPDX-License-Identifier: MIT */

#include "keeper/storage/loader.h"

#include "common/condition.h"
#include "common/log.h"
#include "keeper/renewal/schedule.h"
#include "keeper/wait.h"
#include "platform/clock.h"

/* A service need not tell when it was unlocked, so callers look; but one that asks without end must not keep
 * the keyring busy. */
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
        VaultCall *call;
        bool look_again;
        uint64_t writes_before; /* vault_writes() when the look began */
        uint64_t state_of_look; /* vault_changes() at that moment */
        int result;
        ScheduleFailure failure;
        Alarm *retry;
        WaitList waiting;
        /* Those who wait for the next check, and those who wait for the one under way. */
        WaitList checks[2];
        unsigned next_check;
        CheckPhase check_phase;
        VaultCall *check;
        int check_result; /* of the unlocking */
        Alarm *check_alarm;
        int64_t checked_at_ms;
};

static void start(Loader *l);
static void plan_check(Loader *l);

static void end_check(Loader *l, int r) {
        WaitList *checked = &l->checks[!l->next_check];

        l->check_phase = CHECK_IDLE;
        /* Of a service that does not answer those who came meanwhile know as much as the others. */
        if (r == CONDITION_KEYRING_FAILED)
                wait_list_answer(&l->checks[l->next_check], r);
        if (!TAILQ_EMPTY(&l->checks[l->next_check]))
                plan_check(l);
        wait_list_answer(checked, r);
}

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
        wait_list_answer(&l->waiting, r);
        if (l->check_phase == CHECK_READING)
                end_check(l, r ?: l->check_result);
}

static void start(Loader *l) {
        int r;

        l->look_again = false;
        l->writes_before = vault_writes(l->vault);
        l->state_of_look = vault_changes(l->vault);
        alarm_off(l->retry);
        r = vault_find(l->vault, NULL, on_found, l, &l->call);
        if (r < 0)
                plan_retry(l, r);
}

static void on_retry(void *userdata) {
        loader_look(userdata);
}

/* A look that began since the state changed sees what there is. Another one might see less, as KeePassXC can be
 * told to show an item once. */
static void look_at_state(Loader *l) {
        if (!l->call || l->state_of_look != vault_changes(l->vault))
                loader_look(l);
}

/* If the user has unlocked some of the items only, these can be read. */
static bool is_worth_reading(int r) {
        return r == 0 || r == CONDITION_KEYRING_ITEMS_LOCKED;
}

static void on_check_unlocked(int r, void *userdata) {
        Loader *l = userdata;

        l->check = vault_call_free(l->check);
        if (!is_worth_reading(r))
                return end_check(l, r);

        l->check_phase = CHECK_READING;
        l->check_result = r;
        look_at_state(l);
}

static void on_check_alarm(void *userdata) {
        Loader *l = userdata;
        int r;

        l->check_phase = CHECK_UNLOCKING;
        l->checked_at_ms = clock_monotonic_ms();
        l->next_check = !l->next_check;
        r = vault_unlock(l->vault, VAULT_NO_PROMPT, on_check_unlocked, l, &l->check);
        if (r < 0)
                end_check(l, r);
}

static void plan_check(Loader *l) {
        int64_t passed = clock_monotonic_ms() - l->checked_at_ms;

        if (l->check_phase != CHECK_IDLE)
                return;

        l->check_phase = CHECK_PLANNED;
        (void) alarm_set_after(l->check_alarm,
                               (uint64_t) MAX_OF(CHECK_INTERVAL_MS - passed, INT64_C(0)));
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
                .checks = { TAILQ_HEAD_INITIALIZER(l->checks[0]),
                            TAILQ_HEAD_INITIALIZER(l->checks[1]) },
                .checked_at_ms = -CHECK_INTERVAL_MS,
        };

        r = alarm_new(event, "loader-retry", on_retry, l, &l->retry);
        if (r == 0)
                r = alarm_new(event, "loader-check", on_check_alarm, l, &l->check_alarm);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(l);
        return 0;
}

Loader *loader_free(Loader *l) {
        if (!l)
                return NULL;

        wait_list_answer(&l->waiting, CONDITION_CANCELLED);
        for (size_t i = 0; i < ELEMENTSOF(l->checks); i++)
                wait_list_answer(&l->checks[i], CONDITION_CANCELLED);
        vault_call_free(l->check);
        vault_call_free(l->call);
        alarm_free(l->check_alarm);
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
        int r = vault_condition(l->vault);

        if (r != 0)
                return r;
        return l->call ? CONDITION_KEYRING_UNAVAILABLE : l->result;
}

static void on_looked(int r, void *userdata) {
        Unlock *u = userdata;

        u->wait = wait_free(u->wait);
        u->fn(r ?: u->result, u->userdata);
}

static void on_unlocked(int r, void *userdata) {
        Unlock *u = userdata;

        u->call = vault_call_free(u->call);
        u->result = r;
        if (is_worth_reading(r))
                r = wait_new(&u->loader->waiting, on_looked, u, &u->wait);
        if (!u->wait)
                return u->fn(r, u->userdata);

        look_at_state(u->loader);
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
        _cleanup_(unlock_freep) Unlock *u = NULL;
        int r;

        r = unlock_new(l, fn, userdata, &u);
        if (r == 0)
                r = vault_unlock(l->vault, prompt, on_unlocked, u, &u->call);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(u);
        return 0;
}

int loader_check(Loader *l, UnlockFn fn, void *userdata, Unlock **ret) {
        _cleanup_(unlock_freep) Unlock *u = NULL;
        int r;

        r = unlock_new(l, fn, userdata, &u);
        if (r == 0)
                r = wait_new(&l->checks[l->next_check], on_looked, u, &u->wait);
        if (r < 0)
                return r;

        plan_check(l);
        *ret = TAKE_PTR(u);
        return 0;
}

void loader_poll(Loader *l) {
        plan_check(l);
}

Unlock *unlock_free(Unlock *u) {
        if (!u)
                return NULL;

        wait_free(u->wait);
        vault_call_free(u->call);
        free(u);
        return NULL;
}
