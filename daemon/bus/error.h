/* SPDX-License-Identifier: MIT */
#pragma once

/* The one place where D-Bus errors are made. */

#include <systemd/sd-bus.h>

#include "common/util.h"

/* Fills the error from a Condition or a negative errno; returns what a handler is to return. */
int bus_error_set(sd_bus_error *error, int r);

/* The same with a sentence that fits better than the table's; it ends with what to do. Without arguments
 * it can be looked up in a catalogue, which knows it from here. */
int bus_error_setf(sd_bus_error *error, int r, const char *format, ...) _printf_(3, 4);

/* InvalidArgs, for what several calls take. */
int bus_error_bad_label(sd_bus_error *error);
int bus_error_bad_client_id(sd_bus_error *error);
int bus_error_bad_scope(sd_bus_error *error);

/* Makes our error names known to sd-bus. Once per process. */
int bus_error_register(void);
