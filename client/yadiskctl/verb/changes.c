/* SPDX-License-Identifier: MIT */

#include "yadiskctl/verb/changes.h"

/* Where they go. */
typedef struct Sink {
        ChangeFn fn;
        void *userdata;
} Sink;

static const char *const kind_names[_CHANGE_KIND_MAX] = {
        [CHANGE_PRESENT] = "present",
        [CHANGE_ADDED] = "added",
        [CHANGE_REMOVED] = "removed",
        [CHANGE_LABEL] = "label",
        [CHANGE_STATE] = "state",
        [CHANGE_RENEWED] = "renewed",
        [CHANGE_SAVED] = "saved",
        [CHANGE_DEFAULT] = "default",
        [CHANGE_TROUBLE] = "trouble",
        [CHANGE_KEYRING] = "keyring",
        [CHANGE_NETWORK] = "network",
        [CHANGE_DAEMON_GONE] = "daemon-gone",
        [CHANGE_DAEMON_BACK] = "daemon-back",
};

const char *change_kind_name(ChangeKind kind) {
        return kind_names[kind];
}

static void tell_account(const Sink *sink, ChangeKind kind, const Account *a) {
        const Change change = { .kind = kind, .account = a };

        sink->fn(&change, sink->userdata);
}

static void tell_surroundings(const Sink *sink, ChangeKind kind, const Snapshot *s) {
        const Change change = { .kind = kind, .snapshot = s };

        sink->fn(&change, sink->userdata);
}

static void tell_label(const Sink *sink, const Account *before, const Account *after) {
        const Change change = {
                .kind = CHANGE_LABEL,
                .account = after,
                .before = account_name(before),
        };

        sink->fn(&change, sink->userdata);
}

static bool has_other_trouble(const Account *a, const Account *b) {
        return !streq(a->error_name, b->error_name) || !streq(a->error_message, b->error_message);
}

/* What has failed to be saved and is being written once more is as it was. */
static bool is_told_of_saving(const Account *before, const Account *after) {
        return account_is_unsaved(before) ? after->saved : account_is_unsaved(after);
}

/* The name comes first, so that the lines below it speak of an account that is known by it. */
static void compare_accounts(const Sink *sink, const Account *before, const Account *after) {
        if (!streq(account_name(before), account_name(after)))
                tell_label(sink, before, after);
        if (!streq(before->state, after->state))
                tell_account(sink, CHANGE_STATE, after);
        if (before->generation != after->generation && before->generation > 0)
                tell_account(sink, CHANGE_RENEWED, after);
        if (is_told_of_saving(before, after))
                tell_account(sink, CHANGE_SAVED, after);
        if (has_other_trouble(before, after))
                tell_account(sink, CHANGE_TROUBLE, after);
        if (!before->is_default && after->is_default)
                tell_account(sink, CHANGE_DEFAULT, after);
}

void changes_at_first(const Snapshot *s, ChangeFn fn, void *userdata) {
        const Sink sink = { fn, userdata };

        for (size_t i = 0; i < s->n_accounts; i++)
                tell_account(&sink, CHANGE_PRESENT, &s->accounts[i]);
        if (!streq(s->keyring, "unlocked"))
                tell_surroundings(&sink, CHANGE_KEYRING, s);
        if (!s->online)
                tell_surroundings(&sink, CHANGE_NETWORK, s);
}

void changes_between(const Snapshot *before, const Snapshot *after, ChangeFn fn, void *userdata) {
        const Sink sink = { fn, userdata };

        /* A keyring that opens or closes is why accounts come and change. */
        if (!streq(before->keyring, after->keyring))
                tell_surroundings(&sink, CHANGE_KEYRING, after);
        if (before->online != after->online)
                tell_surroundings(&sink, CHANGE_NETWORK, after);

        for (size_t i = 0; i < before->n_accounts; i++)
                if (!snapshot_find(after, before->accounts[i].path))
                        tell_account(&sink, CHANGE_REMOVED, &before->accounts[i]);

        for (size_t i = 0; i < after->n_accounts; i++) {
                const Account *a = &after->accounts[i], *old = snapshot_find(before, a->path);

                if (old)
                        compare_accounts(&sink, old, a);
                else
                        tell_account(&sink, CHANGE_ADDED, a);
        }
}
