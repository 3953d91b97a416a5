/* SPDX-License-Identifier: MIT */
#pragma once

/* Watching the connection that began something: what was begun ends with it. */

#include <systemd/sd-bus.h>

#include "common/util.h"

typedef struct Creator Creator;

/* From the loop, once: it has left the bus. May free the handle. */
typedef void (*CreatorGoneFn)(void *userdata);

/* name: its unique name; NULL on a connection without a bus, where nothing is to be watched. 0 or a
 * negative errno. */
int creator_new(sd_bus *bus, const char *name, CreatorGoneFn fn, void *userdata, Creator **ret);

/* Takes NULL, returns NULL. */
Creator *creator_free(Creator *c);
DEFINE_CLEANUP(Creator *, creator_free)

/* Whether the message was sent by it. */
bool creator_is_sender(const Creator *c, sd_bus_message *m);

/* NULL on a connection without a bus. */
const char *creator_name(const Creator *c);
