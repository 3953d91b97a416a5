/* SPDX-License-Identifier: MIT */
#pragma once

/* Memory files of ours. */

#include <fcntl.h>

#include "check.h"
#include "model/secret.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static inline Secret *secret(const char *text) {
        Secret *s = NULL;

        check_int(secret_new_from(text, strlen(text), &s), 0);
        return s;
}

static inline int memfd(const char *text) {
        _cleanup_(secret_unrefp) Secret *s = secret(text);
        int fd = -1;

        check_int(secret_to_memfd(s, "test", &fd), 0);
        return fd;
}
