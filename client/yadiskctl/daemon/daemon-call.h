/* SPDX-License-Identifier: MIT */
#pragma once

/* Calls to the daemon that start it, and that end if it cannot be started: not every bus learns that what it
 * asked systemd to start has failed, and then it keeps its callers waiting. And the unit of the daemon. */

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-bus.h>

/* Sends a call and waits for the reply, as sd_bus_call() does. If it turns out that the daemon cannot be
 * started, fails with an error of one of the names below. ret may be NULL. */
int daemon_call(sd_bus *bus, sd_bus_message *call, sd_bus_error *error, sd_bus_message **ret);

/* The unit is broken, or has failed. */
#define DAEMON_CALL_GIVEN_UP "org.freedesktop.DBus.Error.Spawn.GivenUp"

/* The unit has failed so often that systemd does not start it any more. */
#define DAEMON_CALL_REFUSED "org.freedesktop.DBus.Error.Spawn.Refused"

/* The unit of the daemon in the user's service manager. The names are those of org.freedesktop.systemd1(5). A
 * string is "" if it is not known. */
typedef struct Unit {
        bool has_manager; /* systemd runs the services of this session */
        const char *load_state, *active_state, *sub_state, *file_state, *result;
        int32_t exec_status;
        uint32_t n_restarts;
        uint64_t changed_at, begun_at; /* CLOCK_MONOTONIC, in microseconds; begun: the last start */
        uint32_t job; /* the number of the job that waits or runs; 0 if there is none */
        sd_bus_message *message;

        /* What a call found out before. */
        bool was_given_up; /* DAEMON_CALL_GIVEN_UP */
        bool was_refused;  /* DAEMON_CALL_REFUSED */
} Unit;

#define UNIT_INIT                                                                                  \
        ((Unit){ .load_state = "",                                                                 \
                 .active_state = "",                                                               \
                 .sub_state = "",                                                                  \
                 .file_state = "",                                                                 \
                 .result = "" })

/* Reads the state of the unit. Without a manager *ret is UNIT_INIT. unit_done() ends it. */
void unit_read(sd_bus *bus, Unit *ret);
void unit_done(Unit *u);

/* Whether it cannot be started, or was started and failed. */
bool unit_is_broken(const Unit *u);
