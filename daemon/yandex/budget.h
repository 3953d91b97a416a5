/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * How many requests Yandex gets from this machine, so that no program on it can have the user's
 * address banned: BUDGET_BURST at once, and one a second in the long run. The last BUDGET_KEPT of
 * the burst are kept for renewals that are due.
 *
 * A token bucket as a pure value: all that it remembers is when it will be full again. Times are
 * microseconds of a clock that runs on while the machine is suspended (CLOCK_BOOTTIME): Yandex's
 * does, too.
 */

#include <stdbool.h>
#include <stdint.h>

#define BUDGET_BURST         120U
#define BUDGET_KEPT          20U
#define BUDGET_INTERVAL_USEC UINT64_C(1000000)

typedef struct Budget {
        uint64_t interval_usec; /* how long one request takes to come back */
        uint64_t full_at;       /* when nothing is missing; a time that has passed: nothing is */
} Budget;

/* Returns a full budget. */
Budget budget_new(uint64_t interval_usec);

/* When the next request may be sent; a time that has passed: now. */
uint64_t budget_next(const Budget *b, bool due);

/* Takes one request off, if one may be sent now. Returns whether that is so. */
bool budget_take(Budget *b, uint64_t now, bool due);
