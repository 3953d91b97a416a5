/* SPDX-License-Identifier: MIT */
#pragma once

/* A file of another program, read whole and never written. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "yadiskctl/terminal/output.h"

typedef struct TokenSource {
        char *path;        /* NULL: standard input */
        char *name;        /* what to call it at the beginning of a sentence */
        char *data;        /* ends in NUL, and has no other */
        size_t size;       /* without the NUL */
        uint64_t modified; /* UTC seconds: its last change; what comes through a pipe is of now */
        bool exposed;      /* every user of the machine may read it */
} TokenSource;

/* Reads the file of that path, or standard input for "-". Says so where it cannot be what people keep
 * tokens in: a directory, more than a mebibyte, nothing, not text. */
ExitStatus token_source_read(const char *path, TokenSource *ret);

/* Erases the data. */
void token_source_done(TokenSource *s);

/* Its first character that is no white space; NUL where there is none. */
char token_source_first(const TokenSource *s);
