/* SPDX-License-Identifier: MIT */
#pragma once

/* Whether a process has a connection to the bus. The kernel is asked, through sock_diag(7). */

/* process: a directory of /proc. bus_fd: a connection of our own to the same bus. Returns 1 if one
 * of the first few hundred sockets of the process is such a connection, 0 if none is, or a negative
 * errno if that cannot be found out. */
int bus_client_find(int process, int bus_fd);
