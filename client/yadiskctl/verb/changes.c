/* SPDX-License-Identifier: MIT */

#include "yadiskctl/verb/changes.h"

#include <time.h>

#include "common/i18n.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/verb/report.h"

static const char *const change_names[_CHANGE_KIND_MAX] = {
        [CHANGE_PRESENT] = "present",
        [CHANGE_ADDED] = "added",
        [CHANGE_REMOVED] = "removed",
        [CHANGE_LABEL] = "label",
        [CHANGE_STATE] = "state",
        [CHANGE_RENEWED] = "renewed",
        [CHANGE_SAVED] = "saved",
        [CHANGE_DEFAULT] = "default",
        [CHANGE_LAST_ERROR] = "trouble",
        [CHANGE_KEYRING] = "keyring",
        [CHANGE_NETWORK] = "network",
        [CHANGE_DAEMON_GONE] = "daemon-gone",
        [CHANGE_DAEMON_BACK] = "daemon-back",
};

const char *change_kind_name(ChangeKind kind) {
        return change_names[kind];
}

static bool change_is_of_error(const Account *a, const Account *b) {
        return !streq(a->error_name, b->error_name) || !streq(a->error_message, b->error_message);
}

/* If an account could not be saved and is being written again, nothing is told. */
static bool change_is_of_saving(const Account *before, const Account *after) {
        return account_is_unsaved(before) ? after->saved : account_is_unsaved(after);
}

/* The label comes first, because the lines below it call the account by its new label. */
static void changes_compare_accounts(const Account *before, const Account *after, ChangeFn fn,
                                     void *userdata) {
        if (!streq(account_name(before), account_name(after)))
                fn(&(Change){ CHANGE_LABEL, after, .before = account_name(before) }, userdata);
        if (!streq(before->state, after->state))
                fn(&(Change){ CHANGE_STATE, .account = after }, userdata);
        if (before->generation != after->generation && before->generation > 0)
                fn(&(Change){ CHANGE_RENEWED, .account = after }, userdata);
        if (change_is_of_saving(before, after))
                fn(&(Change){ CHANGE_SAVED, .account = after }, userdata);
        if (change_is_of_error(before, after))
                fn(&(Change){ CHANGE_LAST_ERROR, .account = after }, userdata);
        if (!before->is_default && after->is_default)
                fn(&(Change){ CHANGE_DEFAULT, .account = after }, userdata);
}

void changes_at_first(const Snapshot *s, ChangeFn fn, void *userdata) {
        for (size_t i = 0; i < s->n_accounts; i++)
                fn(&(Change){ CHANGE_PRESENT, .account = &s->accounts[i] }, userdata);
        if (!streq(s->keyring, "unlocked"))
                fn(&(Change){ CHANGE_KEYRING, .snapshot = s }, userdata);
        if (!s->online)
                fn(&(Change){ CHANGE_NETWORK, .snapshot = s }, userdata);
}

void changes_between(const Snapshot *before, const Snapshot *after, ChangeFn fn, void *userdata) {
        /* If the keyring opens or closes, accounts appear and change because of it. */
        if (!streq(before->keyring, after->keyring))
                fn(&(Change){ CHANGE_KEYRING, .snapshot = after }, userdata);
        if (before->online != after->online)
                fn(&(Change){ CHANGE_NETWORK, .snapshot = after }, userdata);

        for (size_t i = 0; i < before->n_accounts; i++)
                if (!snapshot_find(after, before->accounts[i].path))
                        fn(&(Change){ CHANGE_REMOVED, .account = &before->accounts[i] }, userdata);

        for (size_t i = 0; i < after->n_accounts; i++) {
                const Account *a = &after->accounts[i], *old = snapshot_find(before, a->path);

                if (old)
                        changes_compare_accounts(old, a, fn, userdata);
                else
                        fn(&(Change){ CHANGE_ADDED, .account = a }, userdata);
        }
}

static void change_say_time(uint64_t now) {
        time_t t = (time_t) now;
        char text[sizeof("23:59:60")] = "";
        struct tm tm;

        if (localtime_r(&t, &tm))
                (void) strftime(text, sizeof(text), "%H:%M:%S", &tm);
        say_part(COLOUR_FAINT, "%s", text);
        say_part(COLOUR_PLAIN, "  ");
        say_margin();
}

static void change_say_state(const Account *a, uint64_t now) {
        Wording state = wording_of_state(a, false);
        char expiry[TIME_MAX_BYTES];

        if (streq(a->state, "active") && a->expires_at != 0)
                say_part(state.colour, "active; valid until %s",
                         time_print(a->expires_at, now, expiry));
        else
                say_part(state.colour, "%s", state.words);
}

/* Ends the line, too. */
static void change_say_what(const Change *change, uint64_t now) {
        const Account *a = change->account;
        char expiry[TIME_MAX_BYTES];

        switch (change->kind) {
        case CHANGE_ADDED:
                say_part(COLOUR_PLAIN, "a new account; ");
                change_say_state(a, now);
                break;
        case CHANGE_PRESENT:
        case CHANGE_STATE:
                change_say_state(a, now);
                break;
        case CHANGE_REMOVED:
                say_part(COLOUR_ATTENTION, "gone; signed out, or removed from the keyring");
                break;
        case CHANGE_LABEL:
                say_part(COLOUR_PLAIN, "renamed from \"%s\"", change->before);
                break;
        case CHANGE_RENEWED:
                if (a->expires_at == 0)
                        say_part(COLOUR_GOOD, "renewed");
                else
                        say_part(COLOUR_GOOD, "renewed; valid until %s",
                                 time_print(a->expires_at, now, expiry));
                break;
        case CHANGE_SAVED:
                if (a->saved)
                        say_part(COLOUR_GOOD, "saved in the keyring");
                else
                        say_part(COLOUR_ATTENTION, "not saved yet; the newest token is only in "
                                                   "memory, so do not log out");
                break;
        case CHANGE_DEFAULT:
                say_part(COLOUR_PLAIN, "now the default account");
                break;
        case CHANGE_LAST_ERROR:
                if (!*a->error_name)
                        say_part(COLOUR_GOOD, "the trouble is over");
                else
                        say_part(COLOUR_ATTENTION, "%s",
                                 *a->error_message ? i18n_reason(a->error_message) : a->error_name);
                break;
        case CHANGE_KEYRING:
                return wording_say(_("Keyring: "), wording_of_keyring(change->snapshot));
        case CHANGE_NETWORK:
                return wording_say(_("Network: "), wording_of_network(change->snapshot->online));
        case CHANGE_DAEMON_GONE:
                say_part(COLOUR_ATTENTION, "yadisk-tokend has ended; waiting for it to come back");
                break;
        case CHANGE_DAEMON_BACK:
                say_part(COLOUR_GOOD, "yadisk-tokend is back");
                break;
        case _CHANGE_KIND_MAX:
        case _CHANGE_KIND_INVALID:
                break;
        }
        say_end();
}

ExitStatus change_say(const Change *change) {
        uint64_t now = time_now();

        change_say_time(now);
        if (change->account) {
                say_part(COLOUR_STRONG, "%s", account_name(change->account));
                if (change->kind == CHANGE_PRESENT && change->account->is_default)
                        say_part(COLOUR_PLAIN, " (default)");
                say_part(COLOUR_PLAIN, ": ");
        }
        change_say_what(change, now);
        return EXIT_STATUS_OK;
}

ExitStatus change_print_json(const Change *change) {
        _cleanup_(json_freep) Json *j = json_new();

        json_time(j, "time", time_now());
        json_string(j, "event", change_kind_name(change->kind));
        if (change->account)
                account_to_json(change->account, j, "account");
        if (change->kind == CHANGE_KEYRING)
                json_string(j, "keyring", change->snapshot->keyring);
        if (change->kind == CHANGE_NETWORK)
                json_bool(j, "online", change->snapshot->online);
        return json_write(j);
}
