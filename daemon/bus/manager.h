/* SPDX-License-Identifier: MIT */
#pragma once

/* The Manager object: tokens, sign-ins, applications. */

#include "bus/bus.h"

int manager_register(Bus *b);
void manager_announce(Bus *b, KeeperChange changes);
