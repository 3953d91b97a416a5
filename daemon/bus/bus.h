/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Our place on the session bus: the connection, the names, the objects, and the signals that tell
 * what changed. First we ask for a name that makes us the only daemon; when we have it, the keyring
 * is read; and only then we ask for the name by which clients know us. A call that starts the
 * daemon is delivered before the bus says that the name is ours, so by then everything must be
 * known.
 */

#include <systemd/sd-bus.h>

#include "keeper/keeper.h"
#include "platform/config.h"

typedef struct Bus Bus;

/* Runs once, from the loop: the accounts are known, and from now on calls are answered. */
typedef void (*BusReadyFn)(void *userdata);

/* Connects and asks for the names; starts the keeper in between. If another daemon has one of them,
 * the loop exits with status 1; if the connection ends, the keeper is stopped first, and then the
 * loop exits so, too. The configuration and the keeper, whose loop is used, must outlive the bus.
 * Returns 0 or a negative errno. */
int bus_new(const Config *config, Keeper *keeper, BusReadyFn on_ready, void *userdata, Bus **ret);

/* For tests: serves on a connection that is there already, without names. */
int bus_new_on(sd_bus *connection, const Config *config, Keeper *keeper, Bus **ret);

/* Answers Cancelled to all calls that are not answered, and closes the connection. Returns NULL. */
Bus *bus_free(Bus *b);
DEFINE_CLEANUP(Bus *, bus_free)
