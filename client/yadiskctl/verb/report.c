/* SPDX-License-Identifier: MIT */

#include "yadiskctl/verb/report.h"

#include "common/i18n.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/terminal/text.h"

/* For each of the two calls. */
#define NAMES_TIMEOUT_USEC (UINT64_C(500) * 1000)

/* Our name for the state of an account whose item in the keyring cannot be read. */
#define UNREADABLE "unreadable"

typedef struct WordingRow {
        const char *name, *words, *short_words;
        Colour colour;
} WordingRow;

static const WordingRow state_wordings[] = {
        { "active", N_("active"), N_("active"), COLOUR_GOOD },
        { "expired", N_("expired; yadisk-tokend keeps trying to renew it"), N_("expired"),
          COLOUR_TROUBLE },
        { "sign-in-needed", N_("sign-in needed"), N_("sign-in needed"), COLOUR_TROUBLE },
        { "app-refused", N_("application refused; the tokens are kept"), N_("application refused"),
          COLOUR_TROUBLE },
        { "locked", N_("locked"), N_("locked"), COLOUR_ATTENTION },
        { UNREADABLE, N_("cannot be read from the keyring"), N_("unreadable"), COLOUR_TROUBLE },
        {},
};

Wording wording_of_state(const Account *a, bool in_short) {
        const char *name = account_is_unreadable(a) ? UNREADABLE : a->state;

        for (const WordingRow *row = state_wordings; row->name; row++)
                if (streq(row->name, name))
                        return (Wording){ _(in_short ? row->short_words : row->words),
                                          row->colour };
        return (Wording){ name, COLOUR_PLAIN };
}

Wording wording_of_keyring(const Snapshot *s) {
        switch (snapshot_keyring_condition(s)) {
        case 0:
                if (snapshot_has_locked(s))
                        return (Wording){ _("unlocked, but another one is locked; \"yadiskctl "
                                            "doctor\" tells how to unlock it"),
                                          COLOUR_ATTENTION };
                return (Wording){ _("unlocked"), COLOUR_GOOD };
        case CONDITION_KEYRING_LOCKED:
                return (Wording){ _("locked; \"yadiskctl doctor\" tells how to unlock it"),
                                  COLOUR_ATTENTION };
        case CONDITION_KEYRING_ITEMS_LOCKED:
                return (Wording){ _("open, but closed to yadisk-tokend; \"yadiskctl doctor\" tells "
                                    "how to let it in"),
                                  COLOUR_ATTENTION };
        case CONDITION_KEYRING_MISSING:
                return (Wording){
                        _("there is none yet; \"yadiskctl doctor\" tells how to make one"),
                        COLOUR_TROUBLE
                };
        case CONDITION_KEYRING_UNAVAILABLE:
                return (Wording){ _("absent; \"yadiskctl doctor\" tells how to get one"),
                                  COLOUR_TROUBLE };
        default:
                return (Wording){ _("cannot be used; \"yadiskctl doctor\" tells more"),
                                  COLOUR_TROUBLE };
        }
}

Wording wording_of_network(bool online) {
        return online ? (Wording){ _("online"), COLOUR_GOOD }
                      : (Wording){ _("offline; Yandex could not be reached when last tried"),
                                   COLOUR_ATTENTION };
}

typedef enum ReportRow {
        ROW_LOGIN,
        ROW_VALID_UNTIL,
        ROW_NEXT_RENEWAL,
        ROW_SAVED,
        ROW_LAST_ERROR,
} ReportRow;

static const char *const row_labels[] = {
        [ROW_LOGIN] = N_("Login:"),
        [ROW_VALID_UNTIL] = N_("Valid until:"),
        [ROW_NEXT_RENEWAL] = N_("Next renewal:"),
        [ROW_SAVED] = N_("Saved:"),
        [ROW_LAST_ERROR] = N_("Trouble:"),
};

static void report_headline(const Account *a) {
        Wording state = wording_of_state(a, false);

        say_part(COLOUR_STRONG, "%s", account_name(a));
        if (a->is_default)
                say_part(COLOUR_PLAIN, " (default)");
        say_part(COLOUR_PLAIN, ": ");
        say_part(state.colour, "%s", state.words);
        if (a->refreshing)
                say_part(COLOUR_PLAIN, "; being renewed now");
        say_end();
}

/* The column behind the longest label in the user's language. */
static size_t report_value_column(void) {
        size_t longest = 0;

        for (size_t i = 0; i < ELEMENTSOF(row_labels); i++)
                longest = MAX_OF(longest, text_columns(_(row_labels[i])));
        return longest + 1;
}

static void report_row(ReportRow row, Colour colour, const char *text) {
        const char *label = _(row_labels[row]);

        say_part(COLOUR_PLAIN, "    %-*s", text_padding(label, report_value_column()), label);
        say_margin();
        say_part(colour, "%s", text);
        say_end();
}

/* If Yandex no longer accepts a token, its expiry is of no interest. */
static void report_times(const Account *a, uint64_t now) {
        char text[TIME_MAX_BYTES];

        if (a->expires_at != 0 && !streq(a->state, "sign-in-needed"))
                report_row(ROW_VALID_UNTIL, COLOUR_PLAIN, time_print(a->expires_at, now, text));
        if (a->next_refresh_at != 0)
                report_row(ROW_NEXT_RENEWAL, COLOUR_PLAIN,
                           time_print(a->next_refresh_at, now, text));
}

/* Nothing is known about a locked account. */
static void report_saved(const Account *a) {
        if (account_is_unsaved(a))
                report_row(ROW_SAVED, COLOUR_ATTENTION,
                           _("not yet; the newest token is only in memory, so do not log out"));
        else if (account_is_being_saved(a))
                report_row(ROW_SAVED, COLOUR_PLAIN, _("being written to the keyring"));
        else if (a->generation > 0)
                report_row(ROW_SAVED, COLOUR_PLAIN, _("yes"));
}

/* What the state of an account requires of the user. Its LastError may tell something else, which
 * is less grave. */
static Condition report_need(const Account *a) {
        if (streq(a->state, "sign-in-needed"))
                return CONDITION_SIGN_IN_NEEDED;
        if (streq(a->state, "app-refused"))
                return CONDITION_APP_REFUSED;
        return _CONDITION_INVALID;
}

static void report_errors(const Account *a) {
        Colour state = wording_of_state(a, false).colour;
        Colour colour = state == COLOUR_GOOD ? COLOUR_ATTENTION : state;
        Condition need = report_need(a);

        if (condition_is_valid(need) && !streq(a->error_name, condition_bus_name(need)))
                report_row(ROW_LAST_ERROR, colour, _(condition_sentence(need)));
        if (*a->error_name)
                report_row(ROW_LAST_ERROR, colour,
                           *a->error_message ? i18n_reason(a->error_message) : a->error_name);
}

void report_account(const Account *a, uint64_t now) {
        report_headline(a);
        if (*a->login && !streq(a->login, account_name(a)))
                report_row(ROW_LOGIN, COLOUR_PLAIN, a->login);
        report_times(a, now);
        report_saved(a);
        report_errors(a);
        say_gap();
}

void wording_say(const char *label, Wording w) {
        say_part(COLOUR_PLAIN, "%s", label);
        say_part(w.colour, "%s", w.words);
        say_end();
}

void report_surroundings(const Snapshot *s) {
        bool unlocked = streq(s->keyring, "unlocked") && !snapshot_has_locked(s);

        if (unlocked && s->online) {
                say_part(COLOUR_FAINT, "The keyring is unlocked, and Yandex can be reached.");
                say_end();
                return;
        }

        if (!unlocked)
                wording_say(_("Keyring: "), wording_of_keyring(s));
        if (!s->online)
                wording_say(_("Network: "), wording_of_network(s->online));
}

ExitStatus report_json(const Snapshot *s, const Account *only) {
        _cleanup_(json_freep) Json *j = json_new();

        json_string(j, "keyring", s->keyring);
        json_bool(j, "online", s->online);
        json_begin(j, "accounts", "[");
        for (const Account *a = s->accounts; a < s->accounts + s->n_accounts; a++)
                if (!only || a == only)
                        account_to_json(a, j, NULL);
        json_end(j, "]");
        return json_write(j);
}

void report_sign_in(const Account *a) {
        if (*a->login)
                say("Signed in as %s; the account is called \"%s\".", a->login, account_name(a));
        else
                say("Signed in; the account is called \"%s\".", account_name(a));
}

void report_expiry(const Account *a) {
        char text[TIME_MAX_BYTES];

        if (a->expires_at != 0)
                say("Valid until: %s; renewed automatically before that.",
                    time_print(a->expires_at, time_now(), text));
}

int report_connect(sd_bus **ret) {
        int r;

        r = bus_connect(ret);
        return r < 0 ? r : sd_bus_set_method_call_timeout(*ret, NAMES_TIMEOUT_USEC);
}

static void report_ask(Snapshot *ret) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;

        if (report_connect(&bus) >= 0)
                (void) snapshot_ask(bus, false, ret, &error);
}

void report_names(const char *prefix) {
        _cleanup_(snapshot_done) Snapshot s = {};

        report_ask(&s);
        for (size_t i = 0; i < s.n_accounts; i++)
                say("%s%s", prefix, account_name(&s.accounts[i]));
}

void report_allowed(const char *prefix) {
        _cleanup_(snapshot_done) Snapshot s = {};

        report_ask(&s);
        for (size_t i = 0; i < s.n_accounts; i++)
                for (char **app = s.accounts[i].allowed; app && *app; app++)
                        say("%s%s", prefix, *app);
}

Condition report_no_account(const Snapshot *s) {
        return snapshot_keyring_condition(s) ?: CONDITION_NOT_SIGNED_IN;
}
