/* SPDX-License-Identifier: MIT */
#pragma once

/* The way to the user's session bus, also for a program that was started outside of a session, and
 * what the errors of a call to the daemon mean. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <systemd/sd-bus.h>

/*
 * Connects to the bus that DBUS_SESSION_BUS_ADDRESS names and to no other. If it names none,
 * connects to $XDG_RUNTIME_DIR/bus or, if nothing listens there, to /run/user/UID/bus. That is
 * where systemd has the bus of a user whose programs do not know of it: those of cron, of su and of
 * system services.
 *
 * Returns 0 when the bus has greeted us, or a negative errno: -ENOMEDIUM if there is no bus in any
 * of these places, -ENOTCONN if the other side closes the connection, -ETIMEDOUT if it does not
 * greet us within five seconds.
 */
int session_bus_open(const char *description, sd_bus **ret);

/* The runtime directory of the user (pam_systemd(8)), even if it does not exist. Static, in each
 * thread. */
const char *session_bus_directory(void);

#define BUS_PLACE_MAX_BYTES 256

/* Prints which bus that is: an address, or the path of a socket. */
void session_bus_print_place(char ret[static BUS_PLACE_MAX_BYTES]);

/* Whether session_bus_open() would succeed if DBUS_SESSION_BUS_ADDRESS were not set. Connects.
 * False if the address is that of the same bus. */
bool session_bus_is_shadowed(void);

/* Whether the environment names no bus. Then other programs find none, unless they look where we
 * do. */
bool session_bus_is_unnamed(void);

/* Whether the bus that the environment names belongs to another user. Then session_bus_open()
 * fails, since a session bus serves its own user only, not even root. ret_owner may be NULL. */
bool session_bus_is_foreign(uid_t *ret_owner);

/* Calls a method of a service that runs, and waits for that long at most; the service is not
 * started. Arguments are those of sd_bus_message_append(). Returns 0 or a negative errno. ret may
 * be NULL. */
int session_bus_ask(sd_bus *bus, uint64_t usec, sd_bus_message **ret, const char *service,
                    const char *path, const char *interface, const char *member, const char *types,
                    ...);

/* Asks the bus which process owns a name. Returns 0 if there is none, or if we may not know: the
 * proxy of a sandbox hides others. */
uint32_t session_bus_find_pid(sd_bus *bus, const char *name);

/* Whether a call that failed with this error (or, if it is not set, with this negative errno) got
 * no answer from the daemon: there is no bus, no such name, or no reply, or the daemon could not be
 * started. */
bool bus_error_is_unreachable(const sd_bus_error *error, int r);

/* If the daemon was unreachable: whether the bus tried to start it and failed. */
bool bus_error_is_start_failure(const sd_bus_error *error);

/* If the daemon was unreachable: whether it is there, but did not answer in time. */
bool bus_error_is_silence(const sd_bus_error *error);
