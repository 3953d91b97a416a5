/* SPDX-License-Identifier: MIT */
#pragma once

/* The one place where D-Bus errors are made. */

#include <systemd/sd-bus.h>

#include "common/util.h"

/* Fills the error from a Condition or a negative errno. Returns what a D-Bus handler returns. */
int bus_error_set(sd_bus_error *error, int r);

/* The same with a sentence that fits better than the one of the Condition, and that says what to do. A
 * sentence without arguments gets into the catalogues of translations from here, so that clients can
 * translate it. */
int bus_error_setf(sd_bus_error *error, int r, const char *format, ...) _printf_(3, 4);

/* InvalidArgs, for arguments that several methods have. */
int bus_error_bad_label(sd_bus_error *error);
int bus_error_bad_client_id(sd_bus_error *error);
int bus_error_bad_scope(sd_bus_error *error);

/* Makes our error names known to sd-bus, for the whole process. Returns 0 or a negative errno. */
int bus_error_register(void);
