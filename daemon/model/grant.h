/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What Yandex gave for one sign-in: an access token, the refresh token that renews it, and their
 * times. A grant never changes and is shared by reference; the one that replaces it has the next
 * generation.
 */

#include <stdint.h>

#include "model/secret.h"

/* Longer lives are cut to this, a hundred years of seconds, so that no sum of times overflows. */
#define GRANT_LIFE_MAX (INT64_C(100) * 365 * 24 * 60 * 60)

/* The end of life is not known: Yandex gave none, or one that is not in the future. */
#define GRANT_END_UNKNOWN INT64_C(0)

/* The end of a grant that has only a refresh token: nothing in it is alive. */
#define GRANT_END_PAST INT64_C(1)

typedef struct GrantTimes {
        int64_t obtained_at; /* UTC seconds, when the answer came */
        int64_t expires_at;  /* UTC seconds, or GRANT_END_UNKNOWN */
} GrantTimes;

typedef struct Grant {
        unsigned n_ref;
        Secret *access_token;  /* NULL if there is none */
        Secret *refresh_token; /* NULL if there is none */
        GrantTimes times;
        uint32_t generation;
} Grant;

/* The times of an answer that came at now (UTC seconds). expires_in is the life in seconds that
 * remains, not the whole (recorded traffic: 31535338 for a year-long token); <= 0 means that Yandex
 * gave none that can be used. */
GrantTimes grant_times(int64_t now, int64_t expires_in);

/* Takes references. One of the tokens may be NULL. A grant without a refresh token cannot be
 * renewed. One without an access token can only be renewed, and its end is GRANT_END_PAST, whatever
 * times says. Returns 0 or -ENOMEM. */
int grant_new(Secret *access_token, Secret *refresh_token, GrantTimes times, uint32_t generation,
              Grant **ret);

Grant *grant_ref(Grant *g);
Grant *grant_unref(Grant *g);
DEFINE_CLEANUP(Grant *, grant_unref)

/* The seconds that are left at now (UTC seconds): 0 if it is over, INT64_MAX if the end is not
 * known. */
int64_t grant_remaining(const Grant *g, int64_t now);
