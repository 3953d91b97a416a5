/* SPDX-License-Identifier: MIT */
#pragma once

/* The object of the interface Manager: tokens, sign-ins, applications, and the keyring. */

#include "bus/operation.h"
#include "keeper/keeper.h"

/* Returns 0 or a negative errno. The context must outlive the connection. */
int manager_register(BusContext *context);

/* Emits the signal that tells of changes. */
void manager_announce(BusContext *context, KeeperChange changes);
