/* SPDX-License-Identifier: MIT */
#pragma once

/* A list that the Disk gives in pages, as one. */

#include "api/disk.h"

/* Asks for one page after the other, and writes each element to stdout as a line of JSON. The query
 * may say how long a page is (limit) and where to begin (offset). */
ExitStatus pages_print(Disk *d, const Target *target);
