/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The token endpoint on its socket: takes the connections of our user's programs, lets the HTTP
 * library read them, and ends the loop when no program has asked for anything for a while.
 */

#include <systemd/sd-event.h>

#include "common/util.h"

typedef struct Server Server;

/*
 * fd listens on an address of the loopback, and stays the caller's. The loop ends with
 * EXIT_STATUS_OK.
 *
 * Returns 0, or a negative errno: -EADDRNOTAVAIL if the address is none of 127.0.0.0/8,
 * -EPROTONOSUPPORT if the kernel does not tell who connects.
 */
int server_new(sd_event *event, int fd, Server **ret);

/* Takes no new connections, which wait for the next run, and ends the loop after the last answer;
 * at once if this is called again. */
void server_stop(Server *s);

/* Tells the programs that still wait that there was no token. */
Server *server_free(Server *s);
DEFINE_CLEANUP(Server *, server_free)
