/* SPDX-License-Identifier: MIT */
#pragma once

/* Ports of 127.0.0.1: one that is free, and who has one that is not. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/util.h"

/* Where a port is looked for: above what services have by custom, and below the ports that the
 * kernel gives to those who ask for any. */
#define PORT_FIRST 20000U
#define PORT_LAST  32767U

/* Finds a port that nobody has, another one each time. Returns 0 or a negative errno. */
int port_choose(uint16_t *ret);

/* Finds the user who listens on a port. False if nobody does, or if we may not know. */
bool port_find_owner(uint16_t port, uid_t *ret);
