/* SPDX-License-Identifier: MIT */

#include "platform/notification-server.h"

#include <stdio.h>

#include "common/i18n.h"
#include "platform/bus-peer.h"

#define BUS       "org.freedesktop.DBus"
#define BUS_PATH  "/org/freedesktop/DBus"
#define SERVICE   "org.freedesktop.Notifications"
#define PATH      "/org/freedesktop/Notifications"
#define ICON      "dialog-password"
#define NO_EXPIRY 0

/* Urgency "critical": it stays until the user has dealt with it. */
#define URGENCY_CRITICAL 2

/* A server may be slow while the desktop comes up; if it ends instead, the bus says so. */
#define PATIENCE UINT64_MAX

#define SIGNAL_RULE "type='signal',sender='" SERVICE "',path='" PATH "',interface='" SERVICE "'"

struct NotificationServer {
        const NotificationServerEvents *events;
        void *userdata;
        sd_event *event;
        sd_bus *bus; /* NULL until first needed */
        BusPeer *peer;
        sd_bus_slot *call; /* asks what the server can do */

        char *owner; /* unique name; NULL: the server is not there */
        bool has_actions;
        bool has_markup;
};

int notification_server_new(sd_event *event, const NotificationServerEvents *events, void *userdata,
                            NotificationServer **ret) {
        NotificationServer *s;

        s = malloc(sizeof(NotificationServer));
        if (!s)
                return -ENOMEM;

        *s = (NotificationServer){
                .events = events,
                .userdata = userdata,
                .event = sd_event_ref(event),
        };
        *ret = s;
        return 0;
}

NotificationServer *notification_server_free(NotificationServer *s) {
        if (!s)
                return NULL;

        sd_bus_slot_unref(s->call);
        bus_peer_free(s->peer);
        sd_bus_flush_close_unref(s->bus);
        sd_event_unref(s->event);
        free(s->owner);
        free(s);
        return NULL;
}

static void notification_server_read_capabilities(NotificationServer *s, sd_bus_message *m) {
        const char *capability;

        s->has_actions = s->has_markup = false;
        if (sd_bus_message_is_method_error(m, NULL) ||
            sd_bus_message_enter_container(m, 'a', "s") < 0)
                return;

        while (sd_bus_message_read(m, "s", &capability) > 0)
                if (streq(capability, "actions"))
                        s->has_actions = true;
                else if (streq(capability, "body-markup"))
                        s->has_markup = true;
}

/* An error of the server is an answer, too; an error of the bus means that the server has gone. */
static int notification_server_on_capabilities(sd_bus_message *m, void *userdata,
                                               sd_bus_error *error) {
        NotificationServer *s = userdata;
        const char *sender = sd_bus_message_get_sender(m);

        s->call = sd_bus_slot_unref(s->call);
        if (!sender || sender[0] != ':')
                return 0;

        notification_server_read_capabilities(s, m);
        if (str_replace(&s->owner, sender) == 0)
                s->events->on_come(s->userdata);
        return 0;
}

static void notification_server_on_owner(const char *owner, void *userdata) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        NotificationServer *s = userdata;

        s->call = sd_bus_slot_unref(s->call);
        if (s->owner) {
                free(TAKE_PTR(s->owner));
                s->events->on_go(s->userdata);
        }
        if (owner && sd_bus_message_new_method_call(s->bus, &m, owner, PATH, SERVICE,
                                                    "GetCapabilities") >= 0)
                (void) sd_bus_call_async(s->bus, &s->call, m, notification_server_on_capabilities,
                                         s, PATIENCE);
}

/* A match on a well-known name lets signals of every sender through if they are sent to us alone. */
static int notification_server_on_signal(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        NotificationServer *s = userdata;
        const char *action;
        uint32_t id, reason;

        if (!streq(sd_bus_message_get_sender(m), s->owner))
                return 0;

        if (sd_bus_message_is_signal(m, SERVICE, "ActionInvoked") > 0) {
                if (sd_bus_message_read(m, "us", &id, &action) > 0)
                        s->events->on_action(id, action, s->userdata);
        } else if (sd_bus_message_is_signal(m, SERVICE, "NotificationClosed") > 0) {
                if (sd_bus_message_read(m, "uu", &id, &reason) > 0)
                        s->events->on_closed(id, s->userdata);
        }
        return 0;
}

/* Once: when the session bus ends, the daemon ends as well. */
static int notification_server_connect(NotificationServer *s) {
        _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
        int r;

        if (s->bus)
                return 0;

        r = sd_bus_open_user_with_description(&bus, "notifications");
        if (r >= 0)
                r = sd_bus_attach_event(bus, s->event, SD_EVENT_PRIORITY_IDLE);
        if (r >= 0)
                r = sd_bus_add_match_async(bus, NULL, SIGNAL_RULE, notification_server_on_signal,
                                           NULL, s);
        if (r >= 0)
                r = bus_peer_new(bus, SERVICE, notification_server_on_owner, s, &s->peer);
        if (r < 0)
                return r;

        s->bus = TAKE_PTR(bus);
        return 0;
}

void notification_server_seek(NotificationServer *s) {
        if (s->owner || s->call || notification_server_connect(s) < 0)
                return;

        (void) sd_bus_call_method_async(s->bus, NULL, BUS, BUS_PATH, BUS, "StartServiceByName",
                                        NULL, NULL, "su", SERVICE, 0);
}

bool notification_server_is_there(const NotificationServer *s) {
        return s->owner;
}

bool notification_server_has_actions(const NotificationServer *s) {
        return s->has_actions;
}

/* For a server that takes the body for markup. The caller frees. */
static char *notification_escape(const char *text) {
        size_t size = 0;
        FILE *out;
        char *s;

        out = open_memstream(&s, &size);
        if (!out)
                return NULL;

        for (; *text; text++)
                if (*text == '&')
                        fputs("&amp;", out);
                else if (*text == '<')
                        fputs("&lt;", out);
                else if (*text == '>')
                        fputs("&gt;", out);
                else
                        fputc(*text, out);

        if (fclose(out) != 0) {
                free(s);
                return NULL;
        }
        return s;
}

int notification_server_show(NotificationServer *s, const Notification *what,
                             sd_bus_message_handler_t fn, void *userdata, sd_bus_slot **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_free_ char *body = NULL;
        int r;

        body = s->has_markup ? notification_escape(what->body) : strdup(what->body);
        if (!body)
                return -ENOMEM;

        r = sd_bus_message_new_method_call(s->bus, &m, s->owner, PATH, SERVICE, "Notify");
        if (r >= 0)
                r = sd_bus_message_append(m, "susss", _("Yandex Disk tokens"), what->replaces, ICON,
                                          what->summary, body);
        if (r >= 0)
                r = what->action
                            ? sd_bus_message_append(m, "as", 2, what->action, what->action_label)
                            : sd_bus_message_append(m, "as", 0);
        /* Resident: it stays when its button was pressed, since it will say what comes next. */
        if (r >= 0)
                r = sd_bus_message_append(m, "a{sv}", 2, "urgency", "y", URGENCY_CRITICAL,
                                          "resident", "b", what->action != NULL);
        if (r >= 0)
                r = sd_bus_message_append(m, "i", (int32_t) NO_EXPIRY);
        if (r >= 0)
                r = sd_bus_call_async(s->bus, ret, m, fn, userdata, PATIENCE);
        return MIN_OF(r, 0);
}

void notification_server_close(NotificationServer *s, uint32_t id) {
        (void) sd_bus_call_method_async(s->bus, NULL, s->owner, PATH, SERVICE, "CloseNotification",
                                        NULL, NULL, "u", id);
}

int notification_server_read_id(sd_bus_message *answer, uint32_t *ret) {
        uint32_t id;
        int r;

        if (sd_bus_message_is_method_error(answer, NULL))
                return -sd_bus_message_get_errno(answer);

        r = sd_bus_message_read(answer, "u", &id);
        if (r < 0)
                return r;
        if (id == 0)
                return -EBADMSG;

        *ret = id;
        return 0;
}
