/* SPDX-License-Identifier: MIT */
#pragma once

/* A change as watch tells it, now, in one line. */

#include "yadiskctl/verb/changes.h"

ExitStatus watch_line_say(const Change *change);
ExitStatus watch_line_json(const Change *change);
