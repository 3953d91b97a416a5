/* SPDX-License-Identifier: MIT */

/* yadiskctl list: the accounts, one a line; at a terminal a table. */

#include "common/i18n.h"
#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/keyring.h"
#include "yadiskctl/terminal/table.h"
#include "yadiskctl/verb/report.h"

const Option list_options[] = {
        { "names", NULL, N_("Print only the names of the accounts, for completions") },
        {},
};

/* What people look for comes first. */
static const char *const heads[] = {
        N_("Label"), N_("Login"), N_("State"), N_("Default"), N_("Id"),
};

#define N_COLUMNS ELEMENTSOF(heads)

static void list_fill_row(const Account *a, TableRow *row) {
        Wording state = wording_of_state(a, true);

        *row = (TableRow){ {
                { table_text(a->label), COLOUR_PLAIN },
                { table_text(a->login), COLOUR_PLAIN },
                { table_text(state.words), state.colour },
                { a->is_default ? _("yes") : _("no"), COLOUR_PLAIN },
                { table_text(a->id), COLOUR_PLAIN },
        } };
}

/* Fills a line for programs, which count fields: each has one word, which is not translated. */
static void list_fill_line(const Account *a, TableRow *row) {
        const char *const texts[N_COLUMNS] = { a->id, table_text(a->label), table_text(a->login),
                                               a->state, a->is_default ? "default" : "-" };

        for (size_t column = 0; column < N_COLUMNS; column++)
                row->cells[column] = (TableCell){ texts[column], COLOUR_PLAIN };
}

/* The keyring may be open, so that nothing else tells why an account cannot be read. */
static void list_explain_unreadable(const Snapshot *s) {
        for (const Account *a = s->accounts; a < s->accounts + s->n_accounts; a++)
                if (account_is_unreadable(a))
                        remark("%s: %s", account_name(a), _(a->error_message));
}

static ExitStatus list_print_table(const Snapshot *s, bool for_people) {
        _cleanup_free_ TableRow *rows = calloc(s->n_accounts + 1, sizeof(TableRow));
        Table t = { heads, N_COLUMNS, for_people, rows, s->n_accounts };

        if (!rows)
                return fail_errno(-ENOMEM, "list the accounts");

        for (size_t i = 0; i < s->n_accounts; i++)
                if (for_people)
                        list_fill_row(&s->accounts[i], &rows[i]);
                else
                        list_fill_line(&s->accounts[i], &rows[i]);
        table_print(&t);
        if (for_people)
                list_explain_unreadable(s);
        return EXIT_STATUS_OK;
}

static ExitStatus list_print_accounts(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        Problem problem = {};
        ExitStatus s;

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = snapshot_look(bus, &snapshot);
        if (s != EXIT_STATUS_OK)
                return s;
        if (c->json)
                return report_json(&snapshot, NULL);

        if (snapshot.n_accounts == 0) {
                bus_judge_condition(bus, report_no_account(&snapshot), &problem);
                problem_remark(&problem);
        }

        return list_print_table(&snapshot, isatty(STDOUT_FILENO));
}

ExitStatus verb_list(const Command *c) {
        if (!command_option(c, "names"))
                return list_print_accounts(c);
        if (c->json)
                return fail_usage(
                        "--names and --json exclude each other; the labels are in the JSON, too.");
        report_names("");
        return EXIT_STATUS_OK;
}
