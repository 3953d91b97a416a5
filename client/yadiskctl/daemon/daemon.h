/* SPDX-License-Identifier: MIT */
#pragma once

/* Calls to the daemon that start it, and that end if it cannot be started: not every bus learns
 * that what it asked systemd to start has failed, and then it keeps its callers waiting. Also the
 * state of the daemon's unit, and the reason why a daemon does not answer. */

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/daemon/problem.h"

#define UNIT_NAME "yadisk-tokend.service"

/* Sends a call and waits for the reply, as sd_bus_call() does. If it turns out that the daemon
 * cannot be started, fails with an error of one of the names below. ret may be NULL. */
int daemon_call(sd_bus *bus, sd_bus_message *call, sd_bus_error *error, sd_bus_message **ret);

/* If our memory is hidden, and the daemon is not the one that has answered daemon_call() last:
 * shows the memory while the daemon looks at us, see common/harden.h. daemon_call() does so by
 * itself. */
void daemon_meet(sd_bus *bus);

/* The unit is broken, or has failed. */
#define DAEMON_CALL_GIVEN_UP "org.freedesktop.DBus.Error.Spawn.GivenUp"

/* systemd does not even try to start the unit: it has failed too often, one of its conditions is
 * not met, or a unit that it needs is missing or fails. */
#define DAEMON_CALL_REFUSED "org.freedesktop.DBus.Error.Spawn.Refused"

/* The unit of the daemon in the user's service manager. The names are its own. A string is "" if it
 * is not known. */
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

/* Has a unit start with each session of the user, as "systemctl --user enable" does. */
int unit_enable(sd_bus *bus, const char *name);

typedef enum DaemonState {
        DAEMON_NOT_LOOKED_FOR,
        DAEMON_THERE,
        DAEMON_ABSENT,      /* it does not run, and the bus does not know how to start it */
        DAEMON_NOT_STARTED, /* the bus tried to start it */
        DAEMON_SILENT,
        DAEMON_FORBIDDEN, /* the bus does not let us call it */
        DAEMON_HIDDEN,    /* the bus would not show it to us */
        DAEMON_SANDBOXED, /* it takes us for a program in a sandbox */
        DAEMON_ODD,       /* we do not understand its answer */
} DaemonState;

typedef struct DaemonFindings {
        DaemonState state;
        char *error;   /* what the bus said, or NULL */
        Unit unit;     /* after the attempt to start it */
        uint32_t pid;  /* 0 if it does not run, or if that is not known */
        char *program; /* the path of the daemon that belongs to this yadiskctl, or NULL */
} DaemonFindings;

#define DAEMON_FINDINGS_INIT ((DaemonFindings){ .unit = UNIT_INIT })

/* Finds out why a call failed. error is what it failed with, not set if it was answered; filtered
 * is what bus_is_filtered() says. daemon_findings_done() ends *ret. */
void daemon_findings_read(sd_bus *bus, bool filtered, const sd_bus_error *error,
                          DaemonFindings *ret);
void daemon_findings_done(DaemonFindings *f);

/* If the daemon does not answer: describes what is wrong, and what to do. */
void daemon_findings_judge(const DaemonFindings *f, Problem *p);

/* If the unit is broken: describes why, and what to do. */
void unit_judge(const Unit *u, Problem *p);

/* Advises how to restart it; forcibly if it reacts to nothing. */
void daemon_findings_advise_restart(const DaemonFindings *f, bool forcibly, Problem *p);

/* The path of a program of ours that is installed in libexec, or that has been built beside this
 * one; or NULL. The caller frees it. */
char *program_find(const char *name);

/* The configuration file that a daemon with our environment reads (yadisk-tokend.conf(5)), or NULL
 * if there is none. Static. */
const char *configuration_path(void);
