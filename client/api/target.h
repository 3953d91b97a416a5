/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What a call is made to: a path of the Disk and a query. Pure.
 *
 * A path can lead to no other host: it begins with one "/", and has nothing in it but the
 * characters of a path. So what stands before it in the address, up to its first "/", stays the
 * host, for every program that reads the address.
 */

#include <stdbool.h>
#include <stddef.h>

#include "common/util.h"

typedef struct Target {
        const char *path;
        const char *const *query; /* words such as "limit=20" */
        size_t n_query;
} Target;

/* What is wrong with a path, or with a word of a query: a sentence that is to end with the culprit.
 * NULL if nothing is wrong. */
const char *target_path_mistake(const char *path);
const char *target_query_mistake(const char *word);

/* The value of a key of the query, or NULL. If a key comes twice, the last one counts. */
const char *target_value(const Target *t, const char *key);

/* Writes the address below that of the Disk, such as "https://cloud-api.yandex.net". All that is
 * not a letter, a digit or one of "-._~" is percent-encoded in the query (RFC 3986). Returns 0 or
 * -ENOMEM. The caller frees *ret. */
int target_url(const Target *t, const char *disk_url, char **ret);

/* The permission that an application needs for a call, as far as that is known from the Disk's
 * documentation. Static. */
const char *target_permission(const Target *t, const char *method);
