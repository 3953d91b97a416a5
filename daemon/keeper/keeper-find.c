/* SPDX-License-Identifier: MIT */

/* Which account is meant, by its id, by a name, or where none is named. */

#include "keeper/keeper.h"

#include "common/condition.h"

Account *keeper_account_by_id(const Keeper *k, const char *id) {
        for (size_t i = 0; i < keeper_n_accounts(k); i++)
                if (streq(account_id(keeper_account(k, i)), id))
                        return keeper_account(k, i);
        return NULL;
}

/* One of which nothing is known comes last: when it was made is not known either. */
static bool is_better_default(const Account *a, const Account *b) {
        const AccountRecord *x = account_record(a), *y = account_record(b);

        if (!x->current || !y->current)
                return x->current;
        if (x->default_since != y->default_since)
                return x->default_since > y->default_since;
        return x->created_at < y->created_at;
}

Account *keeper_default(const Keeper *k) {
        Account *best = NULL;

        for (size_t i = 0; i < keeper_n_accounts(k); i++)
                if (!best || is_better_default(keeper_account(k, i), best))
                        best = keeper_account(k, i);
        return best;
}

static bool any_locked(const Keeper *k) {
        for (size_t i = 0; i < keeper_n_accounts(k); i++)
                if (account_is_hidden(keeper_account(k, i)))
                        return true;
        return false;
}

/* Why a name that nobody answers to might still be somebody's. Also if the keyring was opened just now and is
 * still being read: then whoever asks has it looked at, which waits for that. */
static int not_found(const Keeper *k, int otherwise) {
        int r = vault_condition(keeper_vault(k));

        if (loader_result(keeper_loader(k)) != 0)
                return loader_result(keeper_loader(k));
        if (any_locked(k) || !keeper_has_seen_all(k))
                return r ?: CONDITION_KEYRING_LOCKED;
        return keeper_n_accounts(k) == 0 ? r ?: otherwise : otherwise;
}

static int find_default(const Keeper *k, Account **ret) {
        if (keeper_n_accounts(k) == 0)
                return not_found(k, CONDITION_NOT_SIGNED_IN);
        if (keeper_n_accounts(k) > 1 && any_locked(k))
                return vault_condition(keeper_vault(k)) ?: CONDITION_KEYRING_LOCKED;

        *ret = keeper_default(k);
        return 0;
}

static const char *label_of(const Account *a) {
        return account_record(a)->label;
}

static const char *login_of(const Account *a) {
        return account_record(a)->login;
}

/* The only account that is called so. 0; CONDITION_NO_SUCH_ACCOUNT, CONDITION_AMBIGUOUS. */
static int find_named(const Keeper *k, const char *name, const char *(*name_of)(const Account *a),
                      Account **ret) {
        Account *found = NULL;

        for (size_t i = 0; i < keeper_n_accounts(k); i++) {
                if (!streq(name_of(keeper_account(k, i)), name))
                        continue;
                if (found)
                        return CONDITION_AMBIGUOUS;
                found = keeper_account(k, i);
        }
        if (!found)
                return CONDITION_NO_SUCH_ACCOUNT;

        *ret = found;
        return 0;
}

/* A label was chosen by the user, so it comes before a login that is the same. */
int keeper_find(const Keeper *k, const char *name, Account **ret) {
        int r;

        if (str_is_empty(name))
                return find_default(k, ret);

        *ret = keeper_account_by_id(k, name);
        if (*ret)
                return 0;

        r = find_named(k, name, label_of, ret);
        if (r == CONDITION_NO_SUCH_ACCOUNT)
                r = find_named(k, name, login_of, ret);
        return r == CONDITION_NO_SUCH_ACCOUNT ? not_found(k, r) : r;
}
