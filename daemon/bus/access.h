/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Who may call what. The user's programs may call everything; programs in a sandbox may ask for
 * tokens, of those accounts whose user has allowed that. A process of which nothing is known is
 * taken for one in a sandbox.
 */

#include "bus/operation.h"
#include "keeper/account/account.h"

/* Returns 0, or what a D-Bus handler returns: AccessDenied. */
int access_check_call(const Sender *sender, sd_bus_message *m, sd_bus_error *error);
