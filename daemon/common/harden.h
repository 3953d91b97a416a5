/* SPDX-License-Identifier: MIT */
#pragma once

/* What a program does first that has secrets in its memory. */

#include "common/util.h"

/* Only root may read our memory, or a core file of it; but the sanitizers need to. What is freed is
 * overwritten. */
void harden(void);

/* SIGTERM and SIGINT, in every thread that libraries may start later; and nobody dies of a closed
 * connection. Returns 0, or a negative errno. */
int block_signals(void);
