/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Opens a page in the user's browser, by a transient unit of the user's service manager
 * (systemd.service(5), org.freedesktop.systemd1(5)). Our own process cannot do it: a browser that
 * it started would be shut in our sandbox, and the portal of the desktop refuses a process that it
 * may not look into, as ours is.
 */

#include <systemd/sd-event.h>

#include "common/util.h"

typedef struct Opener Opener;

/* Connects to the bus when the first page is to be opened. Returns 0, or -ENOMEM. */
int opener_new(sd_event *event, Opener **ret);
Opener *opener_free(Opener *o);
DEFINE_CLEANUP(Opener *, opener_free)

/* Opens a page of Yandex, see address_may_be_opened(), and no other. Returns at once, and tells no
 * errors: if there is no service manager or no browser, nothing happens. So the address has to be
 * shown as well. */
void opener_open(Opener *o, const char *url);
