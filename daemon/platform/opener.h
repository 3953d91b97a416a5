/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Opens an address in the user's browser. The desktop does it (org.freedesktop.portal.OpenURI): this
 * process is shut in, and a browser that it started would be, too.
 */

#include <systemd/sd-event.h>

#include "common/util.h"

typedef struct Opener Opener;

/* Connects to the bus when there is something to open. 0 or a negative errno. */
int opener_new(sd_event *event, Opener **ret);
Opener *opener_free(Opener *o);
DEFINE_CLEANUP(Opener *, opener_free)

/* Only a page of Yandex, see address_is_of_yandex(). Where that or the portal is missing nothing happens,
 * and nobody is told: the user has to be shown the address as well. */
void opener_open(Opener *o, const char *url);
