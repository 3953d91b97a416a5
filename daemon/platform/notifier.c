/* SPDX-License-Identifier: MIT */

#include "platform/notifier.h"

#include <sys/queue.h>

#include "platform/note-text.h"
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

/* A note in our hands. */
typedef struct Card {
        TAILQ_ENTRY(Card) entry;
        Notifier *notifier;
        char *tag;
        NoteText text;
        CardState state;
        uint32_t id;       /* on the screen; 0: not */
        sd_bus_slot *slot; /* the call that shows it */
        bool changed;      /* while it was being sent, as the next */
        bool withdrawn;
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
        note_text_done(&c->text);
        free(c->tag);
        free(c);
        return NULL;
}

DEFINE_CLEANUP(Card *, card_free)

static void card_remove(Card *c) {
        TAILQ_REMOVE(&c->notifier->cards, c, entry);
        card_free(c);
}

static Card *find(const Notifier *n, const char *tag) {
        Card *c;

        TAILQ_FOREACH(c, &n->cards, entry)
                if (streq(c->tag, tag))
                        return c;
        return NULL;
}

static Card *find_by_id(const Notifier *n, uint32_t id) {
        Card *c;

        TAILQ_FOREACH(c, &n->cards, entry)
                if (id > 0 && c->id == id && !c->withdrawn)
                        return c;
        return NULL;
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
                r = note_text_set(&c->text, note);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(c);
        return 0;
}

static void off_the_screen(Card *c) {
        if (c->id > 0)
                notification_server_close(c->notifier->server, c->id);
        c->id = 0;
}

static void send_card(Card *c);

static int on_sent(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Card *c = userdata;

        c->slot = sd_bus_slot_unref(c->slot);
        c->state = notification_server_read_id(m, &c->id) < 0 ? CARD_UNSEEN : CARD_SHOWN;

        if (c->withdrawn) {
                off_the_screen(c);
                card_remove(c);
        } else if (c->changed)
                send_card(c);
        return 0;
}

/* Without a server, or where it refuses, the note waits for the next one. */
static void send_card(Card *c) {
        NotificationServer *server = c->notifier->server;
        _cleanup_free_ char *body = NULL;
        Notification what = { .replaces = c->id };

        c->changed = false;
        c->state = CARD_UNSEEN;
        if (!notification_server_is_there(server))
                return notification_server_seek(server);

        if (note_text_describe(&c->text, notification_server_has_actions(server), &what, &body) ==
                    0 &&
            notification_server_show(server, &what, on_sent, c, &c->slot) == 0)
                c->state = CARD_SENDING;
}

static void on_come(void *userdata) {
        Notifier *n = userdata;
        Card *c;

        TAILQ_FOREACH(c, &n->cards, entry)
                if (c->state == CARD_UNSEEN)
                        send_card(c);
}

/* Its ids are nobody's now. */
static void on_go(void *userdata) {
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

/* What was closed while another text for it was on its way is shown anew with that one. */
static void on_closed(uint32_t id, void *userdata) {
        Card *c = find_by_id(userdata, id);

        if (!c || c->state == CARD_SENDING)
                return;

        c->id = 0;
        c->state = CARD_CLOSED;
}

static void on_action(uint32_t id, const char *action, void *userdata) {
        Notifier *n = userdata;
        Card *c = find_by_id(n, id);

        if (c && c->text.action && streq(action, NOTE_ACTION))
                n->fn(c->tag, n->userdata);
}

static const NotificationServerEvents server_events = {
        .on_come = on_come,
        .on_go = on_go,
        .on_closed = on_closed,
        .on_action = on_action,
};

static void clear(Notifier *n) {
        Card *c;

        while ((c = TAILQ_FIRST(&n->cards))) {
                off_the_screen(c);
                card_remove(c);
        }
}

/* Comes before sd-bus closes the connection by itself. */
static int on_exit_of_loop(sd_event_source *source, void *userdata) {
        clear(userdata);
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
                r = sd_event_add_exit(event, &n->last, on_exit_of_loop, n);
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

        clear(n);
        sd_event_source_disable_unref(n->last);
        notification_server_free(n->server);
        free(n);
        return NULL;
}

static void add(Notifier *n, const char *tag, const Note *note) {
        Card *c;

        if (card_new(n, tag, note, &c) < 0)
                return;

        TAILQ_INSERT_TAIL(&n->cards, c, entry);
        send_card(c);
}

static void change(Card *c, const Note *note) {
        if (note_text_set(&c->text, note) < 0)
                return;

        c->withdrawn = false;
        if (c->state == CARD_SENDING)
                c->changed = true;
        else
                send_card(c);
}

void notifier_show(Notifier *n, const char *tag, const Note *note) {
        Card *c = find(n, tag);

        if (!c)
                add(n, tag, note);
        else if (c->withdrawn)
                change(c, note);
}

void notifier_change(Notifier *n, const char *tag, const Note *note) {
        Card *c = find(n, tag);

        if (c)
                change(c, note);
        else
                add(n, tag, note);
}

void notifier_withdraw(Notifier *n, const char *tag) {
        Card *c = find(n, tag);

        if (!c)
                return;

        if (c->state == CARD_SENDING) {
                c->withdrawn = true;
                return;
        }

        off_the_screen(c);
        card_remove(c);
}
