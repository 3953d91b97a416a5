/* SPDX-License-Identifier: MIT */
#pragma once

/* Time for waiting, which no change of the machine's clock moves. */

#include <stdint.h>

#define USEC_PER_SEC UINT64_C(1000000)

/* CLOCK_MONOTONIC, in microseconds. */
uint64_t monotonic_usec(void);
