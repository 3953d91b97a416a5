/* SPDX-License-Identifier: MIT */
#pragma once

/* What a stranger's strings must be before they are shown, stored or sent on. NULL is never good. */

#include <stdbool.h>
#include <stddef.h>

/* 1 to 16384 characters of visible ASCII. Tokens have no other form that could be relied on. */
bool check_token(const char *s);

/* Printable ASCII, space included, not empty, at most max bytes. */
bool check_printable(const char *s, size_t max);

/* As that, up to 64 bytes: it goes to a terminal. */
bool check_user_code(const char *s);
bool check_uid(const char *s);

/* See utf8_is_text(); up to 256 bytes. */
bool check_login(const char *s);
