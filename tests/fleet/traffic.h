/* SPDX-License-Identifier: MIT */
#pragma once

/* The requests that reached Yandex, second by second. */

#include <stdint.h>

#include "common/util.h"

typedef struct Traffic Traffic;

/* NULL: out of memory. */
Traffic *traffic_new(int64_t start, int64_t duration);
Traffic *traffic_free(Traffic *t);
DEFINE_CLEANUP(Traffic *, traffic_free)

/* Those before the start or after the end are not counted. */
void traffic_add(Traffic *t, int64_t at);

/* Requests in [from, from + length), which lies within the time counted. */
int64_t traffic_count(const Traffic *t, int64_t from, int64_t length);

/* The largest number of requests in a bin of that length, where the bins divide [from, from +
 * length) evenly. */
int64_t traffic_peak(const Traffic *t, int64_t from, int64_t length, int64_t bin);
