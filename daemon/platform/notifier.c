/* SPDX-License-Identifier: MIT */

#include "platform/notifier.h"

#include <sys/queue.h>

#include "platform/notification-server.h"

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

/* The key of the one action. */
#define ACTION "act"

/* A note that was asked for, with copies of its words: a later server may be able to show more or less of it. */
typedef struct Card {
        TAILQ_ENTRY(Card) entry;
        Notifier *notifier;
        char *tag;
        char *summary;
        char *body;
        char *action;
        char *command;
        CardState state;
        uint32_t id;       /* on the screen; 0: none */
        sd_bus_slot *slot; /* the call that shows it */
        bool changed;      /* while it was being sent: send it again */
        bool withdrawn;    /* while it was being sent: close it when the id is known */
} Card;

struct Notifier {
        NotifierFn fn;
        void *userdata;
        NotificationServer *server;
        sd_event_source *last;
        TAILQ_HEAD(, Card) cards; /* the oldest first */
};

static Card *card_free(Card *c) {
        sd_bus_slot_unref(c->slot);
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
        if (c->id > 0)
                notification_server_close(c->notifier->server, c->id);
        c->id = 0;
}

static void card_send(Card *c);

static int card_on_sent(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Card *c = userdata;

        c->slot = sd_bus_slot_unref(c->slot);
        c->state = notification_server_read_id(m, &c->id) < 0 ? CARD_UNSEEN : CARD_SHOWN;

        if (c->withdrawn) {
                card_close(c);
                card_remove(c);
        } else if (c->changed)
                card_send(c);
        return 0;
}

/* The body tells of the command even if there is a button: some servers have actions, but show nothing that can
 * be pressed. */
static int card_show(Card *c) {
        NotificationServer *server = c->notifier->server;
        _cleanup_free_ char *body = NULL;
        Notification what = {
                .replaces = c->id,
                .summary = c->summary,
                .body = c->body,
                .action = c->action && notification_server_has_actions(server) ? ACTION : NULL,
                .action_label = c->action,
        };

        if (c->command) {
                if (str_format(&body, "%s %s", c->body, c->command) < 0)
                        return -ENOMEM;
                what.body = body;
        }
        return notification_server_show(server, &what, card_on_sent, c, &c->slot);
}

/* A note that the server refuses waits for the next server, as one does while there is none. */
static void card_send(Card *c) {
        c->changed = false;
        c->state = CARD_UNSEEN;
        if (!notification_server_is_there(c->notifier->server))
                notification_server_seek(c->notifier->server);
        else if (card_show(c) == 0)
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

static void notifier_on_come(void *userdata) {
        Notifier *n = userdata;
        Card *c;

        TAILQ_FOREACH(c, &n->cards, entry)
                if (c->state == CARD_UNSEEN)
                        card_send(c);
}

/* The ids mean nothing from here on. */
static void notifier_on_go(void *userdata) {
        Notifier *n = userdata;
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
static void notifier_on_closed(uint32_t id, void *userdata) {
        Card *c = notifier_find_by_id(userdata, id);

        if (!c || c->state == CARD_SENDING)
                return;

        c->id = 0;
        c->state = CARD_CLOSED;
}

static void notifier_on_action(uint32_t id, const char *action, void *userdata) {
        Notifier *n = userdata;
        Card *c = notifier_find_by_id(n, id);

        if (c && c->action && streq(action, ACTION))
                n->fn(c->tag, n->userdata);
}

static const NotificationServerEvents server_events = {
        .on_come = notifier_on_come,
        .on_go = notifier_on_go,
        .on_closed = notifier_on_closed,
        .on_action = notifier_on_action,
};

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
        };
        r = notification_server_new(event, &server_events, n, &n->server);
        if (r >= 0)
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
        notification_server_free(n->server);
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
