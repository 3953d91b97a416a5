/* SPDX-License-Identifier: MIT */

/* yadiskctl logout: signs out of an account, and says whether Yandex has revoked the access. */

#include "common/i18n.h"
#include "common/shell.h"
#include "feed/feed.h"
#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/dict.h"
#include "yadiskctl/daemon/snapshot.h"
#include "yadiskctl/terminal/terminal.h"
#include "yadiskctl/terminal/text.h"

const Option logout_options[] = {
        { "keep-grant", NULL, N_("Forget the tokens here, but do not end the access at Yandex") },
        {},
};

typedef struct Outcome {
        bool revoked;
        const char *reason; /* lives as long as the reply */
} Outcome;

static const DictField outcome_fields[] = {
        { "revoked", "b", offsetof(Outcome, revoked) },
        { "reason", "s", offsetof(Outcome, reason) },
        {},
};

static ExitStatus logout_sign_out(sd_bus *bus, const char *path, bool revoke,
                                  sd_bus_message **ret_reply, Outcome *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        ExitStatus s;
        int r;

        s = bus_new_call(bus, path, &call, "SignOut", "a{sv}", 1, "revoke", "b", (int) revoke);
        if (s == EXIT_STATUS_OK)
                s = bus_send(bus, call, ret_reply);
        if (s != EXIT_STATUS_OK)
                return s;

        r = dict_read(*ret_reply, outcome_fields, ret);
        return r < 0 ? bus_explain_answer(r) : EXIT_STATUS_OK;
}

static ExitStatus logout_print_json(const Account *a, const Outcome *o) {
        _cleanup_(json_freep) Json *j = json_new();

        json_string(j, "account", a->id);
        json_string(j, "label", a->label);
        json_bool(j, "revoked", o->revoked);
        json_string(j, "reason", str_is_empty(o->reason) ? NULL : o->reason);
        return json_write(j);
}

/* The daemon's reason is a clause that usually ends with where to go. */
static void logout_print_not_revoked(const char *name, const char *reason) {
        if (str_is_empty(reason))
                reason = N_("the reason is not known.");

        say("\"%s\" is signed out here, but its access at Yandex was not revoked: %s%s", name,
            _(reason),
            strstr(reason, YANDEX_DATA_ACCESS_URL)
                    ? ""
                    : _(" To end it by hand, visit https://id.yandex.ru/personal/data-access."));
}

static void logout_print_outcome(const Account *a, bool revoke, const Outcome *o) {
        const char *name = account_name(a);

        if (o->revoked)
                say("\"%s\" is signed out, and its access is revoked at Yandex.", name);
        else if (revoke)
                logout_print_not_revoked(name, o->reason);
        else
                say("\"%s\" is signed out here; its access at Yandex is kept. To end that too, "
                    "visit https://id.yandex.ru/personal/data-access.",
                    name);
}

/* The next sign-in makes another account, even for the same user, so feeds of this one are of no
 * use. */
static void logout_print_feeds(const Account *a) {
        size_t n, n_orphans = 0;
        Feed **feeds;

        if (feeds_read(&feeds, &n) < 0)
                return;
        for (size_t i = 0; i < n; i++)
                n_orphans += !feeds[i]->temporary && streq(feeds[i]->account, a->id);
        feeds_free(feeds, n);
        if (n_orphans > 0)
                say("What was fed from it gets no more tokens: \"yadiskctl feed list\" shows it, "
                    "and after the next sign-in \"yadiskctl feed add\" feeds it again.");
}

static void logout_show_account(size_t number, const Account *a) {
        const char *name = account_name(a);
        bool show_login = *a->login && !streq(a->login, name);

        say_part(COLOUR_PLAIN, "    %zu  ", number);
        say_margin();
        say_part(COLOUR_STRONG, "%s", name);
        if (show_login)
                say_part(COLOUR_PLAIN, " (%s)", a->login);
        if (a->is_default)
                say_part(COLOUR_PLAIN, " (default)");
        say_end();
}

/* Signing out cannot be undone, so Enter alone does nothing. */
static ExitStatus logout_ask_which(const Snapshot *s, bool revoke, const Account **ret) {
        size_t number;
        int r;

        if (revoke)
                say("Signing out forgets the tokens here and ends the access at Yandex.");
        else
                say("Signing out forgets the tokens here; the access at Yandex is kept.");
        say_gap();
        for (size_t i = 0; i < s->n_accounts; i++)
                logout_show_account(i + 1, &s->accounts[i]);
        say_gap();
        (void) output_flush();

        r = terminal_ask_number(_("Number of the account to sign out (Enter: none):"),
                                s->n_accounts, false, &number);
        if (r < 0 && r != -ECANCELED)
                return fail_errno(r, "ask at the terminal");
        if (r < 0 || number == 0)
                return fail(EXIT_STATUS_FAILURE, "No account was signed out.");

        *ret = &s->accounts[number - 1];
        return EXIT_STATUS_OK;
}

/* A script that means the default account today may sign out another one tomorrow. */
static ExitStatus logout_explain_choice(const Snapshot *s) {
        _cleanup_free_ char *name = NULL;

        if (shell_quote_word(account_name(&s->accounts[0]), &name) < 0)
                return fail_errno(-ENOMEM, "list the accounts");
        return fail_usage("There are several accounts; name the one to sign out, as in \"yadiskctl "
                          "logout %s\". \"yadiskctl list\" shows them.",
                          name);
}

/* The daemon may prompt a person to unlock the keyring before it names the default account. Then
 * several accounts may appear. */
static ExitStatus logout_choose_account(const Command *c, sd_bus *bus, Snapshot *s,
                                        const Account **ret) {
        const char *name = command_argument(c, 0);
        bool can_ask = !c->json && terminal_can_ask();
        ExitStatus status;

        if (name)
                return snapshot_read_account(bus, name, s, ret);
        if (!can_ask) {
                _cleanup_(snapshot_done) Snapshot now = {};

                status = snapshot_read(bus, &now);
                if (status != EXIT_STATUS_OK || now.n_accounts > 1)
                        return status == EXIT_STATUS_OK ? logout_explain_choice(&now) : status;
        }

        status = snapshot_read_account(bus, NULL, s, ret);
        if (status != EXIT_STATUS_OK || s->n_accounts == 1)
                return status;
        return can_ask ? logout_ask_which(s, !command_option(c, "keep-grant"), ret)
                       : logout_explain_choice(s);
}

ExitStatus verb_logout(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        bool revoke = !command_option(c, "keep-grant");
        const Account *account;
        Outcome outcome = {};
        ExitStatus s;

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = logout_choose_account(c, bus, &snapshot, &account);
        if (s == EXIT_STATUS_OK)
                s = logout_sign_out(bus, account->path, revoke, &reply, &outcome);
        if (s != EXIT_STATUS_OK)
                return s;
        if (c->json)
                return logout_print_json(account, &outcome);

        logout_print_outcome(account, revoke, &outcome);
        logout_print_feeds(account);
        return EXIT_STATUS_OK;
}
