/* SPDX-License-Identifier: MIT */

/* yadiskctl list: the accounts, one a line; at a terminal a table. */

#include "common/i18n.h"
#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/keyring.h"
#include "yadiskctl/terminal/text.h"
#include "yadiskctl/verb/report.h"

#define NOTHING "--"

/* Between two columns of a table. */
#define GAP 2U

const Option list_options[] = {
        { "names", NULL, N_("Print only the names of the accounts, for completions") },
        {},
};

/* What people look for comes first. */
static const char *const heads[] = {
        N_("Label"), N_("Login"), N_("State"), N_("Default"), N_("Id"),
};

#define N_COLUMNS ELEMENTSOF(heads)

typedef struct Cell {
        const char *text; /* translated */
        Colour colour;
} Cell;

/* Each column is as wide as its widest cell. */
typedef struct Table {
        Cell (*rows)[N_COLUMNS];
        bool has_heads;
        size_t n_rows;
        size_t widths[N_COLUMNS];
} Table;

static const char *list_text(const char *text) {
        return *text ? text : NOTHING;
}

static void table_fill_row(const Account *a, Cell row[static N_COLUMNS]) {
        Wording state = wording_of_state(a, true);

        row[0] = (Cell){ list_text(a->label), COLOUR_PLAIN };
        row[1] = (Cell){ list_text(a->login), COLOUR_PLAIN };
        row[2] = (Cell){ list_text(state.words), state.colour };
        row[3] = (Cell){ a->is_default ? _("yes") : _("no"), COLOUR_PLAIN };
        row[4] = (Cell){ list_text(a->id), COLOUR_PLAIN };
}

/* For programs, which count fields: there is a word in each, which is not translated. */
static void table_fill_line(const Account *a, Cell row[static N_COLUMNS]) {
        const char *const texts[N_COLUMNS] = { a->id, list_text(a->label), list_text(a->login),
                                               a->state, a->is_default ? "default" : "-" };

        for (size_t column = 0; column < N_COLUMNS; column++)
                row[column] = (Cell){ texts[column], COLOUR_PLAIN };
}

/* Returns the width of the table. */
static size_t table_measure(Table *t) {
        size_t all = 0;

        for (size_t column = 0; column < N_COLUMNS; column++) {
                size_t width = t->has_heads ? text_columns(_(heads[column])) : 0;

                for (size_t row = 0; row < t->n_rows; row++)
                        width = MAX_OF(width, text_columns(t->rows[row][column].text));
                t->widths[column] = width;
                all += width + (column > 0 ? GAP : 0);
        }
        return all;
}

/* Nothing is behind the last column, not even spaces. */
static void table_say_cell(const Table *t, size_t column, Colour colour, const char *text) {
        size_t spaces = t->widths[column] + GAP - text_columns(text);

        say_part(colour, "%s", text);
        if (column + 1 < N_COLUMNS)
                say_part(COLOUR_PLAIN, "%*s", (int) spaces, "");
}

static void table_print_rows(const Table *t) {
        for (size_t column = 0; t->has_heads && column < N_COLUMNS; column++)
                table_say_cell(t, column, COLOUR_STRONG, _(heads[column]));
        if (t->has_heads)
                say_end();

        for (size_t row = 0; row < t->n_rows; row++) {
                for (size_t column = 0; column < N_COLUMNS; column++)
                        table_say_cell(t, column, t->rows[row][column].colour,
                                       t->rows[row][column].text);
                say_end();
        }
}

/* If the window is too narrow for the table, each row becomes a block of lines. */
static void table_print_blocks(const Table *t) {
        size_t widest = 0;

        for (size_t column = 0; column < N_COLUMNS; column++)
                widest = MAX_OF(widest, text_columns(_(heads[column])));

        for (size_t row = 0; row < t->n_rows; row++) {
                if (row > 0)
                        say_gap();
                for (size_t column = 0; column < N_COLUMNS; column++) {
                        const char *head = _(heads[column]);

                        say_part(COLOUR_STRONG, "%-*s", text_padding(head, widest + GAP), head);
                        say_margin();
                        say_part(t->rows[row][column].colour, "%s", t->rows[row][column].text);
                        say_end();
                }
        }
}

/* The keyring may be open, so that nothing else tells why an account cannot be read. */
static void list_explain_unreadable(const Snapshot *s) {
        for (const Account *a = s->accounts; a < s->accounts + s->n_accounts; a++)
                if (account_is_unreadable(a))
                        remark("%s: %s", account_name(a), _(a->error_message));
}

static ExitStatus list_print_table(const Snapshot *s, bool for_people) {
        _cleanup_free_ Cell(*rows)[N_COLUMNS] = calloc(s->n_accounts + 1, sizeof(*rows));
        Table t = { .rows = rows, .has_heads = for_people, .n_rows = s->n_accounts };
        unsigned columns = output_columns(stdout);
        size_t width;

        if (!rows)
                return fail_errno(-ENOMEM, "list the accounts");

        for (size_t i = 0; i < s->n_accounts; i++)
                if (for_people)
                        table_fill_row(&s->accounts[i], rows[i]);
                else
                        table_fill_line(&s->accounts[i], rows[i]);
        width = table_measure(&t);
        if (columns > 0 && width > columns)
                table_print_blocks(&t);
        else if (t.n_rows > 0)
                table_print_rows(&t);
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
