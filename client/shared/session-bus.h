/* SPDX-License-Identifier: MIT */
#pragma once

/* The way to the session bus of the user, also for programs that were started outside of a session. */

#include <stdbool.h>
#include <sys/types.h>

#include <systemd/sd-bus.h>

/*
 * Connects to the bus that DBUS_SESSION_BUS_ADDRESS names and to no other; if it names none, to
 * $XDG_RUNTIME_DIR/bus; if nobody listens there, to /run/user/UID/bus, which is where systemd has the bus of
 * a user whose programs were not told of it: those of cron, of su, and of system services.
 *
 * Returns 0 when the bus has greeted us, or a negative errno: -ENOMEDIUM if there is no bus in any of these
 * places, -ENOTCONN if the other side ends the conversation.
 */
int session_bus_open(const char *description, sd_bus **ret);

/* The directory that the user's programs share (pam_systemd(8)), whether it is there or not: static. */
const char *session_bus_directory(void);

/* Whether the environment names no bus. Programs of others find none then, unless they look where we do. */
bool session_bus_is_unnamed(void);

/* Whether the bus that the environment names belongs to another user. Then session_bus_open() fails, since
 * a session bus is closed to all users but its own, root included. */
bool session_bus_is_foreign(uid_t *ret_owner);
