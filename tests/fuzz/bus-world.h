/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The bus face of the daemon on one end of a socket pair, and bytes on the other; behind it the
 * keeper in its faked world (keeper-rig.h), which is made anew for each input. Whatever comes back
 * is looked at: no byte of it may be of what stays with the daemon.
 */

#include "fuzz.h"
#include "keeper-rig.h"

/* Makes it, with an account and an application. If it does not greet, the bytes that are sent
 * begin with the greeting of D-Bus. */
void bus_world_begin(bool greet);
void bus_world_end(void);

/* Sends bytes, with a file descriptor beside them unless fd is negative; returns when nothing more
 * happens. */
void bus_world_send(const void *data, size_t size, int fd);

/* How often the call of that serial was answered. */
unsigned bus_world_answers(uint32_t serial);

/* Something happens in the world; n chooses what. */
void bus_world_change(uint8_t n);
