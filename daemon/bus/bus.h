/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Our place on the session bus: the connection, the names, the objects, and the signals that tell what
 * changed. One name makes us the only daemon; then the keyring is read; only then the name is asked for
 * by which clients know us. A call that starts the daemon is delivered before the bus answers that it
 * is ours, so everything has to be known by then.
 */

#include <systemd/sd-bus.h>

#include "bus/operations.h"
#include "keeper/keeper.h"

typedef struct Bus Bus;
typedef struct Requests Requests;

/* From the loop: the accounts are known and calls are answered from now on. */
typedef void (*BusReadyFn)(void *userdata);

/* Connects and asks for the names; starts the keeper in between. Where one is somebody else's, and, once the
 * keeper has stopped, where the connection ends, the loop is told to exit with status 1. 0 or a negative
 * errno. */
int bus_new(sd_event *event, Keeper *keeper, BusReadyFn on_ready, void *userdata, Bus **ret);

/* The same on a connection that is there already, without a name, and ready at once: for tests. */
int bus_new_on(sd_bus *connection, Keeper *keeper, Bus **ret);

/* Answers Cancelled to what is still under way, and closes. Returns NULL. */
Bus *bus_free(Bus *b);
DEFINE_CLEANUP(Bus *, bus_free)

/* The parts, for the objects. */
sd_bus *bus_connection(const Bus *b);
World *bus_world(const Bus *b);
Operations *bus_operations(const Bus *b);
Requests *bus_requests(const Bus *b);
