/* SPDX-License-Identifier: MIT */
#pragma once

/* For tests: what the library makes of the result of a bus call. */

#include <systemd/sd-bus.h>

/* error and r are what the call failed with. Returns a YadiskTokenError, or r if neither the bus
 * nor the daemon is the cause, as when memory runs out. */
int error_from_bus(const sd_bus_error *error, int r);
