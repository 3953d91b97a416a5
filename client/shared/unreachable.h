/* SPDX-License-Identifier: MIT */
#pragma once

/* Telling "the daemon said no" from "there was no daemon to say anything". */

#include <stdbool.h>

#include <systemd/sd-bus.h>

/* Whether a call that ended with this error (or, without one, with this negative errno) never got
 * an answer out of the daemon: no bus, nobody of that name, not startable, silent, or gone. */
bool unreachable(const sd_bus_error *error, int r);

/* Of the unreachable: whether the bus tried to start the daemon, and that failed. */
bool unreachable_because_start_failed(const sd_bus_error *error);

/* Of the unreachable: whether it is there, but gave no answer in time. */
bool unreachable_because_silent(const sd_bus_error *error);
