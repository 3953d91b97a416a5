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

/* Why a name that nobody answers to might still be somebody's. */
static int not_found(const Keeper *k, int otherwise) {
        int r = loader_result(keeper_loader(k));

        if (r != 0)
                return r;
        if (any_locked(k) || (keeper_n_accounts(k) == 0 && keeper_keyring_state(k) == VAULT_LOCKED))
                return CONDITION_KEYRING_LOCKED;
        return otherwise;
}

static int find_default(const Keeper *k, Account **ret) {
        if (keeper_n_accounts(k) == 0)
                return not_found(k, CONDITION_NOT_SIGNED_IN);
        if (keeper_n_accounts(k) > 1 && any_locked(k))
                return CONDITION_KEYRING_LOCKED;

        *ret = keeper_default(k);
        return 0;
}

static bool answers_to(const Account *a, const char *name) {
        return streq(account_record(a)->label, name) || streq(account_record(a)->login, name);
}

int keeper_find(const Keeper *k, const char *name, Account **ret) {
        Account *found;

        if (str_is_empty(name))
                return find_default(k, ret);

        found = keeper_account_by_id(k, name);
        for (size_t i = 0; !found && i < keeper_n_accounts(k); i++) {
                if (!answers_to(keeper_account(k, i), name))
                        continue;

                for (size_t j = i + 1; j < keeper_n_accounts(k); j++)
                        if (answers_to(keeper_account(k, j), name))
                                return CONDITION_AMBIGUOUS;
                found = keeper_account(k, i);
        }
        if (!found)
                return not_found(k, CONDITION_NO_SUCH_ACCOUNT);

        *ret = found;
        return 0;
}
