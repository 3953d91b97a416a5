/* SPDX-License-Identifier: MIT */
#pragma once

/* The work of the two methods called Diagnose: the Manager's looks at the network and the clock, an
 * account's at what Yandex says of it. */

#include "bus/operation.h"

int diagnose_network(Operation *o, sd_bus_error *error);
int diagnose_account(Operation *o, sd_bus_error *error);
