/* SPDX-License-Identifier: MIT */
#pragma once

/* A file of [sections] with "key = value", as rclone and ydcmd have it. */

#include "yadiskctl/import/token-source.h"

typedef struct Ini Ini;

/* Says where it is no such file, and which line is the first to be wrong. Changes the data: a comment
 * may begin with ";" there. */
ExitStatus ini_parse(TokenSource *s, Ini **ret);
Ini *ini_free(Ini *ini);
DEFINE_CLEANUP(Ini *, ini_free)

/* The names of the sections, as a NULL-terminated array that stays with ini. */
char *const *ini_sections(const Ini *ini);

/* The section of that name in whatever case, as it is written, or NULL. */
const char *ini_find_section(const Ini *ini, const char *name);

/* The value, for secret_free(); NULL where there is none, or an empty one. Keys are found in whatever
 * case. */
char *ini_get(const Ini *ini, const char *section, const char *key);
