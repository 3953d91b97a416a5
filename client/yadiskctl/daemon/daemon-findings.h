/* SPDX-License-Identifier: MIT */
#pragma once

/* Whether the daemon answers on a bus, and why it does not. */

#include <limits.h>

#include "yadiskctl/daemon/unit.h"

typedef enum DaemonState {
        DAEMON_NOT_LOOKED_FOR,
        DAEMON_THERE,
        DAEMON_ABSENT,      /* nobody has the name, and the bus knows nobody to start */
        DAEMON_NOT_STARTED, /* an attempt was made */
        DAEMON_SILENT,
        DAEMON_FORBIDDEN, /* the bus does not let us speak to it */
        DAEMON_HIDDEN,    /* or does not even show it, if it is there */
        DAEMON_ODD,       /* it answers what we do not understand */
} DaemonState;

typedef struct DaemonFindings {
        DaemonState state;
        char *error;   /* what the bus said of it, or NULL */
        Unit unit;     /* as it is after the attempt to start it */
        uint32_t pid;  /* 0 if it is not known, or nobody has the name */
        char *program; /* the path of the one that belongs to this yadiskctl, or NULL */
} DaemonFindings;

#define DAEMON_FINDINGS_INIT ((DaemonFindings){ .unit = UNIT_INIT })

/* Finds out what a call came to. The error is what it ended with, unset if it was answered; filtered is
 * what bus_is_filtered() says. */
void daemon_findings_read(sd_bus *bus, bool filtered, const sd_bus_error *error,
                          DaemonFindings *ret);
void daemon_findings_done(DaemonFindings *f);

/* Says what is wrong, and what to do, if it does not answer. */
void daemon_findings_judge(const DaemonFindings *f, Trouble *t);

/* Says how to have it started anew; forcibly if it heeds nothing. */
void daemon_findings_advise_restart(const DaemonFindings *f, bool forcibly, Trouble *t);
