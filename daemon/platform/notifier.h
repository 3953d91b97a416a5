/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Desktop notifications (org.freedesktop.Notifications): one per tag, shown once, withdrawn when cured.
 * Where nobody shows them nothing happens, and nobody is told of that.
 */

#include <systemd/sd-event.h>

#include "common/util.h"

typedef struct Notifier Notifier;

/* Connects to the bus when the first notification is to be shown. 0 or a negative errno. */
int notifier_new(sd_event *event, Notifier **ret);

/* Leaves what is shown on the screen. Returns NULL. */
Notifier *notifier_free(Notifier *n);
DEFINE_CLEANUP(Notifier *, notifier_free)

/* Shows one, unless the tag is shown already, or was and the user closed it. body is plain text: markup
 * in it is shown as it is. */
void notifier_show(Notifier *n, const char *tag, const char *summary, const char *body);

/* Takes it off the screen, and lets the tag be shown again. */
void notifier_withdraw(Notifier *n, const char *tag);
