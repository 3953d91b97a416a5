/* SPDX-License-Identifier: MIT */
#pragma once

/* Reading a{sv}: unknown keys are ignored, a wrong type is InvalidArgs. */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "common/util.h"

/* One key that is understood. Strings are valid as long as the message. */
typedef struct Option {
        const char *name;
        const char *
                type; /* "b" → int, "u" → uint32_t, "t" → uint64_t, "s" and "o" → const char *, "as" → char ** */
        void *ret;    /* untouched where the key is absent; an array is the caller's to free */
        bool *ret_given; /* or NULL */
} Option;

/* Reads the whole dictionary at the message's position. 0, or what a handler is to return. */
int options_read(sd_bus_message *m, const Option *options, size_t n_options, sd_bus_error *error);
