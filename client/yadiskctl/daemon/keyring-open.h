/* SPDX-License-Identifier: MIT */
#pragma once

/* Having the keyring opened before it is needed. */

#include <stdbool.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/terminal/output.h"

/* Before anything is asked of the person that only an open keyring can keep: has it opened, for which it may
 * ask the person at a terminal. Says what is wrong otherwise. */
ExitStatus keyring_open(sd_bus *bus);

/* Has the daemon look at it, and ask the person to open it if may_prompt and somebody is there. 0 if it is
 * open, or a CONDITION_KEYRING_…; a negative errno if that is not known. */
int keyring_look(sd_bus *bus, bool may_prompt);
