/* SPDX-License-Identifier: MIT */

#include "keeper/reconcile/reconcile.h"

#include "common/condition.h"
#include "common/log.h"

/* Some services hide the attributes of a locked item, and then *ret is NULL: nothing can be said of
 * it yet. */
static int reconcile_learn_locked(World *w, const VaultItem *item, Account **ret) {
        *ret = accounts_by_id(w->accounts, item->key.id);
        if (*ret || !client_id_is_valid(item->key.id) || !client_id_is_valid(item->key.client_id))
                return 0;

        return accounts_add_locked(w->accounts, item->key.id, item->key.client_id, ret);
}

/* The account cannot be used, but the user has to see that it exists. */
static int reconcile_learn_unreadable(World *w, const VaultItem *item, bool newer) {
        Account *a;
        int r;

        r = reconcile_learn_locked(w, item, &a);
        if (r == 0 && a)
                account_mark_unreadable(a, newer ? CONDITION_RECORD_NEWER
                                                 : CONDITION_RECORD_UNREADABLE);
        return r;
}

/* A record that was copied below other attributes is refused, since it would be written back to
 * where it came from. */
static int reconcile_parse(const VaultItem *item, AccountRecord *ret, bool *ret_newer) {
        int r;

        r = account_record_parse(item->document, ret, ret_newer);
        if (r != 0 || account_record_is_of(ret, item->key.id, item->key.client_id))
                return r;

        account_record_done(ret);
        return CONDITION_KEYRING_FAILED;
}

static int reconcile_learn_account(World *w, const VaultItem *item) {
        _cleanup_(account_record_done) AccountRecord record = {};
        Account *a;
        bool newer;
        int r;

        if (item->locked)
                return reconcile_learn_locked(w, item, &a);
        if (!item->document)
                return reconcile_learn_unreadable(w, item, false);

        r = reconcile_parse(item, &record, &newer);
        if (r < 0)
                return r;
        if (r > 0)
                return reconcile_learn_unreadable(w, item, newer);

        a = accounts_by_id(w->accounts, record.id);
        if (a) {
                account_learn(a, &record);
                return 0;
        }

        r = accounts_add(w->accounts, &record, &a);
        if (r == 0)
                account_start(a);
        return r;
}

void reconcile_learn(World *w, const VaultItem *items, size_t n_items) {
        for (size_t i = 0; i < n_items; i++) {
                int r = 0;

                if (items[i].key.kind == VAULT_ACCOUNT)
                        r = reconcile_learn_account(w, &items[i]);
                else if (items[i].key.kind == VAULT_APPLICATION)
                        r = applications_learn(w->applications, &items[i]);
                if (r < 0)
                        log_error("Out of memory while reading the keyring.");
        }
}

size_t reconcile_count_hidden(const VaultItem *items, size_t n_items) {
        size_t n = 0;

        for (size_t i = 0; i < n_items; i++)
                n += items[i].key.kind == VAULT_ACCOUNT && !items[i].document &&
                     str_is_empty(items[i].key.id);
        return n;
}

bool reconcile_any_locked(const VaultItem *items, size_t n_items) {
        for (size_t i = 0; i < n_items; i++)
                if (items[i].key.kind == VAULT_ACCOUNT && items[i].locked)
                        return true;
        return false;
}

/* A locked item may hold the newest grant, and the item of a newer yadisk-tokend is left to
 * that. */
static bool reconcile_item_holds(const VaultItem *item, const Account *a) {
        _cleanup_(account_record_done) AccountRecord record = {};
        bool newer;
        int r;

        if (item->key.kind != VAULT_ACCOUNT || !streq(item->key.id, account_id(a)))
                return false;
        if (!item->document)
                return item->locked;

        r = reconcile_parse(item, &record, &newer);
        if (r != 0)
                return newer || r < 0;

        return record.current->generation >= account_generation(a);
}

static bool reconcile_keyring_holds(const VaultItem *items, size_t n_items, const Account *a) {
        for (size_t i = 0; i < n_items; i++)
                if (reconcile_item_holds(&items[i], a))
                        return true;
        return false;
}

void reconcile_rewrite_missing(World *w, const VaultItem *items, size_t n_items) {
        applications_rewrite_missing(w->applications, items, n_items);
        for (size_t i = 0; i < accounts_count(w->accounts); i++)
                if (!reconcile_keyring_holds(items, n_items, accounts_at(w->accounts, i)))
                        account_rewrite(accounts_at(w->accounts, i));
}
