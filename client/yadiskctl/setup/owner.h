/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Who owns the name of the daemon on the bus. While the daemon does not run, any program of the
 * user can take its name, and is then handed what is meant for the daemon. So before a secret goes
 * out, we look whether the owner is in the unit that systemd starts for that name.
 *
 * This is a tripwire, and no guarantee: any program of the user can also change the unit, or start
 * another one under its name.
 */

#include <stdbool.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/terminal/output.h"

/* If the owner of the name is not the one that is expected, says who it is and what to do; if
 * can_ask is set, asks at the terminal whether to go on, and fails if not. A script goes on: it
 * cannot answer, and a user who starts the daemon by hand has no other way. Says nothing if the
 * name has no owner, if systemd does not run the services of this bus, or if we and the bus do not
 * see the same processes. */
ExitStatus owner_check(sd_bus *bus, bool can_ask);

/* The unit in the text of a /proc/PID/cgroup, or NULL if there is none or memory runs out. The
 * caller frees it. */
char *owner_find_unit(const char *cgroups);

/* Whether the daemon is started as this unit: its own, or the one that dbus-broker makes for a
 * service without a unit of its own. */
bool owner_is_expected_unit(const char *unit);
