/* SPDX-License-Identifier: MIT */

#include "yadiskctl/verb/watch-line.h"

#include <time.h>

#include "common/i18n.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/verb/wording.h"

static void say_time(uint64_t now) {
        time_t t = (time_t) now;
        char text[sizeof("23:59:60")] = "";
        struct tm tm;

        if (localtime_r(&t, &tm))
                (void) strftime(text, sizeof(text), "%H:%M:%S", &tm);
        say_part(COLOUR_FAINT, "%s", text);
        say_part(COLOUR_PLAIN, "  ");
        say_margin();
}

static void say_as_it_is(const Account *a, uint64_t now) {
        Wording state = wording_of_state(a);
        char moment[MOMENT_MAX_BYTES];

        if (streq(a->state, "active") && a->expires_at != 0)
                say_part(state.colour, "active; valid until %s",
                         moment_print(a->expires_at, now, moment));
        else
                say_part(state.colour, "%s", state.words);
}

static void say_renewed(const Account *a, uint64_t now) {
        char moment[MOMENT_MAX_BYTES];

        if (a->expires_at == 0)
                say_part(COLOUR_GOOD, "renewed");
        else
                say_part(COLOUR_GOOD, "renewed; valid until %s",
                         moment_print(a->expires_at, now, moment));
}

static void say_saved(const Account *a) {
        if (a->saved)
                say_part(COLOUR_GOOD, "saved in the keyring");
        else
                say_part(COLOUR_ATTENTION,
                         "not saved yet; the newest token is only in memory, so do not log out");
}

static void say_trouble(const Account *a) {
        if (!*a->error_name)
                say_part(COLOUR_GOOD, "the trouble is over");
        else
                say_part(COLOUR_ATTENTION, "%s",
                         *a->error_message ? _(a->error_message) : a->error_name);
}

static void say_of_account(const Change *change, uint64_t now) {
        const Account *a = change->account;

        switch (change->kind) {
        case CHANGE_PRESENT:
                say_as_it_is(a, now);
                break;
        case CHANGE_ADDED:
                say_part(COLOUR_PLAIN, "a new account; ");
                say_as_it_is(a, now);
                break;
        case CHANGE_REMOVED:
                say_part(COLOUR_ATTENTION, "gone; signed out, or removed from the keyring");
                break;
        case CHANGE_LABEL:
                say_part(COLOUR_PLAIN, "renamed from \"%s\"", change->before);
                break;
        case CHANGE_STATE:
                say_as_it_is(a, now);
                break;
        case CHANGE_RENEWED:
                say_renewed(a, now);
                break;
        case CHANGE_SAVED:
                say_saved(a);
                break;
        case CHANGE_DEFAULT:
                say_part(COLOUR_PLAIN, "now the default account");
                break;
        case CHANGE_TROUBLE:
                say_trouble(a);
                break;
        case CHANGE_KEYRING:
        case CHANGE_NETWORK:
        case CHANGE_DAEMON_GONE:
        case CHANGE_DAEMON_BACK:
        case _CHANGE_KIND_MAX:
        case _CHANGE_KIND_INVALID:
                break;
        }
}

static void say_name(const Change *change) {
        say_part(COLOUR_STRONG, "%s", account_name(change->account));
        if (change->kind == CHANGE_PRESENT && change->account->is_default)
                say_part(COLOUR_PLAIN, " (default)");
        say_part(COLOUR_PLAIN, ": ");
}

static void say_wording(const char *label, Wording w) {
        say_part(COLOUR_PLAIN, "%s", label);
        say_part(w.colour, "%s", w.words);
}

static void say_of_surroundings(const Change *change) {
        if (change->kind == CHANGE_KEYRING)
                say_wording(_("Keyring: "), wording_of_keyring(change->snapshot));
        else if (change->kind == CHANGE_NETWORK)
                say_wording(_("Network: "), wording_of_network(change->snapshot->online));
        else if (change->kind == CHANGE_DAEMON_GONE)
                say_part(COLOUR_ATTENTION, "yadisk-tokend has ended; waiting for it to come back");
        else
                say_part(COLOUR_GOOD, "yadisk-tokend is back");
}

ExitStatus watch_line_say(const Change *change) {
        uint64_t now = moment_now();

        say_time(now);
        if (change->account) {
                say_name(change);
                say_of_account(change, now);
        } else
                say_of_surroundings(change);
        say_end();
        return EXIT_STATUS_OK;
}

ExitStatus watch_line_json(const Change *change) {
        _cleanup_(json_freep) Json *j = json_new();

        json_time(j, "time", moment_now());
        json_string(j, "event", change_kind_name(change->kind));
        if (change->account)
                account_to_json(change->account, j, "account");
        if (change->kind == CHANGE_KEYRING)
                json_string(j, "keyring", change->snapshot->keyring);
        if (change->kind == CHANGE_NETWORK)
                json_bool(j, "online", change->snapshot->online);
        return json_write(j);
}
