/* SPDX-License-Identifier: MIT */
#pragma once

/* The a{sv} of our methods: the options that a call gives, and arrays among what it returns. */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "common/util.h"

/* An option that a method understands. */
typedef struct Option {
        const char *name;
        const char *type; /* "b", "u", "t", "s", "o", or "as" */
        void *ret; /* int, uint32_t, uint64_t, const char * that is valid as long as the message, or char **
                           * that the caller frees; untouched if the option is not given */
        bool *ret_given; /* or NULL */
} Option;

/* Reads all options at the message's position; ignores those that are not in the table. Returns 0, or what a
 * D-Bus handler returns: InvalidArgs if an option has another type. */
int dict_read_options(sd_bus_message *m, const Option *options, size_t n_options,
                      sd_bus_error *error);

/* Appends the entry {key: value} to the open array. Returns 0 or a negative errno. */
int dict_append_strv(sd_bus_message *m, const char *key, char *const *value);
