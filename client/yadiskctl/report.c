/* SPDX-License-Identifier: MIT */

#include "yadiskctl/report.h"

#include "common/i18n.h"
#include "yadiskctl/duration.h"

typedef struct Wording {
        const char *name, *words;
} Wording;

static const Wording states[] = {
        { "active", N_("active") },
        { "expired", N_("expired; its renewal is still being tried") },
        { "sign-in-needed", N_("sign-in needed; run \"yadiskctl login\" to sign in again") },
        { "app-refused", N_("Yandex refuses the application; the tokens are kept") },
        { "locked", N_("locked together with the keyring") },
        {},
};

static const Wording keyrings[] = {
        { "unlocked", N_("unlocked") },
        { "locked", N_("locked; unlock it to have new tokens kept") },
        { "absent", N_("absent; install and start one, for example gnome-keyring") },
        {},
};

/* A later daemon may know more names: they stand for themselves. */
static const char *in_words(const Wording *table, const char *name) {
        for (; table->name; table++)
                if (streq(table->name, name))
                        return _(table->words);
        return name;
}

static void report_times(const Account *a, uint64_t now) {
        char moment[MOMENT_MAX_BYTES];

        if (a->expires_at != 0)
                say("    Valid until:  %s", moment_print(a->expires_at, now, moment));
        if (a->next_refresh_at != 0)
                say("    Next renewal: %s", moment_print(a->next_refresh_at, now, moment));
        if (a->last_refresh_at != 0)
                say("    Last renewal: %s", moment_print(a->last_refresh_at, now, moment));
}

void report_account(const Account *a, uint64_t now) {
        say("%s%s", account_name(a), a->is_default ? _(" (default)") : "");
        if (*a->login)
                say("    Login:        %s", a->login);
        say("    State:        %s%s", in_words(states, a->state),
            a->refreshing ? _("; being renewed now") : "");
        report_times(a, now);
        say("    Saved:        %s",
            a->saved ? _("yes")
                     : _("not yet; the newest token is in memory until the keyring takes it"));
        if (*a->error_name)
                say("    Last trouble: %s",
                    *a->error_message ? _(a->error_message) : a->error_name);
        say_gap();
}

void report_surroundings(const Snapshot *s) {
        say("Keyring: %s", in_words(keyrings, s->keyring));
        say("Network: %s", s->online ? _("online") : _("offline"));
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
