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

/* Finds the account whose token a call asks for, as accounts_find() does, if the caller may have
 * it. A caller in a sandbox that may not have it gets AccessDenied, whatever accounts there are;
 * but first, if it has the interactive flag, the user is asked. Returns as an OperationFn does: if
 * it returns 0 with *ret NULL, the user is being asked, and fn runs again when he has allowed it. */
int access_find_account(Operation *o, const char *name, Account **ret, sd_bus_error *error);
