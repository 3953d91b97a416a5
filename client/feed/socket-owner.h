/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Finds out whose a socket of this machine is. The kernel tells (sock_diag(7)), so no program can
 * lie about it, but root can.
 */

#include <netinet/in.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/util.h"

typedef struct SocketOwner {
        uid_t uid;
        uint32_t inode; /* not 0 */
} SocketOwner;

/* Finds the socket that is bound to one address and connected to the other. Returns 0, or a
 * negative errno: -ENOENT if no process has such a socket any more. */
int socket_owner_find(const struct sockaddr_in *bound, const struct sockaddr_in *connected,
                      SocketOwner *ret);

/* Finds the socket that listens at an address. Returns the same. */
int socket_owner_find_listener(const struct sockaddr_in *bound, SocketOwner *ret);

/* Finds a process of our user that has the socket, and its executable, which may be NULL; the
 * caller frees it. This reads all of /proc, and is a hint: the process may pass the socket on, or
 * end. Returns whether there is one. */
bool socket_owner_find_process(const SocketOwner *o, pid_t *ret_pid, char **ret_executable);
