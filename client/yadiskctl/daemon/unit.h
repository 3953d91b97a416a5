/* SPDX-License-Identifier: MIT */
#pragma once

/* The unit of the daemon, as the service manager of the user sees it. */

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/daemon/trouble.h"

/* The names are those of org.freedesktop.systemd1(5). Strings are "" if they are not known. */
typedef struct Unit {
        bool has_manager; /* the services of this session are run by systemd */
        const char *load_state, *active_state, *sub_state, *file_state, *result;
        int32_t exec_status;
        uint32_t n_restarts;
        uint64_t changed_at, begun_at; /* CLOCK_MONOTONIC, in microseconds; begun: the last start */
        uint32_t job; /* the number of the one that waits or runs; 0 if there is none */
        sd_bus_message *message;

        /* What was seen of it before (daemon-call.h). */
        bool was_given_up; /* it has failed, once or time and again */
        bool was_refused;  /* the manager does not start it, as it was started too often */
} Unit;

#define UNIT_INIT                                                                                  \
        ((Unit){ .load_state = "",                                                                 \
                 .active_state = "",                                                               \
                 .sub_state = "",                                                                  \
                 .file_state = "",                                                                 \
                 .result = "" })

/* *ret becomes what it is now, to be ended with unit_done(); without a manager it is UNIT_INIT. */
void unit_read(sd_bus *bus, Unit *ret);
void unit_done(Unit *u);

/* Starts it, as a call to the daemon does. 0 or a negative errno. */
int unit_start(sd_bus *bus);

/* Whether it cannot be started, or has been and failed. */
bool unit_is_broken(const Unit *u);

/* Says why and what to do, of one that is broken. */
void unit_judge(const Unit *u, Trouble *t);
