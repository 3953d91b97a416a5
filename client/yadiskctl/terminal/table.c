/* SPDX-License-Identifier: MIT */

#include "yadiskctl/terminal/table.h"

#include "common/i18n.h"
#include "yadiskctl/terminal/output.h"
#include "yadiskctl/terminal/text.h"
#include "yadiskctl/terminal/window.h"

/* Between two columns. */
#define GAP 2U

static const char *text_of(const Cell *cell) {
        return str_is_empty(cell->text) ? TABLE_NOTHING : cell->text;
}

static const Cell *cell_at(const Table *t, size_t row, size_t column) {
        return &t->cells[row * t->n_columns + column];
}

static size_t measure_column(const Table *t, size_t column) {
        size_t widest = text_columns(_(t->heads[column]));

        for (size_t row = 0; row < t->n_rows; row++)
                widest = MAX_OF(widest, text_columns(text_of(cell_at(t, row, column))));
        return widest;
}

static size_t measure(const Table *t) {
        size_t all = 0;

        for (size_t column = 0; column < t->n_columns; column++)
                all += measure_column(t, column) + (column > 0 ? GAP : 0);
        return all;
}

/* The last column needs no spaces behind it. */
static void say_cell(const Table *t, size_t column, Colour colour, const char *text) {
        size_t used = text_columns(text);

        say_part(colour, "%s", text);
        if (column + 1 < t->n_columns)
                say_part(COLOUR_PLAIN, "%*s", (int) (measure_column(t, column) - used + GAP), "");
}

static void print_rows(const Table *t) {
        for (size_t column = 0; column < t->n_columns; column++)
                say_cell(t, column, COLOUR_STRONG, _(t->heads[column]));
        say_end();

        for (size_t row = 0; row < t->n_rows; row++) {
                for (size_t column = 0; column < t->n_columns; column++)
                        say_cell(t, column, cell_at(t, row, column)->colour,
                                 text_of(cell_at(t, row, column)));
                say_end();
        }
}

static size_t measure_heads(const Table *t) {
        size_t widest = 0;

        for (size_t column = 0; column < t->n_columns; column++)
                widest = MAX_OF(widest, text_columns(_(t->heads[column])));
        return widest;
}

static void print_block(const Table *t, size_t row) {
        for (size_t column = 0; column < t->n_columns; column++) {
                const char *head = _(t->heads[column]);

                say_part(COLOUR_STRONG, "%-*s", text_padding(head, measure_heads(t) + GAP), head);
                say_margin();
                say_part(cell_at(t, row, column)->colour, "%s", text_of(cell_at(t, row, column)));
                say_end();
        }
}

void table_print(const Table *t) {
        unsigned columns = window_columns(stdout);

        if (t->n_rows == 0)
                return;
        if (columns == 0 || measure(t) <= columns)
                return print_rows(t);

        for (size_t row = 0; row < t->n_rows; row++) {
                if (row > 0)
                        say_gap();
                print_block(t, row);
        }
}
