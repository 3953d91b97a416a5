/* SPDX-License-Identifier: MIT */

/* yadiskctl apps: lists the applications that are kept, adds one, or removes one. At a terminal the
 * list is a table. */

#include "common/i18n.h"
#include "common/strv.h"
#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/daemon.h"
#include "yadiskctl/daemon/keyring.h"
#include "yadiskctl/daemon/snapshot.h"
#include "yadiskctl/setup/credential.h"
#include "yadiskctl/setup/owner.h"
#include "yadiskctl/setup/registration.h"
#include "yadiskctl/terminal/table.h"
#include "yadiskctl/terminal/terminal.h"

const Option apps_options[] = {
        { "client-secret-file", "FILE",
          N_("With add: read the client secret from FILE; - is standard input") },
        { "no-check", NULL, N_("With add: do not ask Yandex about it first") },
        { "replace", NULL, N_("With add: replace the client secret that an account uses") },
        {},
};

typedef struct Applications {
        char **ids;  /* sorted: those that are kept, and those that accounts use */
        char **kept; /* those in the keyring, with their secrets */
        Snapshot snapshot;
} Applications;

static void applications_done(Applications *all) {
        snapshot_done(&all->snapshot);
        strv_free(all->kept);
        strv_free(all->ids);
}

static int apps_compare_ids(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

static int apps_collect_ids(Applications *all) {
        const Snapshot *s = &all->snapshot;
        int r;

        r = strv_copy(all->kept, &all->ids);
        for (size_t i = 0; r >= 0 && i < s->n_accounts; i++)
                if (*s->accounts[i].client_id && !strv_contains(all->ids, s->accounts[i].client_id))
                        r = strv_extend(&all->ids, s->accounts[i].client_id);
        if (r >= 0 && all->ids)
                qsort(all->ids, strv_length(all->ids), sizeof(char *), apps_compare_ids);
        return r;
}

static ExitStatus apps_read(sd_bus *bus, Applications *ret) {
        ExitStatus s;

        s = application_list(bus, &ret->kept);
        if (s == EXIT_STATUS_OK)
                s = snapshot_read(bus, &ret->snapshot);
        if (s != EXIT_STATUS_OK)
                return s;
        return apps_collect_ids(ret) < 0 ? fail_errno(-ENOMEM, "list the applications")
                                         : EXIT_STATUS_OK;
}

/* What people look for comes first, and the id last. */
static const char *const heads[] = { N_("Accounts"), N_("Secret kept"), N_("ClientID") };

#define N_COLUMNS ELEMENTSOF(heads)

static void apps_fill_row(const char *id, bool is_kept, const char *users, bool for_people,
                          TableRow *row) {
        if (for_people)
                *row = (TableRow){ {
                        { table_text(users), COLOUR_PLAIN },
                        { is_kept ? _("yes") : _("no"), COLOUR_PLAIN },
                        { id, COLOUR_PLAIN },
                } };
        else
                *row = (TableRow){ {
                        { id, COLOUR_PLAIN },
                        { is_kept ? _("secret kept") : _("no secret"), COLOUR_PLAIN },
                        { *users ? users : "-", COLOUR_PLAIN },
                } };
}

/* For each application the accounts that use it, in one text. */
static int apps_quote_users(const Applications *all, char ***ret) {
        int r = 0;

        for (char *const *id = all->ids; r >= 0 && id && *id; id++) {
                _cleanup_(strv_freep) char **users = NULL;
                _cleanup_free_ char *quoted = NULL;

                r = application_find_users(&all->snapshot, *id, &users);
                if (r >= 0)
                        r = application_quote_users(users, &quoted);
                if (r >= 0)
                        r = strv_extend(ret, quoted);
        }
        return r;
}

static ExitStatus apps_print_all(const Applications *all, bool for_people) {
        size_t n = strv_length(all->ids);
        _cleanup_free_ TableRow *rows = calloc(n + 1, sizeof(TableRow));
        _cleanup_(strv_freep) char **users = NULL;
        Table t = { heads, N_COLUMNS, for_people, rows, n };

        if (!rows || apps_quote_users(all, &users) < 0)
                return fail_errno(-ENOMEM, "list the applications");

        for (size_t i = 0; i < n; i++)
                apps_fill_row(all->ids[i], strv_contains(all->kept, all->ids[i]), users[i],
                              for_people, &rows[i]);
        if (n == 0)
                remark("No application is kept; run \"yadiskctl setup\" to register one.");
        table_print(&t);
        return EXIT_STATUS_OK;
}

static ExitStatus apps_print_all_json(const Applications *all) {
        _cleanup_(json_freep) Json *j = json_new();

        json_begin(j, "applications", "[");
        for (char *const *id = all->ids; id && *id; id++) {
                _cleanup_(strv_freep) char **users = NULL;

                if (application_find_users(&all->snapshot, *id, &users) < 0)
                        return fail_errno(-ENOMEM, "list the applications");
                json_begin(j, NULL, "{");
                json_string(j, "client_id", *id);
                json_strings(j, "accounts", users);
                json_bool(j, "secret_kept", strv_contains(all->kept, *id));
                json_end(j, "}");
        }
        json_end(j, "]");
        return json_write(j);
}

static ExitStatus apps_list(const Command *c, sd_bus *bus) {
        _cleanup_(applications_done) Applications all = {};
        ExitStatus s;

        s = apps_read(bus, &all);
        if (s != EXIT_STATUS_OK)
                return s;
        return c->json ? apps_print_all_json(&all) : apps_print_all(&all, isatty(STDOUT_FILENO));
}

static ExitStatus apps_take_pair(const Command *c, Registration *reg) {
        const char *file = command_option(c, "client-secret-file");
        Application *a = &reg->application;
        ExitStatus s;

        s = credential_take_client_id(command_argument(c, 1), &a->client_id);
        if (s != EXIT_STATUS_OK)
                return s;
        if (file)
                return credential_read_client_secret(file, a->client_id, &a->client_secret);
        return reg->can_ask ? credential_ask_client_secret(a->client_id, &a->client_secret)
                            : fail_usage("There is no terminal to ask on; give the client secret "
                                         "with --client-secret-file FILE.");
}

/* The user names no permissions, so none can be missing. */
static ExitStatus apps_add(const Command *c, sd_bus *bus) {
        _cleanup_(registration_done) Registration reg = { .can_ask = !c->json && terminal_can_ask(),
                                                          .replace = command_option(c, "replace") };
        ExitStatus s;

        s = keyring_open(bus);
        if (s == EXIT_STATUS_OK)
                s = owner_check(bus, reg.can_ask);
        if (s == EXIT_STATUS_OK)
                s = apps_take_pair(c, &reg);
        if (s == EXIT_STATUS_OK && !command_option(c, "no-check"))
                s = registration_check(&reg, bus);
        if (s == EXIT_STATUS_OK)
                s = registration_keep(&reg, bus);
        if (s != EXIT_STATUS_OK)
                return s;

        if (c->json)
                return registration_print_json(&reg);
        say("Application %s is saved.", reg.application.client_id);
        return EXIT_STATUS_OK;
}

static ExitStatus apps_explain_in_use(char *const *users) {
        _cleanup_free_ char *quoted = NULL;

        if (strv_length(users) == 1)
                return fail_usage("\"%s\" is signed in through this application; sign it out "
                                  "first, with \"yadiskctl logout\".",
                                  users[0]);
        if (application_quote_users(users, &quoted) < 0)
                return fail_errno(-ENOMEM, "list the accounts");
        return fail_usage("These accounts are signed in through this application; run \"yadiskctl "
                          "logout\" for each first: %s",
                          quoted);
}

/* The daemon has refused to remove it. To advise the user we need the names of the accounts. */
static ExitStatus apps_explain_refusal(sd_bus *bus, const char *client_id,
                                       const sd_bus_error *error) {
        _cleanup_(applications_done) Applications all = {};
        _cleanup_(strv_freep) char **users = NULL;
        ExitStatus s;

        if (sd_bus_error_get_errno(error) != CONDITION_INVALID_ARGS)
                return bus_explain(bus, error);

        s = apps_read(bus, &all);
        if (s != EXIT_STATUS_OK)
                return s;
        if (application_find_users(&all.snapshot, client_id, &users) < 0)
                return fail_errno(-ENOMEM, "list the accounts");

        if (strv_length(users) > 0)
                return apps_explain_in_use(users);
        if (!strv_contains(all.kept, client_id))
                return fail_usage("There is no such application; \"yadiskctl apps\" lists those "
                                  "that are kept.");
        return bus_explain(bus, error);
}

static ExitStatus apps_remove(const Command *c, sd_bus *bus) {
        const char *client_id = command_argument(c, 1);
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        _cleanup_(json_freep) Json *j = NULL;
        ExitStatus s;

        s = bus_new_call(bus, NULL, &call, "RemoveApplication", "s", client_id);
        if (s != EXIT_STATUS_OK)
                return s;
        if (daemon_call(bus, call, &error, NULL) < 0)
                return apps_explain_refusal(bus, client_id, &error);

        if (!c->json) {
                say("Application %s is forgotten.", client_id);
                return EXIT_STATUS_OK;
        }
        j = json_new();
        json_string(j, "client_id", client_id);
        return json_write(j);
}

static ExitStatus apps_check_usage(const Command *c, bool is_add) {
        if (!is_add && (command_option(c, "client-secret-file") || command_option(c, "replace") ||
                        command_option(c, "no-check")))
                return fail_usage("This option is for \"yadiskctl apps add\"; see \"yadiskctl apps "
                                  "--help\".");
        if (command_argument(c, 0) && !command_argument(c, 1))
                return fail_usage("The ClientID is missing; see \"yadiskctl apps --help\".");
        return EXIT_STATUS_OK;
}

ExitStatus verb_apps(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        const char *what = command_argument(c, 0);
        bool is_add = streq(what, "add");
        ExitStatus s;

        if (what && !is_add && !streq(what, "remove"))
                return fail_usage("Applications are added or removed, not \"%s\"; see \"yadiskctl "
                                  "apps --help\".",
                                  what);

        s = apps_check_usage(c, is_add);
        if (s == EXIT_STATUS_OK)
                s = bus_open(&bus);
        if (s != EXIT_STATUS_OK)
                return s;
        if (!what)
                return apps_list(c, bus);
        return is_add ? apps_add(c, bus) : apps_remove(c, bus);
}
