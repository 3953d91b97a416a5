/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Whether the machine has a network (GNetworkMonitor). It is a hint that now is a good moment to
 * try again, never a reason not to try, since a monitor can be wrong.
 */

#include <stdbool.h>

#include "common/util.h"

typedef struct Network Network;

/* Runs from the loop when the network came, went, or has another route. */
typedef void (*NetworkFn)(bool available, void *userdata);

int network_new(NetworkFn fn, void *userdata, Network **ret);
Network *network_free(Network *n);
DEFINE_CLEANUP(Network *, network_free)

bool network_is_available(const Network *n);
