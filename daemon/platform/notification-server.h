/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The service that shows notifications on this desktop (org.freedesktop.Notifications): who it is, and
 * what it can do. It comes and goes. What it was asked to show goes with it, and the ids it gave mean
 * nothing to the next one; so it is spoken to by its unique name, and nobody else is listened to.
 */

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "common/util.h"

typedef struct NotificationServer NotificationServer;

/* All run from the loop. */
typedef struct NotificationServerEvents {
        void (*on_come)(void *userdata);
        void (*on_go)(void *userdata);
        /* On the screen no longer, whoever took it off. */
        void (*on_closed)(uint32_t id, void *userdata);
        void (*on_action)(uint32_t id, const char *action, void *userdata);
} NotificationServerEvents;

/* What it is to show. Borrowed, plain text. */
typedef struct Notification {
        uint32_t replaces; /* an id, or 0 */
        const char *summary;
        const char *body;
        const char *action; /* NULL: there is nothing to press */
        const char *action_label;
} Notification;

/* events must outlive it. 0 or a negative errno. */
int notification_server_new(sd_event *event, const NotificationServerEvents *events, void *userdata,
                            NotificationServer **ret);

/* What was said to it before is on its way. Returns NULL. */
NotificationServer *notification_server_free(NotificationServer *s);
DEFINE_CLEANUP(NotificationServer *, notification_server_free)

/* Looks for one, and has the bus start one where it can; on_come runs when there is one, now or later.
 * Where there will never be one nothing happens. */
void notification_server_seek(NotificationServer *s);

/* Between on_come and on_go. */
bool notification_server_is_there(const NotificationServer *s);

/* Whether it shows what can be pressed. */
bool notification_server_has_actions(const NotificationServer *s);

/* While it is there. fn gets the answer, which notification_server_read_id() reads. 0 or a negative errno. */
int notification_server_show(NotificationServer *s, const Notification *what,
                             sd_bus_message_handler_t fn, void *userdata, sd_bus_slot **ret);
void notification_server_close(NotificationServer *s, uint32_t id);

/* Never 0 on success; a negative errno where it was not shown. */
int notification_server_read_id(sd_bus_message *answer, uint32_t *ret);
