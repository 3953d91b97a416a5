/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Notifications on the user's desktop, one per tag: shown once, changed when there is more to say,
 * withdrawn when the cause is gone. One that could not be shown, because there was no server for
 * notifications or the server has gone, is shown as soon as there is one; one that the user closed
 * is not shown again. If there is never a server nothing happens, and no error is reported.
 */

#include <systemd/sd-event.h>

#include "common/util.h"

typedef struct Notifier Notifier;

/* What a notification says. Borrowed; plain text: markup in it is shown as it is. */
typedef struct Note {
        const char *summary;
        const char *body;
        const char *action;  /* the label of the button; NULL: no button */
        const char *command; /* a sentence with another way, which follows the body; or NULL */
        const char *denial;  /* the label of a second button, which says no; or NULL */
} Note;

typedef enum NoteButton {
        NOTE_ACTION,
        NOTE_DENIAL,
} NoteButton;

/* Runs from the loop when the user pressed a button. The tag is valid until the note is
 * withdrawn. */
typedef void (*NotifierFn)(const char *tag, NoteButton button, void *userdata);

/* Connects to the bus when the first note is to be shown. Returns 0, or a negative errno. */
int notifier_new(sd_event *event, NotifierFn fn, void *userdata, Notifier **ret);

/* Takes all notes off the screen, since their buttons would do nothing. Returns NULL. */
Notifier *notifier_free(Notifier *n);
DEFINE_CLEANUP(Notifier *, notifier_free)

/* Shows a note, unless there is one of that tag, even if the user closed it. */
void notifier_show(Notifier *n, const char *tag, const Note *note);

/* Shows this note instead of the one of that tag, even if the user closed that one. */
void notifier_change(Notifier *n, const char *tag, const Note *note);

/* Takes the note off the screen; the tag can be shown again. */
void notifier_withdraw(Notifier *n, const char *tag);
