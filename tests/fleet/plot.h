/* SPDX-License-Identifier: MIT */
#pragma once

/* Requests per second over time, as a drawing: both years, and the day of the outage. */

#include "report.h"

/* Writes SVG. 0 or a negative errno. */
int plot_write(const Report *r, const char *path);
