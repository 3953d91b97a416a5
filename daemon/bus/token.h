/* SPDX-License-Identifier: MIT */
#pragma once

/* How the access token leaves the daemon: in a message that is flagged sensitive, or in a sealed memory
 * file, so that its bytes never pass the bus. */

#include "bus/operation.h"

/* The work of GetToken and GetTokenFD. */
int token_get(Operation *o, sd_bus_error *error);
int token_get_fd(Operation *o, sd_bus_error *error);
