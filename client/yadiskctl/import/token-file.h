/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The tokens that another program keeps in a file. The file is read as a whole; nothing here writes
 * it.
 *
 *     a path ──token_source_read()──> TokenSource ──parse()──> TokenPair
 *
 * If a function here fails, it has said what is wrong with the file, in one sentence.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "yadiskctl/terminal/output.h"

typedef struct TokenSource {
        char *path;        /* NULL: standard input */
        char *name;        /* what to call it at the beginning of a sentence */
        char *data;        /* ends in a NUL, and has no other */
        size_t size;       /* without the NUL */
        uint64_t modified; /* UTC seconds: its last change; now for what comes through a pipe */
        bool exposed;      /* every user of the machine may read it */
} TokenSource;

/* What the file does not contain is NULL or 0. */
typedef struct TokenPair {
        char *access_token, *refresh_token;
        char *client_id, *client_secret;
        uint64_t expires_at; /* UTC seconds; 0: not known */
        char *remote;        /* its name in rclone */
} TokenPair;

/* What the user gave on the command line besides the file. NULL if it was not given. */
typedef struct ImportOptions {
        const char *remote;
        const char *client_id;
} ImportOptions;

typedef struct TokenFormat {
        const char *name;

        /* Finds the file that the program would read. The caller frees *ret_path. NULL: it is
         * standard input. */
        ExitStatus (*find)(char **ret_path);
        ExitStatus (*parse)(TokenSource *s, const ImportOptions *options, TokenPair *ret);
} TokenFormat;

/* Finds "rclone", "ydcmd" or "json", or returns NULL. */
const TokenFormat *token_format_find(const char *name);

/* Reads the file of that path, "-" being standard input; if path is NULL, the file that the program
 * would read. *ret_pair has a refresh token which, as far as can be seen, has not expired.
 * token_source_done() and token_pair_done() end the results. */
ExitStatus token_file_read(const TokenFormat *format, const char *path,
                           const ImportOptions *options, TokenSource *ret_source,
                           TokenPair *ret_pair);

/* Erase what is secret. */
void token_source_done(TokenSource *s);
void token_pair_done(TokenPair *p);

/* The first character of the data that is not white space; NUL if there is none. */
char token_source_first(const TokenSource *s);

ExitStatus token_file_find_rclone(char **ret_path);
ExitStatus token_file_parse_rclone(TokenSource *s, const ImportOptions *options, TokenPair *ret);
ExitStatus token_file_find_ydcmd(char **ret_path);
ExitStatus token_file_parse_ydcmd(TokenSource *s, const ImportOptions *options, TokenPair *ret);

/* Reads a JSON object with access_token, refresh_token and their like. expires_in counts from
 * since, in UTC seconds. Says nothing if it fails: returns -EBADMSG if the text is not JSON,
 * -EPROTO if it is not such an object, or -ENOMEM. */
int token_json_read(const char *text, uint64_t since, TokenPair *ret);
