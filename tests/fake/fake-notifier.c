/* SPDX-License-Identifier: MIT */

#include "fake-notifier.h"

#define NOTES_MAX 64U

struct Notifier {
        NotifierFn fn;
        void *userdata;
};

typedef struct Card {
        char *tag; /* NULL: free */
        char *summary;
        char *body;
        char *action;
        char *denial;
        char *command;
        Notifier *notifier;
} Card;

static Notifier *notifiers[2]; /* in the order of their making */
static Card cards[NOTES_MAX];
static unsigned n_ever;
static unsigned n_changes;

static Card *find(const char *tag) {
        for (unsigned i = 0; i < NOTES_MAX; i++)
                if (streq(cards[i].tag, tag))
                        return &cards[i];
        return NULL;
}

static void take_away(Card *card) {
        free(card->tag);
        free(card->summary);
        free(card->body);
        free(card->action);
        free(card->denial);
        free(card->command);
        *card = (Card){};
}

static char *copy(const char *s) {
        return s ? strdup(s) : NULL;
}

static void put(Notifier *n, Card *card, const char *tag, const Note *note) {
        take_away(card);
        *card = (Card){
                .tag = copy(tag),
                .summary = copy(note->summary),
                .body = copy(note->body),
                .action = copy(note->action),
                .denial = copy(note->denial),
                .command = copy(note->command),
                .notifier = n,
        };
}

void fake_notifier_reset(void) {
        for (unsigned i = 0; i < NOTES_MAX; i++)
                take_away(&cards[i]);
        n_ever = n_changes = 0;
}

bool fake_notifier_shows(const char *tag) {
        return find(tag);
}

const char *fake_notifier_summary(const char *tag) {
        return find(tag) ? find(tag)->summary : NULL;
}

const char *fake_notifier_body(const char *tag) {
        return find(tag) ? find(tag)->body : NULL;
}

const char *fake_notifier_action(const char *tag) {
        return find(tag) ? find(tag)->action : NULL;
}

const char *fake_notifier_denial(const char *tag) {
        return find(tag) ? find(tag)->denial : NULL;
}

const char *fake_notifier_command(const char *tag) {
        return find(tag) ? find(tag)->command : NULL;
}

static void press(const char *tag, NoteButton button) {
        Notifier *n = find(tag) ? find(tag)->notifier : notifiers[0];

        n->fn(tag, button, n->userdata);
}

void fake_notifier_press(const char *tag) {
        press(tag, NOTE_ACTION);
}

void fake_notifier_press_denial(const char *tag) {
        press(tag, NOTE_DENIAL);
}

unsigned fake_notifier_count(void) {
        unsigned n = 0;

        for (unsigned i = 0; i < NOTES_MAX; i++)
                n += cards[i].tag != NULL;
        return n;
}

unsigned fake_notifier_count_ever(void) {
        return n_ever;
}

unsigned fake_notifier_count_changes(void) {
        return n_changes;
}

int notifier_new(sd_event *event, NotifierFn fn, void *userdata, Notifier **ret) {
        Notifier *n = calloc(1, sizeof(Notifier));

        if (!n)
                return -ENOMEM;

        *n = (Notifier){ .fn = fn, .userdata = userdata };
        notifiers[notifiers[0] ? 1 : 0] = n;
        *ret = n;
        return 0;
}

Notifier *notifier_free(Notifier *n) {
        for (unsigned i = 0; i < ELEMENTSOF(notifiers); i++)
                if (notifiers[i] == n)
                        notifiers[i] = NULL;
        free(n);
        return NULL;
}

void notifier_show(Notifier *n, const char *tag, const Note *note) {
        unsigned i = 0;

        if (find(tag))
                return;

        while (i < NOTES_MAX && cards[i].tag)
                i++;
        if (i == NOTES_MAX)
                abort();
        put(n, &cards[i], tag, note);
        n_ever++;
}

void notifier_change(Notifier *n, const char *tag, const Note *note) {
        if (!find(tag))
                return notifier_show(n, tag, note);

        put(n, find(tag), tag, note);
        n_changes++;
}

void notifier_withdraw(Notifier *n, const char *tag) {
        Card *card = find(tag);

        if (card)
                take_away(card);
}
