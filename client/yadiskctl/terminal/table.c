/* SPDX-License-Identifier: MIT */

#include "yadiskctl/terminal/table.h"

#include "common/i18n.h"
#include "yadiskctl/terminal/text.h"

#define NOTHING "--"

/* Between two columns. */
#define GAP 2U

const char *table_text(const char *text) {
        return *text ? text : NOTHING;
}

/* Each column is as wide as its widest cell. Returns the width of the table. */
static size_t table_measure(const Table *t, size_t widths[static TABLE_COLUMNS_MAX]) {
        size_t all = 0;

        for (size_t column = 0; column < t->n_columns; column++) {
                size_t width = t->has_heads ? text_columns(_(t->heads[column])) : 0;

                for (size_t row = 0; row < t->n_rows; row++)
                        width = MAX_OF(width, text_columns(t->rows[row].cells[column].text));
                widths[column] = width;
                all += width + (column > 0 ? GAP : 0);
        }
        return all;
}

/* Nothing is behind the last column, not even spaces. */
static void table_say_cell(const Table *t, size_t column, size_t width, Colour colour,
                           const char *text) {
        size_t spaces = width + GAP - text_columns(text);

        say_part(colour, "%s", text);
        if (column + 1 < t->n_columns)
                say_part(COLOUR_PLAIN, "%*s", (int) spaces, "");
}

static void table_print_rows(const Table *t, const size_t *widths) {
        for (size_t column = 0; t->has_heads && column < t->n_columns; column++)
                table_say_cell(t, column, widths[column], COLOUR_STRONG, _(t->heads[column]));
        if (t->has_heads)
                say_end();

        for (size_t row = 0; row < t->n_rows; row++) {
                const TableCell *cells = t->rows[row].cells;

                for (size_t column = 0; column < t->n_columns; column++)
                        table_say_cell(t, column, widths[column], cells[column].colour,
                                       cells[column].text);
                say_end();
        }
}

static void table_print_blocks(const Table *t) {
        size_t widest = 0;

        for (size_t column = 0; column < t->n_columns; column++)
                widest = MAX_OF(widest, text_columns(_(t->heads[column])));

        for (size_t row = 0; row < t->n_rows; row++) {
                if (row > 0)
                        say_gap();
                for (size_t column = 0; column < t->n_columns; column++) {
                        const char *head = _(t->heads[column]);
                        TableCell cell = t->rows[row].cells[column];

                        say_part(COLOUR_STRONG, "%-*s", text_padding(head, widest + GAP), head);
                        say_margin();
                        say_part(cell.colour, "%s", cell.text);
                        say_end();
                }
        }
}

void table_print(const Table *t) {
        size_t widths[TABLE_COLUMNS_MAX], width = table_measure(t, widths);
        unsigned columns = output_columns(stdout);

        if (columns > 0 && width > columns)
                table_print_blocks(t);
        else if (t->n_rows > 0)
                table_print_rows(t, widths);
}
