/* SPDX-License-Identifier: MIT */

#include "fake-notifier.h"

#define NOTES_MAX 64U

struct Notifier {
        char unused;
};

typedef struct Note {
        char *tag; /* NULL: free */
        char *body;
} Note;

static Note notes[NOTES_MAX];
static unsigned n_ever;

static Note *find(const char *tag) {
        for (unsigned i = 0; i < NOTES_MAX; i++)
                if (streq(notes[i].tag, tag))
                        return &notes[i];
        return NULL;
}

static void take_away(Note *note) {
        free(note->tag);
        free(note->body);
        *note = (Note){};
}

void fake_notifier_reset(void) {
        for (unsigned i = 0; i < NOTES_MAX; i++)
                take_away(&notes[i]);
        n_ever = 0;
}

bool fake_notifier_shows(const char *tag) {
        return find(tag);
}

const char *fake_notifier_body(const char *tag) {
        return find(tag) ? find(tag)->body : NULL;
}

unsigned fake_notifier_count(void) {
        unsigned n = 0;

        for (unsigned i = 0; i < NOTES_MAX; i++)
                n += notes[i].tag != NULL;
        return n;
}

unsigned fake_notifier_count_ever(void) {
        return n_ever;
}

int notifier_new(sd_event *event, Notifier **ret) {
        *ret = calloc(1, sizeof(Notifier));
        return *ret ? 0 : -ENOMEM;
}

Notifier *notifier_free(Notifier *n) {
        free(n);
        return NULL;
}

void notifier_show(Notifier *n, const char *tag, const char *summary, const char *body) {
        unsigned i = 0;

        if (find(tag))
                return;

        while (i < NOTES_MAX && notes[i].tag)
                i++;
        if (i == NOTES_MAX)
                abort();
        notes[i] = (Note){ strdup(tag), strdup(body) };
        n_ever++;
}

void notifier_withdraw(Notifier *n, const char *tag) {
        Note *note = find(tag);

        if (note)
                take_away(note);
}
