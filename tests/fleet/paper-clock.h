/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Stands in for platform/clock.c: time goes where it is told to, and the one alarm there is (one
 * machine is simulated at a time) rings when it is told to.
 */

#include <stdint.h>

#include "platform/clock.h"

void paper_clock_set(int64_t now);

/* When the alarm is to ring, not before now; INT64_MAX where it is off. */
int64_t paper_clock_next(void);

/* Rings. The alarm must be armed. */
void paper_clock_ring(void);
