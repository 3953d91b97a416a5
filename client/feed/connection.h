/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The connections of programs. Each has ten seconds to say what it wants, however slowly it drips,
 * and as long again to take its answer; while it waits for us it has no deadline. When there are
 * too many, the one that has said nothing for the longest time makes room.
 *
 * A connection is ended by shutting its socket down: the HTTP library, which owns the descriptor,
 * then finds the end of it, and closes it.
 */

#include <systemd/sd-event.h>

#include "feed/socket-owner.h"

struct MHD_Connection;

typedef struct Connections Connections;
typedef struct Connection Connection;

/* resumed runs after a connection was resumed, and has the HTTP library run soon, but not at
 * once. */
int connections_new(sd_event *event, void (*resumed)(void *userdata), void *userdata,
                    Connections **ret);
Connections *connections_free(Connections *set);
DEFINE_CLEANUP(Connections *, connections_free)

size_t connections_count(const Connections *set);

/* Ends the one whose deadline is next. Returns false if there is none that has a deadline. */
bool connections_end_oldest(Connections *set);

/* fd stays the caller's. Returns 0, or a negative errno. */
int connection_new(Connections *set, int fd, const SocketOwner *peer, Connection **ret);
Connection *connection_free(Connection *c);
DEFINE_CLEANUP(Connection *, connection_free)

const SocketOwner *connection_peer(const Connection *c);

/* From now on the program waits for us, or we for the program. */
void connection_suspend(Connection *c, struct MHD_Connection *http);
void connection_resume(Connection *c);
