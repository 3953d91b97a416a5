/* SPDX-License-Identifier: MIT */
#pragma once

/* Answering with a{sv}: the reverse of bus/options.h. */

#include <stdbool.h>
#include <stdint.h>

#include "bus/operation.h"

/* Appends entries to the open array; 0 or a negative errno. */
typedef int (*ResultsFn)(sd_bus_message *m, const void *userdata);

/* Answers with what fn appends, and ends the operation. 0 or a negative errno, where it is not answered. */
int results_reply(Operation *o, ResultsFn fn, const void *userdata);

/* The entries. 0 or a negative errno. */
int results_add_bool(sd_bus_message *m, const char *key, bool value);
int results_add_string(sd_bus_message *m, const char *key, const char *value);
int results_add_time(sd_bus_message *m, const char *key, int64_t value);
int results_add_strings(sd_bus_message *m, const char *key, char *const *value);
