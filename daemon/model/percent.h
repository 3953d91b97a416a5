/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Percent-encoding (RFC 3986, section 2.1). In forms all but the unreserved characters are encoded; the plain
 * form leaves ":" and "/" as well, of which tokens and the names of permissions are made.
 */

#include "model/secret.h"

/* How long the form becomes, and the form appended. -E2BIG if there is no room. */
size_t percent_form_length(const char *s, size_t length);
int percent_append_form(Secret *to, const char *s, size_t length);

/* 0 or -ENOMEM. */
int percent_encode_plain(const char *s, size_t length, Secret **ret);

/* Reads one character; returns how many bytes it took, or 0 if there is a % without two digits. length must not
 * be 0. */
size_t percent_decode_one(const char *s, size_t length, char *ret);

/* 0, -EBADMSG, -ENOMEM. */
int percent_decode(const char *s, size_t length, Secret **ret);
