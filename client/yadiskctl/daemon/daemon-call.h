/* SPDX-License-Identifier: MIT */
#pragma once

/* Calls to the daemon, which start it, and end when that fails: not every bus learns that what it asked
 * systemd to start has failed, and then it goes on waiting for the daemon, and lets its callers wait. */

#include <systemd/sd-bus.h>

/* Sends a call and waits for the answer, as sd_bus_call() does. If meanwhile it turns out that the daemon
 * cannot be started, that is the answer, an error of one of these names. */
int daemon_call(sd_bus *bus, sd_bus_message *call, sd_bus_error *error, sd_bus_message **ret);

/* Its unit is broken, or has failed. */
#define DAEMON_CALL_GIVEN_UP "org.freedesktop.DBus.Error.Spawn.GivenUp"

/* It has failed so often that it is not started any more. */
#define DAEMON_CALL_REFUSED "org.freedesktop.DBus.Error.Spawn.Refused"
