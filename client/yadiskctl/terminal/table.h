/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A table for a person at a terminal. Each column is as wide as what is widest in it, and a cell without a
 * text is "--", so that nothing shifts. Where the window is too narrow for that, each row is a block of lines
 * instead, one for each column.
 */

#include <stddef.h>

#include "yadiskctl/terminal/colour.h"

typedef struct Cell {
        const char *text; /* in the user's language already */
        Colour colour;
} Cell;

typedef struct Table {
        const char *const *heads; /* not translated yet */
        size_t n_columns;
        const Cell *cells; /* row by row */
        size_t n_rows;
} Table;

/* What stands in the place of an empty text. */
#define TABLE_NOTHING "--"

/* Writes it to stdout. Without rows there is nothing to write. */
void table_print(const Table *t);
