/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the objects on the bus share. bus.c fills it in and stands above the objects, which know the context
 * and not the bus.
 */

#include <stdint.h>
#include <sys/queue.h>
#include <systemd/sd-bus.h>

#include "keeper/world.h"

typedef struct BusContext {
        sd_bus *connection;
        World *world;

        LIST_HEAD(, Operation) operations;
        unsigned n_operations;

        LIST_HEAD(, Request) requests;
        uint64_t n_requests_made; /* each has its number in its path */
} BusContext;
