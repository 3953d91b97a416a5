/* SPDX-License-Identifier: MIT */
#pragma once

/* From what a bus call ended with to what the library returns. */

#include <systemd/sd-bus.h>

/* Either a YadiskTokenError, or a negative errno for what no bus and no daemon has to do with. */
int error_from_bus(const sd_bus_error *error, int r);
