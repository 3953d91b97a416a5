/* SPDX-License-Identifier: MIT */
#pragma once

/* Whether a process has a connection to the bus. The kernel is asked, through sock_diag(7). */

/* process: a directory of /proc. bus_fd: a connection of our own to the same bus. Returns 1 if a
 * descriptor of the process is such a connection; also 1 if that cannot be told: if the kernel
 * lacks sock_diag for UNIX sockets, if the process is in another network namespace, or if it has
 * so many files, or so many sockets are on the machine, that it takes longer than a moment.
 * Otherwise 0, or a negative errno. */
int bus_client_find(int process, int bus_fd);
