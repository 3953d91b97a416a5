/* SPDX-License-Identifier: MIT */
#pragma once

/* Where nobody is signed in: what comes next depends on whether an application is kept already. */

#include <systemd/sd-bus.h>

#include "yadiskctl/daemon/trouble.h"

typedef enum NobodyYet {
        NOBODY_UNKNOWN,
        NOBODY_WITHOUT_APPLICATION,
        NOBODY_WITH_APPLICATION,
} NobodyYet;

/* Asks the daemon, which is there. */
NobodyYet nobody_find(sd_bus *bus);

/* Says that nobody is signed in, and what to do. */
void nobody_judge(NobodyYet n, Trouble *t);
