/* SPDX-License-Identifier: MIT */

/* yadiskctl list: the accounts, one a line; at a terminal a table. */

#include "common/i18n.h"
#include "yadiskctl/daemon/account.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/terminal/table.h"
#include "yadiskctl/terminal/text.h"
#include "yadiskctl/verb/report.h"
#include "yadiskctl/verb/verbs.h"
#include "yadiskctl/verb/wording.h"

/* Somebody has pressed Tab and waits for both calls. */
#define NAMES_TIMEOUT_USEC (UINT64_C(500) * 1000)

const Option list_options[] = {
        { "names", NULL, N_("Print only the names of the accounts, for completions") },
        {},
};

/* What a person looks for comes first. */
static const char *const heads[] = {
        N_("Label"), N_("Login"), N_("State"), N_("Default"), N_("Id"),
};

typedef struct Widths {
        size_t id, label, login, state;
} Widths;

static const char *or_nothing(const char *text) {
        return *text ? text : TABLE_NOTHING;
}

static Widths measure(const Snapshot *s) {
        Widths w = {};

        for (const Account *a = s->accounts; a < s->accounts + s->n_accounts; a++) {
                w.id = MAX_OF(w.id, text_columns(a->id));
                w.label = MAX_OF(w.label, text_columns(or_nothing(a->label)));
                w.login = MAX_OF(w.login, text_columns(or_nothing(a->login)));
                w.state = MAX_OF(w.state, text_columns(a->state));
        }
        return w;
}

/* For programs, which count fields: there is always a word in each, and no translation. */
static void print_line(const Account *a, const Widths *w) {
        const char *label = or_nothing(a->label), *login = or_nothing(a->login);

        say("%-*s  %-*s  %-*s  %-*s  %s", text_padding(a->id, w->id), a->id,
            text_padding(label, w->label), label, text_padding(login, w->login), login,
            text_padding(a->state, w->state), a->state, a->is_default ? "default" : "-");
}

static void print_lines(const Snapshot *s) {
        Widths w = measure(s);

        for (size_t i = 0; i < s->n_accounts; i++)
                print_line(&s->accounts[i], &w);
}

static void fill_row(const Account *a, Cell row[static ELEMENTSOF(heads)]) {
        Wording state = wording_of_state_in_short(a);

        row[0] = (Cell){ a->label, COLOUR_PLAIN };
        row[1] = (Cell){ a->login, COLOUR_PLAIN };
        row[2] = (Cell){ state.words, state.colour };
        row[3] = (Cell){ a->is_default ? _("yes") : _("no"), COLOUR_PLAIN };
        row[4] = (Cell){ a->id, COLOUR_PLAIN };
}

/* The keyring may be fine then, so that nothing else tells why. */
static void explain_unreadable(const Snapshot *s) {
        for (const Account *a = s->accounts; a < s->accounts + s->n_accounts; a++)
                if (account_is_unreadable(a))
                        remark("%s: %s", account_name(a), _(a->error_message));
}

static ExitStatus print_table(const Snapshot *s) {
        _cleanup_free_ Cell *cells = calloc(s->n_accounts + 1, ELEMENTSOF(heads) * sizeof(Cell));

        if (!cells)
                return fail_errno(-ENOMEM, "list the accounts");

        for (size_t i = 0; i < s->n_accounts; i++)
                fill_row(&s->accounts[i], &cells[i * ELEMENTSOF(heads)]);
        table_print(&(Table){ heads, ELEMENTSOF(heads), cells, s->n_accounts });
        explain_unreadable(s);
        return EXIT_STATUS_OK;
}

/* What cannot be found out at once is not worth a word, nor is a daemon started for it. */
static ExitStatus print_names(void) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        int r;

        r = bus_connect(&bus);
        if (r >= 0)
                r = sd_bus_set_method_call_timeout(bus, NAMES_TIMEOUT_USEC);
        if (r >= 0)
                r = snapshot_ask(bus, false, &snapshot, &error);
        if (r < 0)
                return EXIT_STATUS_OK;

        for (size_t i = 0; i < snapshot.n_accounts; i++)
                say("%s", account_name(&snapshot.accounts[i]));
        return EXIT_STATUS_OK;
}

static ExitStatus print_accounts(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        Trouble nobody = {};
        ExitStatus s;

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = snapshot_look(bus, &snapshot);
        if (s != EXIT_STATUS_OK)
                return s;
        if (c->json)
                return report_json(&snapshot, NULL);

        if (snapshot.n_accounts == 0) {
                bus_judge_condition(bus, report_nobody(&snapshot), &nobody);
                trouble_remark(&nobody);
        }

        if (isatty(STDOUT_FILENO))
                return print_table(&snapshot);
        print_lines(&snapshot);
        return EXIT_STATUS_OK;
}

ExitStatus verb_list(const Command *c) {
        if (!command_option(c, "names"))
                return print_accounts(c);
        if (c->json)
                return fail(
                        EXIT_STATUS_USAGE,
                        "--names and --json exclude each other; the labels are in the JSON, too.");
        return print_names();
}
