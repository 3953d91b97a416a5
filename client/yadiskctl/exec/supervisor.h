/* SPDX-License-Identifier: MIT */
#pragma once

/* Runs a program, and ends and starts it again whenever the token that it was given was renewed. */

#include "yadiskctl/exec/program.h"

/*
 * p has the token. Returns when the program ended by itself: with its exit status or, if a signal
 * has ended it, by way of the same signal.
 */
ExitStatus supervise(sd_bus *bus, Program *p);
