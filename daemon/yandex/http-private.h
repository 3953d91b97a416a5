/* SPDX-License-Identifier: MIT */
#pragma once

/* What the tests of http.c may change; the daemon never does. */

#include "yandex/http.h"

typedef struct HttpLimits {
        long connect_ms;
        long total_ms;
} HttpLimits;

/* For the calls started from now on. */
void http_set_limits(Http *h, HttpLimits limits);

/* The file taken as the system's certificates where there is a CA file. Borrowed. */
void http_set_system_bundle(Http *h, const char *path);
