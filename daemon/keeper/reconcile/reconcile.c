/* SPDX-License-Identifier: MIT */

#include "keeper/reconcile/reconcile.h"

#include "common/condition.h"
#include "common/log.h"

static int add_known(World *w, AccountRecord *record) {
        Account *a;
        int r;

        r = accounts_add(w->accounts, record, &a);
        account_record_done(record);
        if (r < 0)
                return r;

        account_start(a);
        return 0;
}

/* Services may hide the attributes of what is locked: then nothing can be said of it yet. */
static int learn_locked(World *w, const VaultItem *item, Account **ret) {
        *ret = accounts_by_id(w->accounts, item->key.id);
        if (*ret || !client_id_is_valid(item->key.id) || !client_id_is_valid(item->key.client_id))
                return 0;

        return accounts_add_locked(w->accounts, item->key.id, item->key.client_id, ret);
}

/* It is an account, but nothing of it can be used: better shown as it is than passed over in silence. */
static int learn_unreadable(World *w, const VaultItem *item, bool newer) {
        Account *a;
        int r;

        r = learn_locked(w, item, &a);
        if (r < 0 || !a)
                return r;

        account_mark_unreadable(a, newer ? CONDITION_RECORD_NEWER : CONDITION_RECORD_UNREADABLE);
        return 0;
}

/* A record that was copied below other attributes would be written back to where it came from. */
static int parse(const VaultItem *item, AccountRecord *ret, bool *ret_newer) {
        int r;

        r = account_record_parse(item->document, ret, ret_newer);
        if (r != 0 || account_record_is_of(ret, item->key.id, item->key.client_id))
                return r;

        account_record_done(ret);
        return CONDITION_KEYRING_FAILED;
}

static int learn_account(World *w, const VaultItem *item) {
        AccountRecord record;
        Account *a;
        bool newer;
        int r;

        if (item->locked)
                return learn_locked(w, item, &a);
        if (!item->document)
                return learn_unreadable(w, item, false);

        r = parse(item, &record, &newer);
        if (r < 0)
                return r;
        if (r > 0)
                return learn_unreadable(w, item, newer);

        a = accounts_by_id(w->accounts, record.id);
        if (!a)
                return add_known(w, &record);

        account_learn(a, &record);
        return 0;
}

static int learn(World *w, const VaultItem *item) {
        switch (item->key.kind) {
        case VAULT_ACCOUNT:
                return learn_account(w, item);
        case VAULT_APPLICATION:
                return applications_learn(w->applications, item);
        case _VAULT_KIND_MAX:
        case _VAULT_KIND_INVALID:
                break;
        }
        return 0;
}

void reconcile_learn(World *w, const VaultItem *items, size_t n_items) {
        for (size_t i = 0; i < n_items; i++)
                if (learn(w, &items[i]) < 0)
                        log_error("Out of memory while reading the keyring.");
}

/* What is locked may be the newest, and what a newer yadisk-tokend wrote is left to it. */
static bool holds(const VaultItem *item, const Account *a) {
        AccountRecord record;
        bool newer, held;
        int r;

        if (item->key.kind != VAULT_ACCOUNT || !streq(item->key.id, account_id(a)))
                return false;
        if (!item->document)
                return item->locked;

        r = parse(item, &record, &newer);
        if (r != 0)
                return newer || r < 0;

        held = grant_generation(record.current) >= account_generation(a);
        account_record_done(&record);
        return held;
}

static bool is_among(const Account *a, const VaultItem *items, size_t n_items) {
        for (size_t i = 0; i < n_items; i++)
                if (holds(&items[i], a))
                        return true;
        return false;
}

size_t reconcile_count_hidden(const VaultItem *items, size_t n_items) {
        size_t n = 0;

        for (size_t i = 0; i < n_items; i++)
                n += items[i].key.kind == VAULT_ACCOUNT && !items[i].document &&
                     str_is_empty(items[i].key.id);
        return n;
}

void reconcile_rewrite_missing(World *w, const VaultItem *items, size_t n_items) {
        applications_rewrite_missing(w->applications, items, n_items);
        for (size_t i = 0; i < accounts_count(w->accounts); i++)
                if (!is_among(accounts_at(w->accounts, i), items, n_items))
                        account_rewrite(accounts_at(w->accounts, i));
}
