/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The token pairs that other programs keep in files.
 *
 *     a path ──token_source_read()──> TokenSource ──parse()──> TokenPair
 *
 * A parser says what is wrong with the file, in one sentence, and leaves it as it is.
 */

#include "yadiskctl/import/token-source.h"

/* Whatever the file does not tell is NULL or 0. */
typedef struct TokenPair {
        char *access_token, *refresh_token;
        char *client_id, *client_secret;
        uint64_t expires_at; /* UTC seconds; 0: not known */
        char *remote;        /* what rclone calls it */
} TokenPair;

/* What the user asked for beside the file; NULL where nothing. */
typedef struct TokenWish {
        const char *remote;
        const char *client_id;
} TokenWish;

typedef struct TokenFormat {
        const char *name;

        /* Where the program keeps its file. */
        ExitStatus (*find)(char **ret_path);
        ExitStatus (*parse)(TokenSource *s, const TokenWish *wish, TokenPair *ret);
} TokenFormat;

/* "rclone", "ydcmd" or "json"; NULL for other names. */
const TokenFormat *token_format_find(const char *name);

/* Reads the file of that path, "-" being standard input, or where path is NULL the one that the program
 * would read. *ret_pair has a refresh token, and as far as can be seen it is still good. Both
 * results are ended by their _done(). */
ExitStatus token_file_read(const TokenFormat *format, const char *path, const TokenWish *wish,
                           TokenSource *ret_source, TokenPair *ret_pair);

/* Erases what is secret. */
void token_pair_done(TokenPair *p);

/* The parsers, a file each. */
ExitStatus token_file_find_rclone(char **ret_path);
ExitStatus token_file_parse_rclone(TokenSource *s, const TokenWish *wish, TokenPair *ret);
ExitStatus token_file_find_ydcmd(char **ret_path);
ExitStatus token_file_parse_ydcmd(TokenSource *s, const TokenWish *wish, TokenPair *ret);
ExitStatus token_file_parse_json(TokenSource *s, const TokenWish *wish, TokenPair *ret);

/* An object with access_token, refresh_token and their like. since is when expires_in counts from, UTC
 * seconds. -EBADMSG: not JSON; -EPROTO: JSON, but not such an object; -ENOMEM. */
int token_json_read(const char *text, uint64_t since, TokenPair *ret);

/* RFC 3339, as in "2027-01-02T15:04:05.678+03:00". UTC seconds; 0 where it is none, or before 1970. */
uint64_t token_moment_parse(const char *s);
