/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Opens an address in the user's browser. The desktop does it (platform/portal): this process is shut in, and
 * a browser that it started would be, too. Nor may it be looked into, on which the portal insists; so what asks
 * the portal is a process of its own: our program once more, without our memory.
 */

#include <systemd/sd-event.h>

#include "common/util.h"

typedef struct Opener Opener;

/* What main() begins with. The exit status of a process that opener_open() has started; -1: this is none. */
int opener_main(int argc, char *argv[]);

/* SIGCHLD must be blocked in all threads. 0 or a negative errno. */
int opener_new(sd_event *event, Opener **ret);
Opener *opener_free(Opener *o);
DEFINE_CLEANUP(Opener *, opener_free)

/* Only a page of Yandex, see address_is_of_yandex(). Takes the place of the one before, where the portal still
 * asks the user how to open that. Where the portal is missing nothing happens, and nobody is told: the user has
 * to be shown the address as well. */
void opener_open(Opener *o, const char *url);
