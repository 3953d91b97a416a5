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

/* Stops the endpoint and frees its port, so that the next one is chosen anew. */
bool endpoint_take_down(sd_bus *bus, Problem *p);
