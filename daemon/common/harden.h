/* SPDX-License-Identifier: MIT */
#pragma once

/* What a program does first that has secrets in its memory. */

#include "common/util.h"

/* What is freed is overwritten. */
void harden_heap(void);

/* From now on only root may read our memory, or a core file of it; but the sanitizers need to.
 *
 * The daemon looks at /proc/PID/root of each program that calls it for the first time on a
 * connection, and takes one that it may not look at for one in a sandbox. So a client hides its
 * memory after the first answer, and shows it again to a daemon that does not know it. Whoever has
 * opened /proc/PID/mem in time can go on reading. So for a client this is no wall, but it keeps
 * secrets out of core files, and out of the sight of whoever comes later. */
void memory_hide(void);
void memory_show(void);
bool memory_is_hidden(void);

/* SIGTERM and SIGINT, in every thread that libraries may start later; and nobody dies of a closed
 * connection. Returns 0, or a negative errno. */
int block_signals(void);
