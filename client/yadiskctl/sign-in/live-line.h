/* SPDX-License-Identifier: MIT */
#pragma once

/* The last line of the window while we wait: how much time is left, drawn anew each second. */

#include <stdint.h>

#include <systemd/sd-event.h>

#include "common/util.h"

#define LIVE_LINE_MAX_BYTES 256

typedef struct LiveLine LiveLine;

/* Draws it below what was said last, and below an empty line unless it is to be tight, from the loop from now
 * on, wherever we may draw; until is in UTC seconds, 0 is unknown. What is typed meanwhile is not shown. 0 or a
 * negative errno. */
int live_line_new(sd_event *event, uint64_t until, bool tight, LiveLine **ret);

/* Erases it and leaves the terminal as it was; and the reverse. */
void live_line_hide(LiveLine *l);
void live_line_show(LiveLine *l);

/* Hides and frees it. NULL is fine. Returns NULL. */
LiveLine *live_line_free(LiveLine *l);
DEFINE_CLEANUP(LiveLine *, live_line_free)

/* For tests: its text, which has fewer than that many columns. left is in seconds. Returns buffer. */
const char *live_line_format(uint64_t left, unsigned columns,
                             char buffer[static LIVE_LINE_MAX_BYTES]);
