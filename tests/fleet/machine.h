/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One machine with one sign-in, from the sign-in to the end of the world. Machines know nothing of
 * each other, so they are simulated one after the other, each from event to event; what they have
 * in common is the traffic they make.
 */

#include <stdbool.h>
#include <stdint.h>

#include "power.h"
#include "traffic.h"
#include "world.h"

/* How it went. */
typedef struct MachineLife {
        Habit habit;
        int64_t longest_off; /* seconds, between the sign-in and its death or the end */
        int64_t n_renewed;   /* since the start of the world */
        int64_t n_failed;    /* likewise: requests that met an outage */
        int64_t n_hasty;     /* requests on a day on which one had moved nothing already */
        bool died;           /* the grant ended unrenewed */
} MachineLife;

/* 0 or a negative errno. */
int machine_live(const World *world, uint64_t number, Traffic *traffic, MachineLife *ret);
