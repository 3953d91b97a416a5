/* SPDX-License-Identifier: MIT */
#pragma once

/* What goes to stderr between two calls. A check that fails meanwhile is read by nobody, so:
 * none. */

#include <sys/mman.h>

#include "check.h"

typedef struct Capture {
        int saved;
        int memory;
        char text[65536];
} Capture;

static inline void capture_begin(Capture *c) {
        fflush(stderr);
        c->saved = dup(STDERR_FILENO);
        c->memory = memfd_create("stderr", 0);
        check(c->saved >= 0 && c->memory >= 0);
        check(dup2(c->memory, STDERR_FILENO) >= 0);
}

/* Valid as long as the capture. */
static inline const char *capture_end(Capture *c) {
        ssize_t n;

        fflush(stderr);
        check(dup2(c->saved, STDERR_FILENO) >= 0);
        n = pread(c->memory, c->text, sizeof(c->text) - 1, 0);
        check(n >= 0);
        c->text[n] = '\0';
        close(c->saved);
        close(c->memory);
        return c->text;
}
