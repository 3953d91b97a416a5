/* SPDX-License-Identifier: MIT */

#include "platform/notifier.h"

#include <stdio.h>
#include <sys/queue.h>
#include <systemd/sd-bus.h>

#define SERVICE   "org.freedesktop.Notifications"
#define PATH      "/org/freedesktop/Notifications"
#define APP_NAME  "Yandex Disk tokens"
#define ICON      "dialog-password"
#define NO_EXPIRY 0

/* Desktop Notifications specification: urgency "critical" stays until it is dealt with. */
#define URGENCY_CRITICAL 2

typedef struct Note {
        LIST_ENTRY(Note) entry;
        Notifier *notifier;
        char *tag;
        uint32_t id;       /* 0: not on the screen */
        sd_bus_slot *slot; /* the call that shows it */
        bool withdrawn;    /* while it was being shown */
} Note;

struct Notifier {
        sd_event *event;
        sd_bus *bus; /* NULL until first needed */
        LIST_HEAD(, Note) notes;
};

static Note *note_free(Note *note) {
        LIST_REMOVE(note, entry);
        sd_bus_slot_unref(note->slot);
        free(note->tag);
        free(note);
        return NULL;
}

static Note *find(const Notifier *n, const char *tag) {
        Note *note;

        LIST_FOREACH(note, &n->notes, entry)
                if (streq(note->tag, tag))
                        return note;
        return NULL;
}

int notifier_new(sd_event *event, Notifier **ret) {
        Notifier *n;

        n = malloc(sizeof(Notifier));
        if (!n)
                return -ENOMEM;

        *n = (Notifier){
                .event = sd_event_ref(event),
                .notes = LIST_HEAD_INITIALIZER(n->notes),
        };
        *ret = n;
        return 0;
}

Notifier *notifier_free(Notifier *n) {
        if (!n)
                return NULL;

        while (!LIST_EMPTY(&n->notes))
                note_free(LIST_FIRST(&n->notes));
        sd_bus_flush_close_unref(n->bus);
        sd_event_unref(n->event);
        free(n);
        return NULL;
}

static int connect_bus(Notifier *n) {
        _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
        int r;

        if (n->bus && sd_bus_is_open(n->bus) > 0)
                return 0;

        n->bus = sd_bus_unref(n->bus);
        r = sd_bus_open_user_with_description(&bus, "notifications");
        if (r < 0)
                return r;

        r = sd_bus_attach_event(bus, n->event, SD_EVENT_PRIORITY_IDLE);
        if (r < 0)
                return r;

        n->bus = TAKE_PTR(bus);
        return 0;
}

static void close_note(const Note *note) {
        (void) sd_bus_call_method_async(note->notifier->bus, NULL, SERVICE, PATH, SERVICE,
                                        "CloseNotification", NULL, NULL, "u", note->id);
}

static int on_shown(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Note *note = userdata;

        note->slot = sd_bus_slot_unref(note->slot);
        if (sd_bus_message_is_method_error(m, NULL) || sd_bus_message_read(m, "u", &note->id) < 0)
                note->id = 0;

        if (note->withdrawn) {
                if (note->id > 0)
                        close_note(note);
                note_free(note);
        } else if (note->id == 0)
                note_free(note);
        return 0;
}

/* Servers may take the body for markup. The caller frees. */
static char *escape(const char *text) {
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

static int send_note(Note *note, const char *summary, const char *body) {
        _cleanup_free_ char *escaped = escape(body);

        if (!escaped)
                return -ENOMEM;

        return sd_bus_call_method_async(note->notifier->bus, &note->slot, SERVICE, PATH, SERVICE,
                                        "Notify", on_shown, note, "susssasa{sv}i", APP_NAME,
                                        UINT32_C(0), ICON, summary, escaped, 0, 1, "urgency", "y",
                                        URGENCY_CRITICAL, (int32_t) NO_EXPIRY);
}

void notifier_show(Notifier *n, const char *tag, const char *summary, const char *body) {
        Note *note = find(n, tag);

        if (note) {
                note->withdrawn = false;
                return;
        }
        if (connect_bus(n) < 0)
                return;

        note = malloc(sizeof(Note));
        if (!note)
                return;

        *note = (Note){ .notifier = n, .tag = strdup(tag) };
        LIST_INSERT_HEAD(&n->notes, note, entry);
        if (!note->tag || send_note(note, summary, body) < 0)
                note_free(note);
}

void notifier_withdraw(Notifier *n, const char *tag) {
        Note *note = find(n, tag);

        if (!note)
                return;

        if (note->slot) {
                note->withdrawn = true;
                return;
        }

        close_note(note);
        note_free(note);
}
