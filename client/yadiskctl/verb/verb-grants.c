/* SPDX-License-Identifier: MIT */

/* yadiskctl grants, allow and deny: which sandboxed apps may have the tokens of which accounts. */

#include "common/i18n.h"
#include "common/strv.h"
#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/keyring.h"
#include "yadiskctl/terminal/table.h"
#include "yadiskctl/verb/report.h"

static const char *const heads[] = { N_("App"), N_("Label"), N_("Login"), N_("Id") };

#define N_COLUMNS ELEMENTSOF(heads)

static size_t grants_count(const Snapshot *s) {
        size_t n = 0;

        for (size_t i = 0; i < s->n_accounts; i++)
                n += strv_length(s->accounts[i].allowed);
        return n;
}

/* For programs, which count fields, the id comes second, since there is always one. */
static void grants_fill_row(const char *app, const Account *a, bool for_people, TableRow *row) {
        const char *label = table_text(a->label), *login = table_text(a->login);
        const char *const texts[N_COLUMNS] = { app, for_people ? label : a->id,
                                               for_people ? login : label,
                                               for_people ? a->id : login };

        for (size_t column = 0; column < N_COLUMNS; column++)
                row->cells[column] = (TableCell){ texts[column], COLOUR_PLAIN };
}

static ExitStatus grants_print_table(const Snapshot *s, bool for_people) {
        size_t n = grants_count(s);
        _cleanup_free_ TableRow *rows = calloc(n + 1, sizeof(TableRow));
        Table t = { heads, N_COLUMNS, for_people, rows, n };
        TableRow *row = rows;

        if (!rows)
                return fail_errno(-ENOMEM, "list the accounts");
        if (n == 0)
                remark("No sandboxed app may have tokens; \"yadiskctl allow APP\" allows it to "
                       "one.");

        for (size_t i = 0; i < s->n_accounts; i++)
                for (char **app = s->accounts[i].allowed; app && *app; app++)
                        grants_fill_row(*app, &s->accounts[i], for_people, row++);
        table_print(&t);
        return EXIT_STATUS_OK;
}

/* Writes the app, and the account whose tokens it may have. */
static void grants_write(Json *j, const char *app, const Account *a) {
        json_string(j, "app", app);
        json_string(j, "account", a->id);
        json_string(j, "label", a->label);
}

static ExitStatus grants_print_json(const Snapshot *s) {
        _cleanup_(json_freep) Json *j = json_new();

        json_begin(j, "grants", "[");
        for (size_t i = 0; i < s->n_accounts; i++)
                for (char **app = s->accounts[i].allowed; app && *app; app++) {
                        json_begin(j, NULL, "{");
                        grants_write(j, *app, &s->accounts[i]);
                        json_end(j, "}");
                }
        json_end(j, "]");
        return json_write(j);
}

/* What an account in a keyring that is not open allows is not known. */
static ExitStatus grants_read(sd_bus *bus, Snapshot *ret) {
        ExitStatus s = keyring_open(bus);

        return s == EXIT_STATUS_OK ? snapshot_read(bus, ret) : s;
}

ExitStatus verb_grants(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        ExitStatus s;

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = grants_read(bus, &snapshot);
        if (s != EXIT_STATUS_OK)
                return s;
        return c->json ? grants_print_json(&snapshot)
                       : grants_print_table(&snapshot, isatty(STDOUT_FILENO));
}

/* member is Allow or Deny. */
static ExitStatus grants_change(sd_bus *bus, const Account *a, const char *member, const char *app,
                                Saving *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        ExitStatus s;

        s = bus_new_call(bus, a->path, &call, member, "s", app);
        return s == EXIT_STATUS_OK ? saving_send(bus, call, a, NULL, ret) : s;
}

static ExitStatus allow_print(const Command *c, const char *app, const Account *a, bool saved) {
        if (c->json) {
                _cleanup_(json_freep) Json *j = json_new();

                grants_write(j, app, a);
                json_bool(j, "saved", saved);
                return json_write(j);
        }

        say("\"%s\" may have the tokens of \"%s\".", app, account_name(a));
        return EXIT_STATUS_OK;
}

/* The names of all sandboxes have a dot, except that of the proxy outside of one. */
static bool allow_can_be_app(const char *app) {
        return strchr(app, '.') || streq(app, "xdg-dbus-proxy");
}

ExitStatus verb_allow(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        _cleanup_(saving_done) Saving saving = {};
        const char *app = command_argument(c, 0);
        const Account *account;
        ExitStatus s;

        if (!allow_can_be_app(app))
                return fail_usage("That is not the name of an app; give it as \"yadiskctl status "
                                  "--callers\" shows it.");

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = snapshot_read_account(bus, command_argument(c, 1), &snapshot, &account);
        if (s == EXIT_STATUS_OK)
                s = grants_change(bus, account, "Allow", app, &saving);
        if (s == EXIT_STATUS_OK)
                s = allow_print(c, app, account, saving.saved);
        return s == EXIT_STATUS_OK ? saving_conclude(&saving) : s;
}

/* What denying has come to. */
typedef struct Denial {
        const char *app;
        Json *json;    /* for programs; or NULL */
        bool any;      /* an account allowed the app */
        Saving saving; /* of the first that could not be saved, or else of the last */
} Denial;

static void denial_print(const Denial *d, const Account *a, bool saved) {
        if (!d->json) {
                say("\"%s\" may no longer have the tokens of \"%s\".", d->app, account_name(a));
                return;
        }

        json_begin(d->json, NULL, "{");
        grants_write(d->json, d->app, a);
        json_bool(d->json, "saved", saved);
        json_end(d->json, "}");
}

static ExitStatus denial_deny(Denial *d, sd_bus *bus, const Account *a) {
        _cleanup_(saving_done) Saving saving = {};
        ExitStatus s;

        if (!strv_contains(a->allowed, d->app))
                return EXIT_STATUS_OK;

        s = grants_change(bus, a, "Deny", d->app, &saving);
        if (s != EXIT_STATUS_OK)
                return s;

        denial_print(d, a, saving.saved);
        if (!d->any || d->saving.saved) {
                saving_done(&d->saving);
                d->saving = saving;
                saving = (Saving){};
        }
        d->any = true;
        return EXIT_STATUS_OK;
}

/* A typing mistake must not pass for a denial. */
static ExitStatus denial_conclude(const Denial *d, const Account *only) {
        if (d->any && !d->json)
                say("A token that it has already stays good until it ends; \"yadiskctl logout\" "
                    "ends it at once.");
        if (d->any)
                return saving_conclude(&d->saving);
        if (only)
                return fail_usage("\"%s\" is not allowed to have the tokens of \"%s\"; \"yadiskctl "
                                  "grants\" shows which apps are.",
                                  d->app, account_name(only));
        return fail_usage(
                "\"%s\" is not allowed to have any tokens; \"yadiskctl grants\" shows which "
                "apps are.",
                d->app);
}

static ExitStatus deny_all(Denial *d, sd_bus *bus, const Snapshot *snapshot, const Account *only) {
        ExitStatus s = EXIT_STATUS_OK;

        json_begin(d->json, "denied", "[");
        for (size_t i = 0; s == EXIT_STATUS_OK && i < snapshot->n_accounts; i++)
                if (!only || only == &snapshot->accounts[i])
                        s = denial_deny(d, bus, &snapshot->accounts[i]);
        json_end(d->json, "]");
        if (s == EXIT_STATUS_OK && d->json && d->any)
                s = json_write(d->json);
        return s == EXIT_STATUS_OK ? denial_conclude(d, only) : s;
}

ExitStatus verb_deny(const Command *c) {
        _cleanup_(json_freep) Json *j = c->json ? json_new() : NULL;
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        Denial denial = { .app = command_argument(c, 0), .json = j };
        const char *name = command_argument(c, 1);
        const Account *only = NULL;
        ExitStatus s;

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = name ? snapshot_read_account(bus, name, &snapshot, &only)
                         : grants_read(bus, &snapshot);
        if (s == EXIT_STATUS_OK)
                s = deny_all(&denial, bus, &snapshot, only);
        saving_done(&denial.saving);
        return s;
}
