/* SPDX-License-Identifier: MIT */
#pragma once

/* What it means if the Disk answers with an error. */

#include <stdint.h>

#include "yadiskctl/terminal/output.h"

typedef struct Refusal {
        long status;            /* of HTTP, 400 or more */
        int64_t retry_after;    /* seconds, or -1 */
        const char *body;       /* JSON with "error", "description" and "message"; or anything */
        const char *permission; /* the one that such a call needs */
} Refusal;

/* Says it in one line, and what to do. Returns the exit status of it. */
ExitStatus refusal_tell(const Refusal *r);
