/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The token endpoint, as the systemd of the user has it: the socket unit yadisk-token-feed.socket.
 * The installed unit names no port. The first feed chooses one, which stays the same as long as
 * there are lasting feeds, since programs have it in their configurations.
 *
 * A function that returns false has described in *p why no program can be fed, and what to do. It
 * has said nothing.
 */

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/daemon/problem.h"

/* Finds the port of the endpoint, and starts its socket if that is not active. Fails if no port has
 * been chosen yet. */
bool endpoint_read(sd_bus *bus, uint16_t *ret_port, Problem *p);

/* Does the same, but chooses a port if there is none, and has the socket started at each login. */
bool endpoint_set_up(sd_bus *bus, uint16_t *ret_port, Problem *p);

/* Whether it could be set up. Changes nothing. */
bool endpoint_check(sd_bus *bus, Problem *p);

/* Whether a port has been chosen. */
bool endpoint_has_port(sd_bus *bus);

/* Whether its socket is started at each login. */
bool endpoint_is_enabled(sd_bus *bus);

/* If there are no feeds: stops the endpoint and frees its port, so that the next one is chosen
 * anew. */
void endpoint_take_down_unless_needed(sd_bus *bus);

/* Keeps other yadiskctl from changing the feeds and the endpoint, until the file descriptor is
 * closed. Without a runtime directory it is not opened, and there is no endpoint either. */
void endpoint_lock(int *ret_lock);
