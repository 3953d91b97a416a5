/* SPDX-License-Identifier: MIT */
#pragma once

/* A name on the bus, and the connection that owns it: found, and watched as it comes and goes. */

#include <systemd/sd-bus.h>

#include "common/util.h"

typedef struct BusPeer BusPeer;

/* Runs from the loop: first with the present owner, then whenever the owner changes. owner: the
 * unique name of the connection, or NULL if there is none. May free the peer. */
typedef void (*BusPeerFn)(const char *owner, void *userdata);

/* Watches a name, a well-known or a unique one. The connection must be attached to a loop. Returns
 * 0, or a negative errno. */
int bus_peer_new(sd_bus *bus, const char *name, BusPeerFn fn, void *userdata, BusPeer **ret);

/* Takes NULL, returns NULL. */
BusPeer *bus_peer_free(BusPeer *p);
DEFINE_CLEANUP(BusPeer *, bus_peer_free)
