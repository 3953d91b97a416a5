/* SPDX-License-Identifier: MIT */

/*
 * The service that shows notifications (org.freedesktop.Notifications; Desktop Notifications
 * Specification 1.2) comes and goes. What it was asked to show goes with it, and the ids it gave
 * mean nothing to the next one. So it is addressed by its unique name, and signals of others are
 * ignored.
 */

#include "platform/notifier.h"

#include <glib.h>
#include <sys/queue.h>
#include <systemd/sd-bus.h>

#include "common/i18n.h"
#include "common/names.h"
#include "platform/bus-peer.h"

#define SERVICE   "org.freedesktop.Notifications"
#define PATH      "/org/freedesktop/Notifications"
#define ICON      "dialog-password"
#define NO_EXPIRY 0

/* The keys of the actions. */
#define ACTION "act"
#define DENIAL "deny"

/* Urgency "critical": it stays until the user has dealt with it. */
#define URGENCY_CRITICAL 2

/* A server may be slow while the desktop comes up; if it ends instead, the bus says so. */
#define PATIENCE UINT64_MAX

#define SIGNAL_RULE "type='signal',sender='" SERVICE "',path='" PATH "',interface='" SERVICE "'"

/*
 *     unseen ──server there──▶ sending ──answer──▶ shown ──closed──▶ closed
 *       ▲                       │ ▲                │ │                │
 *       ├─────server gone───────┘ └────changed─────┘─┼────────────────┘
 *       └─────server gone────────────────────────────┘
 */
typedef enum CardState {
        CARD_UNSEEN,
        CARD_SENDING,
        CARD_SHOWN,
        CARD_CLOSED,
} CardState;

/* A note that was asked for, with copies of its words: a later server may be able to show more or
 * less of it. */
typedef struct Card {
        TAILQ_ENTRY(Card) entry;
        Notifier *notifier;
        char *tag;
        char *summary;
        char *body;
        char *action;
        char *command;
        char *denial;
        CardState state;
        uint32_t id;       /* on the screen; 0: none */
        sd_bus_slot *slot; /* the call that shows it */
        bool changed;      /* while it was being sent: send it again */
        bool withdrawn;    /* while it was being sent: close it when the id is known */
} Card;

struct Notifier {
        NotifierFn fn;
        void *userdata;
        TAILQ_HEAD(, Card) cards; /* the oldest first */

        sd_event *event;
        sd_event_source *last;
        sd_bus *bus; /* NULL until first needed */
        BusPeer *peer;
        sd_bus_slot *call; /* asks what the server can do */

        char *owner; /* unique name of the server; NULL: it is not there */
        bool has_actions;
        bool has_markup;
};

static Card *card_free(Card *c) {
        sd_bus_slot_unref(c->slot);
        free(c->denial);
        free(c->command);
        free(c->action);
        free(c->body);
        free(c->summary);
        free(c->tag);
        free(c);
        return NULL;
}

DEFINE_CLEANUP(Card *, card_free)

static void card_remove(Card *c) {
        TAILQ_REMOVE(&c->notifier->cards, c, entry);
        card_free(c);
}

static int card_set(Card *c, const Note *note) {
        int r;

        r = str_replace(&c->summary, note->summary);
        if (r == 0)
                r = str_replace(&c->body, note->body);
        if (r == 0)
                r = str_replace(&c->action, note->action);
        if (r == 0)
                r = str_replace(&c->command, note->command);
        if (r == 0)
                r = str_replace(&c->denial, note->denial);
        return r;
}

static int card_new(Notifier *n, const char *tag, const Note *note, Card **ret) {
        _cleanup_(card_freep) Card *c = NULL;
        int r;

        c = malloc(sizeof(Card));
        if (!c)
                return -ENOMEM;

        *c = (Card){ .notifier = n };
        r = str_replace(&c->tag, tag);
        if (r == 0)
                r = card_set(c, note);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(c);
        return 0;
}

static void card_close(Card *c) {
        Notifier *n = c->notifier;

        if (c->id > 0)
                (void) sd_bus_call_method_async(n->bus, NULL, n->owner, PATH, SERVICE,
                                                "CloseNotification", NULL, NULL, "u", c->id);
        c->id = 0;
}

static void card_send(Card *c);

/* A server that gives no id did not show it. */
static int card_on_sent(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Card *c = userdata;
        uint32_t id = 0;

        c->slot = sd_bus_slot_unref(c->slot);
        c->state = CARD_UNSEEN;
        if (!sd_bus_message_is_method_error(m, NULL) && sd_bus_message_read(m, "u", &id) > 0 &&
            id > 0) {
                c->id = id;
                c->state = CARD_SHOWN;
        }

        if (c->withdrawn) {
                card_close(c);
                card_remove(c);
        } else if (c->changed)
                card_send(c);
        return 0;
}

static bool card_has_button(const Card *c) {
        return c->action && c->notifier->has_actions;
}

/* The body tells of the command even if there is a button: some servers have actions, but show
 * nothing that can be pressed. */
static char *card_body(const Card *c) {
        GString *body = g_string_new(c->body);

        if (c->command)
                g_string_append_printf(body, " %s", c->command);
        if (c->notifier->has_markup) {
                g_string_replace(body, "&", "&amp;", 0);
                g_string_replace(body, "<", "&lt;", 0);
                g_string_replace(body, ">", "&gt;", 0);
        }
        return g_string_free(body, FALSE);
}

static int card_append_buttons(const Card *c, sd_bus_message *m) {
        int r;

        r = sd_bus_message_open_container(m, SD_BUS_TYPE_ARRAY, "s");
        if (r >= 0 && card_has_button(c))
                r = sd_bus_message_append(m, "ss", ACTION, c->action);
        if (r >= 0 && card_has_button(c) && c->denial)
                r = sd_bus_message_append(m, "ss", DENIAL, c->denial);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int card_show(Card *c) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        g_autofree char *body = card_body(c);
        Notifier *n = c->notifier;
        int r;

        r = sd_bus_message_new_method_call(n->bus, &m, n->owner, PATH, SERVICE, "Notify");
        if (r >= 0)
                r = sd_bus_message_append(m, "susss", _("Yandex Disk tokens"), c->id, ICON,
                                          c->summary, body);
        if (r >= 0)
                r = card_append_buttons(c, m);
        /* Resident: it stays when its button was pressed, since it will say what comes next. */
        if (r >= 0)
                r = sd_bus_message_append(m, "a{sv}i", 2, "urgency", "y", URGENCY_CRITICAL,
                                          "resident", "b", (int) card_has_button(c),
                                          (int32_t) NO_EXPIRY);
        return r < 0 ? r : sd_bus_call_async(n->bus, &c->slot, m, card_on_sent, c, PATIENCE);
}

static void notifier_seek(Notifier *n);

/* A note that the server refuses waits for the next server, as one does while there is none. */
static void card_send(Card *c) {
        c->changed = false;
        c->state = CARD_UNSEEN;
        if (!c->notifier->owner)
                notifier_seek(c->notifier);
        else if (card_show(c) >= 0)
                c->state = CARD_SENDING;
}

static void card_change(Card *c, const Note *note) {
        if (card_set(c, note) < 0)
                return;

        c->withdrawn = false;
        if (c->state == CARD_SENDING)
                c->changed = true;
        else
                card_send(c);
}

static Card *notifier_find(const Notifier *n, const char *tag) {
        Card *c;

        TAILQ_FOREACH(c, &n->cards, entry)
                if (streq(c->tag, tag))
                        return c;
        return NULL;
}

static Card *notifier_find_by_id(const Notifier *n, uint32_t id) {
        Card *c;

        TAILQ_FOREACH(c, &n->cards, entry)
                if (id > 0 && c->id == id && !c->withdrawn)
                        return c;
        return NULL;
}

static void notifier_on_come(Notifier *n) {
        Card *c;

        TAILQ_FOREACH(c, &n->cards, entry)
                if (c->state == CARD_UNSEEN)
                        card_send(c);
}

/* The ids mean nothing from here on. */
static void notifier_on_go(Notifier *n) {
        Card *c, *next;

        for (c = TAILQ_FIRST(&n->cards); c; c = next) {
                next = TAILQ_NEXT(c, entry);
                c->slot = sd_bus_slot_unref(c->slot);
                c->id = 0;
                if (c->withdrawn)
                        card_remove(c);
                else if (c->state != CARD_CLOSED)
                        c->state = CARD_UNSEEN;
        }
}

/* A note that is closed while its next text is being sent is shown again with that text. */
static void notifier_on_closed(Notifier *n, uint32_t id) {
        Card *c = notifier_find_by_id(n, id);

        if (!c || c->state == CARD_SENDING)
                return;

        c->id = 0;
        c->state = CARD_CLOSED;
}

static void notifier_on_action(Notifier *n, uint32_t id, const char *action) {
        Card *c = notifier_find_by_id(n, id);

        if (c && c->action && streq(action, ACTION))
                n->fn(c->tag, NOTE_ACTION, n->userdata);
        else if (c && c->denial && streq(action, DENIAL))
                n->fn(c->tag, NOTE_DENIAL, n->userdata);
}

static void notifier_read_capabilities(Notifier *n, sd_bus_message *m) {
        const char *capability;

        n->has_actions = n->has_markup = false;
        if (sd_bus_message_is_method_error(m, NULL) ||
            sd_bus_message_enter_container(m, 'a', "s") < 0)
                return;

        while (sd_bus_message_read(m, "s", &capability) > 0)
                if (streq(capability, "actions"))
                        n->has_actions = true;
                else if (streq(capability, "body-markup"))
                        n->has_markup = true;
}

/* An error of the server is an answer, too; an error of the bus means that the server has gone. */
static int notifier_on_capabilities(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Notifier *n = userdata;
        const char *sender = sd_bus_message_get_sender(m);

        n->call = sd_bus_slot_unref(n->call);
        if (!sender || sender[0] != ':')
                return 0;

        notifier_read_capabilities(n, m);
        if (str_replace(&n->owner, sender) == 0)
                notifier_on_come(n);
        return 0;
}

static void notifier_on_owner(const char *owner, void *userdata) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        Notifier *n = userdata;

        n->call = sd_bus_slot_unref(n->call);
        if (n->owner) {
                free(TAKE_PTR(n->owner));
                notifier_on_go(n);
        }
        if (owner && sd_bus_message_new_method_call(n->bus, &m, owner, PATH, SERVICE,
                                                    "GetCapabilities") >= 0)
                (void) sd_bus_call_async(n->bus, &n->call, m, notifier_on_capabilities, n,
                                         PATIENCE);
}

/* A match on a well-known name lets signals of every sender through if they are sent to us
 * alone. */
static int notifier_on_signal(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Notifier *n = userdata;
        const char *action;
        uint32_t id, reason;

        if (!streq(sd_bus_message_get_sender(m), n->owner))
                return 0;

        if (sd_bus_message_is_signal(m, SERVICE, "ActionInvoked") > 0) {
                if (sd_bus_message_read(m, "us", &id, &action) > 0)
                        notifier_on_action(n, id, action);
        } else if (sd_bus_message_is_signal(m, SERVICE, "NotificationClosed") > 0) {
                if (sd_bus_message_read(m, "uu", &id, &reason) > 0)
                        notifier_on_closed(n, id);
        }
        return 0;
}

/* Once: when the session bus ends, the daemon ends as well. */
static int notifier_connect(Notifier *n) {
        _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
        int r;

        if (n->bus)
                return 0;

        r = sd_bus_open_user_with_description(&bus, "notifications");
        if (r >= 0)
                r = sd_bus_attach_event(bus, n->event, SD_EVENT_PRIORITY_IDLE);
        if (r >= 0)
                r = sd_bus_add_match_async(bus, NULL, SIGNAL_RULE, notifier_on_signal, NULL, n);
        if (r >= 0)
                r = bus_peer_new(bus, SERVICE, notifier_on_owner, n, &n->peer);
        if (r < 0)
                return r;

        n->bus = TAKE_PTR(bus);
        return 0;
}

/* Has the bus start a server if it can. If there never is one, nothing happens. */
static void notifier_seek(Notifier *n) {
        if (n->owner || n->call || notifier_connect(n) < 0)
                return;

        (void) sd_bus_call_method_async(n->bus, NULL, DBUS_NAME, DBUS_PATH, DBUS_NAME,
                                        "StartServiceByName", NULL, NULL, "su", SERVICE, 0);
}

static void notifier_clear(Notifier *n) {
        Card *c;

        while ((c = TAILQ_FIRST(&n->cards))) {
                card_close(c);
                card_remove(c);
        }
}

/* Runs before sd-bus closes the connection at the end of the loop. */
static int notifier_on_exit(sd_event_source *source, void *userdata) {
        notifier_clear(userdata);
        return 0;
}

int notifier_new(sd_event *event, NotifierFn fn, void *userdata, Notifier **ret) {
        _cleanup_(notifier_freep) Notifier *n = NULL;
        int r;

        n = malloc(sizeof(Notifier));
        if (!n)
                return -ENOMEM;

        *n = (Notifier){
                .fn = fn,
                .userdata = userdata,
                .cards = TAILQ_HEAD_INITIALIZER(n->cards),
                .event = sd_event_ref(event),
        };
        r = sd_event_add_exit(event, &n->last, notifier_on_exit, n);
        if (r >= 0)
                r = sd_event_source_set_priority(n->last, SD_EVENT_PRIORITY_IMPORTANT);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(n);
        return 0;
}

Notifier *notifier_free(Notifier *n) {
        if (!n)
                return NULL;

        notifier_clear(n);
        sd_event_source_disable_unref(n->last);
        sd_bus_slot_unref(n->call);
        bus_peer_free(n->peer);
        sd_bus_flush_close_unref(n->bus);
        sd_event_unref(n->event);
        free(n->owner);
        free(n);
        return NULL;
}

static void notifier_add(Notifier *n, const char *tag, const Note *note) {
        Card *c;

        if (card_new(n, tag, note, &c) < 0)
                return;

        TAILQ_INSERT_TAIL(&n->cards, c, entry);
        card_send(c);
}

void notifier_show(Notifier *n, const char *tag, const Note *note) {
        Card *c = notifier_find(n, tag);

        if (!c)
                notifier_add(n, tag, note);
        else if (c->withdrawn)
                card_change(c, note);
}

void notifier_change(Notifier *n, const char *tag, const Note *note) {
        Card *c = notifier_find(n, tag);

        if (c)
                card_change(c, note);
        else
                notifier_add(n, tag, note);
}

void notifier_withdraw(Notifier *n, const char *tag) {
        Card *c = notifier_find(n, tag);

        if (!c)
                return;

        if (c->state == CARD_SENDING) {
                c->withdrawn = true;
                return;
        }

        card_close(c);
        card_remove(c);
}
