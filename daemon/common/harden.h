/* SPDX-License-Identifier: MIT */
#pragma once

/* What a program with secrets in its memory does first. */

#include "common/util.h"

/* Libraries copy what they read, and free the copies as they are. From harden_heap() on, free()
 * overwrites; call it before a library reads a secret. heap_scrub() overwrites what free() has put
 * aside unchanged; call it when the library has freed everything. */
void harden_heap(void);
void heap_scrub(void);

/* Hides our memory: only root may read it, and no core file is written. AddressSanitizer has to
 * read it, so its builds do not hide theirs.
 *
 * The daemon looks at /proc/PID/root of each program that calls it for the first time on a
 * connection, and takes one that it may not look at for one in a sandbox. So a client hides its
 * memory after the first answer, and shows it again to a daemon that does not know it. A program
 * that has opened /proc/PID/mem before can go on reading. So for a client this is no wall, but it
 * keeps secrets out of core files, and from programs that come later. */
void memory_hide(void);
void memory_show(void);
bool memory_is_hidden(void);

/* Blocks SIGTERM and SIGINT, also in the threads that libraries start later, and ignores SIGPIPE,
 * so that a closed connection does not end the process. Returns 0, or a negative errno. */
int block_signals(void);
