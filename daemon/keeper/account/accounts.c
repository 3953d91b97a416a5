/* SPDX-License-Identifier: MIT */

#include "keeper/account/accounts.h"

#include <assert.h>

#include "common/condition.h"

struct Accounts {
        World *world;
        const AccountsEvents *events;
        void *userdata;

        Account **list;
        size_t count;
        Account *announced_default;
};

int accounts_new(World *world, const AccountsEvents *events, void *userdata, Accounts **ret) {
        Accounts *set;

        set = malloc(sizeof(Accounts));
        if (!set)
                return -ENOMEM;

        *set = (Accounts){
                .world = world,
                .events = events,
                .userdata = userdata,
        };
        *ret = set;
        return 0;
}

Accounts *accounts_free(Accounts *set) {
        if (!set)
                return NULL;

        while (set->count > 0)
                account_free(set->list[--set->count]);
        free(set->list);
        free(set);
        return NULL;
}

size_t accounts_count(const Accounts *set) {
        return set->count;
}

Account *accounts_at(const Accounts *set, size_t i) {
        assert(i < set->count);

        return set->list[i];
}

Account *accounts_by_id(const Accounts *set, const char *id) {
        for (size_t i = 0; i < set->count; i++)
                if (streq(account_id(set->list[i]), id))
                        return set->list[i];
        return NULL;
}

Account *accounts_by_user(const Accounts *set, const char *client_id, const char *uid) {
        for (size_t i = 0; i < set->count; i++) {
                const AccountRecord *record = account_record(set->list[i]);

                if (!account_is_signing_out(set->list[i]) && streq(record->client_id, client_id) &&
                    streq(record->uid, uid))
                        return set->list[i];
        }
        return NULL;
}

/* An account of which nothing is known comes last, because it is not known when it was made. */
static bool accounts_is_better_default(const Account *a, const Account *b) {
        const AccountRecord *x = account_record(a), *y = account_record(b);

        if (!x->current || !y->current)
                return x->current;
        if (x->default_since != y->default_since)
                return x->default_since > y->default_since;
        return x->created_at < y->created_at;
}

static Account *accounts_look_through(const Accounts *set, bool *ret_any_hidden) {
        Account *best = NULL;

        *ret_any_hidden = false;
        for (size_t i = 0; i < set->count; i++) {
                Account *a = set->list[i];

                if (account_is_hidden(a))
                        *ret_any_hidden = true;
                if (!best || accounts_is_better_default(a, best))
                        best = a;
        }
        return best;
}

Account *accounts_default(const Accounts *set) {
        bool any_hidden;

        return accounts_look_through(set, &any_hidden);
}

/* Why an account that was not found may still exist. If the keyring was unlocked just now and is
 * still being read, this says that it is locked: the caller then has it looked at, and waits for
 * the reading. */
static int accounts_not_found(const Accounts *set, int otherwise) {
        int r = vault_condition(set->world->vault), loaded = loader_result(set->world->loader);
        bool any_hidden;

        if (loaded != 0)
                return loaded;
        (void) accounts_look_through(set, &any_hidden);
        if (any_hidden || !set->world->seen_all)
                return r ?: CONDITION_KEYRING_LOCKED;
        return set->count == 0 ? r ?: otherwise : otherwise;
}

static int accounts_find_default(const Accounts *set, Account **ret) {
        Account *best;
        bool any_hidden;

        if (set->count == 0)
                return accounts_not_found(set, CONDITION_NOT_SIGNED_IN);

        best = accounts_look_through(set, &any_hidden);
        if (set->count > 1 && any_hidden)
                return vault_condition(set->world->vault) ?: CONDITION_KEYRING_LOCKED;

        *ret = best;
        return 0;
}

typedef struct Match {
        Account *account;
        unsigned n;
} Match;

static void match_add(Match *m, Account *account) {
        m->account = account;
        m->n++;
}

static int match_take(const Match *m, Account **ret) {
        if (m->n > 1)
                return CONDITION_AMBIGUOUS;

        *ret = m->account;
        return m->n == 1 ? 0 : CONDITION_NO_SUCH_ACCOUNT;
}

/* The user chose the labels, so a label comes before a login that is the same. */
static int accounts_find_named(const Accounts *set, const char *name, Account **ret) {
        Match by_label = {}, by_login = {};

        for (size_t i = 0; i < set->count; i++) {
                const AccountRecord *record = account_record(set->list[i]);

                if (streq(record->id, name)) {
                        *ret = set->list[i];
                        return 0;
                }
                if (streq(record->label, name))
                        match_add(&by_label, set->list[i]);
                if (streq(record->login, name))
                        match_add(&by_login, set->list[i]);
        }
        return match_take(by_label.n > 0 ? &by_label : &by_login, ret);
}

bool accounts_has_name(const Accounts *set, const char *name, const Account *except) {
        for (size_t i = 0; i < set->count; i++) {
                const AccountRecord *record = account_record(set->list[i]);

                if (set->list[i] != except &&
                    (streq(record->label, name) || streq(record->id, name)))
                        return true;
        }
        return false;
}

int accounts_find(const Accounts *set, const char *name, Account **ret) {
        int r;

        if (str_is_empty(name))
                return accounts_find_default(set, ret);

        r = accounts_find_named(set, name, ret);
        return r == CONDITION_NO_SUCH_ACCOUNT ? accounts_not_found(set, r) : r;
}

void accounts_announce_default(Accounts *set) {
        Account *now = accounts_default(set);

        if (now == set->announced_default)
                return;

        set->announced_default = now;
        set->events->on_default_changed(set->userdata);
}

int accounts_set_default(Accounts *set, Account *account) {
        int r;

        r = account_make_default(account);
        if (r != 0)
                return r;

        accounts_announce_default(set);
        return 0;
}

static void accounts_on_changed(Account *account, AccountChange changes, void *userdata) {
        Accounts *set = userdata;

        set->events->on_changed(account, changes, set->userdata);
}

/* Takes the account, even if it fails. */
static int accounts_append(Accounts *set, Account *account, Account **ret) {
        _cleanup_(account_freep) Account *a = account;
        Account **grown;

        grown = reallocarray(set->list, set->count + 1, sizeof(Account *));
        if (!grown)
                return -ENOMEM;

        set->list = grown;
        set->list[set->count++] = TAKE_PTR(a);
        set->events->on_added(account, set->userdata);
        accounts_announce_default(set);

        *ret = account;
        return 0;
}

int accounts_add(Accounts *set, AccountRecord *record, Account **ret) {
        Account *a;
        int r;

        r = account_new(set->world, record, accounts_on_changed, set, &a);
        return r < 0 ? r : accounts_append(set, a, ret);
}

int accounts_add_locked(Accounts *set, const char *id, const char *client_id, Account **ret) {
        Account *a;
        int r;

        r = account_new_locked(set->world, id, client_id, accounts_on_changed, set, &a);
        return r < 0 ? r : accounts_append(set, a, ret);
}

void accounts_remove(Accounts *set, Account *account) {
        for (size_t i = 0; i < set->count; i++) {
                if (set->list[i] != account)
                        continue;

                set->events->on_removed(account, set->userdata);
                set->count--;
                memmove(&set->list[i], &set->list[i + 1], (set->count - i) * sizeof(Account *));
                account_begin_sign_out(account);
                account_free(account);
                break;
        }
        accounts_announce_default(set);
}

bool accounts_use_application(const Accounts *set, const char *client_id) {
        for (size_t i = 0; i < set->count; i++)
                if (streq(account_record(set->list[i])->client_id, client_id))
                        return true;
        return false;
}

/* Yandex refuses an application for all of its accounts, but each learns of that by itself. */
static bool accounts_rely_on_secret(const Accounts *set, const char *client_id) {
        for (size_t i = 0; i < set->count; i++)
                if (streq(account_record(set->list[i])->client_id, client_id) &&
                    account_state(set->list[i]) != ACCOUNT_APP_REFUSED)
                        return true;
        return false;
}

int accounts_check_secret(const Accounts *set, const char *client_id, const Secret *client_secret,
                          bool replace) {
        Application *application = applications_find(set->world->applications, client_id);
        Secret *known = application ? application_client_secret(application) : NULL;

        if (!application || !accounts_rely_on_secret(set, client_id))
                return 0;
        if (application_is_locked(application))
                return CONDITION_KEYRING_ITEMS_LOCKED;
        if (!known || replace || secret_equal(known, client_secret) ||
            secret_equal(applications_previous_secret(set->world->applications, client_id),
                         client_secret))
                return 0;
        return CONDITION_SECRET_IN_USE;
}

bool accounts_end_erasure(Accounts *set, const char *client_id, int r) {
        bool used = accounts_use_application(set, client_id);

        applications_end_erasure(set->world->applications, client_id, r, used);
        return used;
}

void accounts_retry_refused(Accounts *set, const char *client_id) {
        for (size_t i = 0; i < set->count; i++)
                if (streq(account_record(set->list[i])->client_id, client_id))
                        account_retry_refused(set->list[i]);
}
