/* SPDX-License-Identifier: MIT */

#include "yadiskctl/verb/report.h"

#include "common/i18n.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/terminal/text.h"
#include "yadiskctl/verb/wording.h"

typedef enum RowKind {
        ROW_LOGIN,
        ROW_VALID_UNTIL,
        ROW_NEXT_RENEWAL,
        ROW_SAVED,
        ROW_TROUBLE,
} RowKind;

static const char *const labels[] = {
        [ROW_LOGIN] = N_("Login:"),
        [ROW_VALID_UNTIL] = N_("Valid until:"),
        [ROW_NEXT_RENEWAL] = N_("Next renewal:"),
        [ROW_SAVED] = N_("Saved:"),
        [ROW_TROUBLE] = N_("Trouble:"),
};

static void report_headline(const Account *a) {
        Wording state = wording_of_state(a);

        say_part(COLOUR_STRONG, "%s", account_name(a));
        if (a->is_default)
                say_part(COLOUR_PLAIN, " (default)");
        say_part(COLOUR_PLAIN, ": ");
        say_part(state.colour, "%s", state.words);
        if (a->refreshing)
                say_part(COLOUR_PLAIN, "; being renewed now");
        say_end();
}

/* Behind the longest label in the user's language. */
static size_t find_value_column(void) {
        size_t longest = 0;

        for (size_t i = 0; i < ELEMENTSOF(labels); i++)
                longest = MAX_OF(longest, text_columns(_(labels[i])));
        return longest + 1;
}

static void report_row(RowKind kind, Colour colour, const char *text) {
        const char *label = _(labels[kind]);

        say_part(COLOUR_PLAIN, "    %-*s", text_padding(label, find_value_column()), label);
        say_margin();
        say_part(colour, "%s", text);
        say_end();
}

/* When a token that Yandex no longer accepts would have ended is of no use to anybody. */
static void report_times(const Account *a, uint64_t now) {
        char moment[MOMENT_MAX_BYTES];

        if (a->expires_at != 0 && !streq(a->state, "sign-in-needed"))
                report_row(ROW_VALID_UNTIL, COLOUR_PLAIN, moment_print(a->expires_at, now, moment));
        if (a->next_refresh_at != 0)
                report_row(ROW_NEXT_RENEWAL, COLOUR_PLAIN,
                           moment_print(a->next_refresh_at, now, moment));
}

/* Nothing is known of a locked one. */
static void report_saved(const Account *a) {
        if (account_is_unsaved(a))
                report_row(ROW_SAVED, COLOUR_ATTENTION,
                           _("not yet; the newest token is only in memory, so do not log out"));
        else if (account_is_being_saved(a))
                report_row(ROW_SAVED, COLOUR_PLAIN, _("being written to the keyring"));
        else if (a->generation > 0)
                report_row(ROW_SAVED, COLOUR_PLAIN, _("yes"));
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
        Colour state = wording_of_state(a).colour;

        report_row(ROW_TROUBLE, state == COLOUR_GOOD ? COLOUR_ATTENTION : state, sentence);
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
                report_row(ROW_LOGIN, COLOUR_PLAIN, a->login);
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
                report_one(_("Keyring: "), wording_of_keyring(s));
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

/* A keyring that is not open may hide its accounts. */
Condition report_nobody(const Snapshot *s) {
        return snapshot_keyring_condition(s) ?: CONDITION_NOT_SIGNED_IN;
}
