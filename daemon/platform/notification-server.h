/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The service that shows notifications on this desktop (org.freedesktop.Notifications): whether it is there,
 * and what it can do. It comes and goes. What it was asked to show goes with it, and the ids it gave mean
 * nothing to the next one. So it is addressed by its unique name, and signals of others are ignored.
 *
 * Source: Desktop Notifications Specification 1.2.
 */

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "common/util.h"

typedef struct NotificationServer NotificationServer;

/* All run from the loop. */
typedef struct NotificationServerEvents {
        void (*on_come)(void *userdata);
        void (*on_go)(void *userdata);
        /* A notification is no longer on the screen, whether the user, the server or we closed it. */
        void (*on_closed)(uint32_t id, void *userdata);
        void (*on_action)(uint32_t id, const char *action, void *userdata);
} NotificationServerEvents;

/* What the server is to show. Borrowed, plain text. */
typedef struct Notification {
        uint32_t replaces; /* an id, or 0 */
        const char *summary;
        const char *body;
        const char *action; /* NULL: no button */
        const char *action_label;
} Notification;

/* events must outlive the object. Returns 0, or -ENOMEM. */
int notification_server_new(sd_event *event, const NotificationServerEvents *events, void *userdata,
                            NotificationServer **ret);

/* Sends what is still queued. Returns NULL. */
NotificationServer *notification_server_free(NotificationServer *s);
DEFINE_CLEANUP(NotificationServer *, notification_server_free)

/* Looks for a server, and has the bus start one if it can. on_come runs when there is one, now or later. If
 * there never is one, nothing happens. */
void notification_server_seek(NotificationServer *s);

/* Whether there is a server, that is, between on_come and on_go. */
bool notification_server_is_there(const NotificationServer *s);

/* Whether the server shows buttons. */
bool notification_server_has_actions(const NotificationServer *s);

/* Only while the server is there. fn gets the answer, for notification_server_read_id(); dropping the slot
 * cancels it. Returns 0, or a negative errno. */
int notification_server_show(NotificationServer *s, const Notification *what,
                             sd_bus_message_handler_t fn, void *userdata, sd_bus_slot **ret);
void notification_server_close(NotificationServer *s, uint32_t id);

/* Returns 0, and then the id is not 0; or a negative errno if the server did not show the notification. */
int notification_server_read_id(sd_bus_message *answer, uint32_t *ret);
