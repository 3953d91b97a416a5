/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What is said to the service manager, see sd_notify(3). That waits where the queue of the manager is full;
 * nothing here does. Without a service manager nothing is said, and that is no error. There is one for the
 * process, so there is no object.
 */

#include <systemd/sd-event.h>

/* From here on what waits is sent from the loop. */
void service_manager_open(sd_event *event);

/* What could not be sent is forgotten. */
void service_manager_close(void);

/* In order, now or as soon as there is room. 0 or a negative errno. */
int service_manager_tell(const char *message);

/* With a descriptor, now or not at all: from here on the kernel holds the file, even if we die next. 0 or a
 * negative errno; -EAGAIN where there is no room. */
int service_manager_hand_over(const char *message, int fd);
