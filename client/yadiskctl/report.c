/* SPDX-License-Identifier: MIT */

#include "yadiskctl/report.h"

#include "common/i18n.h"
#include "yadiskctl/duration.h"
#include "yadiskctl/wording.h"

static void report_headline(const Account *a) {
        Wording state = wording_of_state(a->state);

        say_part(COLOUR_STRONG, "%s", account_name(a));
        if (a->is_default)
                say_part(COLOUR_PLAIN, " (default)");
        say_part(COLOUR_PLAIN, ": ");
        say_part(state.colour, "%s", state.words);
        if (a->refreshing)
                say_part(COLOUR_PLAIN, "; being renewed now");
        say_end();
}

/* When a token that Yandex no longer accepts would have ended is of no use to anybody. */
static void report_times(const Account *a, uint64_t now) {
        char moment[MOMENT_MAX_BYTES];

        if (a->expires_at != 0 && !streq(a->state, "sign-in-needed"))
                say("    Valid until:  %s", moment_print(a->expires_at, now, moment));
        if (a->next_refresh_at != 0)
                say("    Next renewal: %s", moment_print(a->next_refresh_at, now, moment));
}

/* Nothing is known of a locked one. */
static void report_saved(const Account *a) {
        if (a->saved) {
                if (a->generation > 0)
                        say("    Saved:        yes");
                return;
        }

        say_part(COLOUR_PLAIN, "    Saved:        ");
        say_part(COLOUR_ATTENTION,
                 "not yet; the newest token is in memory until the keyring takes it");
        say_end();
}

/* What a state asks for, whatever the last trouble was: that may be another, and less grave. */
static Condition need_of(const Account *a) {
        if (streq(a->state, "sign-in-needed"))
                return CONDITION_SIGN_IN_NEEDED;
        if (streq(a->state, "app-refused"))
                return CONDITION_APP_REFUSED;
        return _CONDITION_INVALID;
}

static void report_trouble(const Account *a, const char *sentence) {
        say_part(COLOUR_PLAIN, "    Trouble:      ");
        say_part(streq(a->state, "active") ? COLOUR_ATTENTION : COLOUR_TROUBLE, "%s", sentence);
        say_end();
}

static void report_troubles(const Account *a) {
        Condition need = need_of(a);

        if (condition_is_valid(need) && !streq(a->error_name, condition_bus_name(need)))
                report_trouble(a, _(condition_sentence(need)));
        if (*a->error_name)
                report_trouble(a, *a->error_message ? _(a->error_message) : a->error_name);
}

void report_account(const Account *a, uint64_t now) {
        report_headline(a);
        if (*a->login && !streq(a->login, account_name(a)))
                say("    Login:        %s", a->login);
        report_times(a, now);
        report_saved(a);
        report_troubles(a);
        say_gap();
}

static void report_one(const char *label, Wording w) {
        say_part(COLOUR_PLAIN, "%s", label);
        say_part(w.colour, "%s", w.words);
        say_end();
}

void report_surroundings(const Snapshot *s) {
        bool unlocked = streq(s->keyring, "unlocked");

        if (unlocked && s->online) {
                say_part(COLOUR_FAINT, "The keyring is unlocked, and Yandex can be reached.");
                say_end();
                return;
        }

        if (!unlocked)
                report_one(_("Keyring: "), wording_of_keyring(s->keyring));
        if (!s->online)
                report_one(_("Network: "), wording_of_network(s->online));
}

ExitStatus report_json(const Snapshot *s, const Account *only) {
        _cleanup_(json_freep) Json *j = json_new();

        json_string(j, "keyring", s->keyring);
        json_bool(j, "online", s->online);
        json_array_begin(j, "accounts");
        for (const Account *a = s->accounts; a < s->accounts + s->n_accounts; a++)
                if (!only || a == only)
                        account_to_json(a, j, NULL);
        json_array_end(j);
        return json_write(j);
}

/* An absent keyring tells nothing, and a locked one may hide its items. */
Condition report_nobody(const Snapshot *s) {
        if (streq(s->keyring, "absent"))
                return CONDITION_KEYRING_UNAVAILABLE;
        return streq(s->keyring, "locked") ? CONDITION_KEYRING_LOCKED : CONDITION_NOT_SIGNED_IN;
}
