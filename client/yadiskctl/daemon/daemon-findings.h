/* SPDX-License-Identifier: MIT */
#pragma once

/* Whether the daemon answers on a bus and, if not, why. */

#include "yadiskctl/daemon/daemon-call.h"
#include "yadiskctl/daemon/problem.h"

typedef enum DaemonState {
        DAEMON_NOT_LOOKED_FOR,
        DAEMON_THERE,
        DAEMON_ABSENT,      /* it does not run, and the bus does not know how to start it */
        DAEMON_NOT_STARTED, /* the bus tried to start it */
        DAEMON_SILENT,
        DAEMON_FORBIDDEN, /* the bus does not let us call it */
        DAEMON_HIDDEN,    /* the bus would not show it to us */
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

/* Finds out why a call failed. error is what it failed with, not set if it was answered; filtered is what
 * bus_is_filtered() says. daemon_findings_done() ends *ret. */
void daemon_findings_read(sd_bus *bus, bool filtered, const sd_bus_error *error,
                          DaemonFindings *ret);
void daemon_findings_done(DaemonFindings *f);

/* If the daemon does not answer: describes what is wrong, and what to do. */
void daemon_findings_judge(const DaemonFindings *f, Problem *p);

/* If the unit is broken: describes why, and what to do. */
void unit_judge(const Unit *u, Problem *p);

/* Advises how to restart it; forcibly if it reacts to nothing. */
void daemon_findings_advise_restart(const DaemonFindings *f, bool forcibly, Problem *p);

/* The configuration file that a daemon with our environment reads (yadisk-tokend.conf(5)), or NULL if there
 * is none. Static. */
const char *configuration_path(void);
