/* SPDX-License-Identifier: MIT */
#pragma once

/* A table: with headings for people, and without for programs, which count fields. */

#include <stdbool.h>
#include <stddef.h>

#include "yadiskctl/terminal/output.h"

#define TABLE_COLUMNS_MAX 8

typedef struct TableCell {
        const char *text; /* translated */
        Colour colour;
} TableCell;

typedef struct TableRow {
        TableCell cells[TABLE_COLUMNS_MAX];
} TableRow;

typedef struct Table {
        const char *const *heads; /* of the columns, not translated yet */
        size_t n_columns;
        bool has_heads; /* they are shown */
        TableRow *rows;
        size_t n_rows;
} Table;

/* What stands for a text that is empty. */
const char *table_text(const char *text) _nonnull_;

/* Prints the table on stdout. If it is wider than the window, each row becomes a block of lines. */
void table_print(const Table *t);
