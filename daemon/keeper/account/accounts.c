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

Account *accounts_default(const Accounts *set) {
        Account *best = NULL;

        for (size_t i = 0; i < set->count; i++)
                if (!best || accounts_is_better_default(set->list[i], best))
                        best = set->list[i];
        return best;
}

static bool accounts_any_hidden(const Accounts *set) {
        for (size_t i = 0; i < set->count; i++)
                if (account_is_hidden(set->list[i]))
                        return true;
        return false;
}

/* Why an account that was not found may still exist. If the keyring was unlocked just now and is
 * still being read, this says that it is locked: the caller then has it looked at, and waits for
 * the reading. */
static int accounts_not_found(const Accounts *set, int otherwise) {
        int r = vault_condition(set->world->vault), loaded = loader_result(set->world->loader);

        if (loaded != 0)
                return loaded;
        if (accounts_any_hidden(set) || !set->world->seen_all)
                return r ?: CONDITION_KEYRING_LOCKED;
        return set->count == 0 ? r ?: otherwise : otherwise;
}

static int accounts_find_default(const Accounts *set, Account **ret) {
        if (set->count == 0)
                return accounts_not_found(set, CONDITION_NOT_SIGNED_IN);
        if (set->count > 1 && accounts_any_hidden(set))
                return vault_condition(set->world->vault) ?: CONDITION_KEYRING_LOCKED;

        *ret = accounts_default(set);
        return 0;
}

static const char *accounts_label_of(const Account *a) {
        return account_record(a)->label;
}

static const char *accounts_login_of(const Account *a) {
        return account_record(a)->login;
}

static int accounts_find_named(const Accounts *set, const char *name,
                               const char *(*name_of)(const Account *a), Account **ret) {
        Account *found = NULL;

        for (size_t i = 0; i < set->count; i++) {
                if (!streq(name_of(set->list[i]), name))
                        continue;
                if (found)
                        return CONDITION_AMBIGUOUS;
                found = set->list[i];
        }
        if (!found)
                return CONDITION_NO_SUCH_ACCOUNT;

        *ret = found;
        return 0;
}

/* The user chose the labels, so a label comes before a login that is the same. */
int accounts_find(const Accounts *set, const char *name, Account **ret) {
        int r;

        if (str_is_empty(name))
                return accounts_find_default(set, ret);

        *ret = accounts_by_id(set, name);
        if (*ret)
                return 0;

        r = accounts_find_named(set, name, accounts_label_of, ret);
        if (r == CONDITION_NO_SUCH_ACCOUNT)
                r = accounts_find_named(set, name, accounts_login_of, ret);
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

/* Takes the account, also if it fails. */
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
