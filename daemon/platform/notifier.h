/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Notes on the user's desktop, one per tag: shown once, changed where there is more to say, withdrawn when
 * cured. A note that was not seen, because nothing showed notifications yet or what did has gone, is shown
 * as soon as something does; one that the user closed is not. Where nobody ever shows them nothing
 * happens, and nobody is told of that.
 */

#include <systemd/sd-event.h>

#include "common/util.h"

typedef struct Notifier Notifier;

/* What a note says. Borrowed; plain text: markup in it is shown as it is. */
typedef struct Note {
        const char *summary;
        const char *body;
        const char *action; /* what can be pressed; NULL: nothing */
        const char *
                command; /* a sentence with what else can be done, which follows the body; or NULL */
} Note;

/* From the loop: the user pressed the action of that note, whose tag is valid until it is withdrawn. */
typedef void (*NotifierFn)(const char *tag, void *userdata);

/* Connects to the bus when the first note is to be shown. 0 or a negative errno. */
int notifier_new(sd_event *event, NotifierFn fn, void *userdata, Notifier **ret);

/* Takes all off the screen: nobody would hear what is pressed. Returns NULL. */
Notifier *notifier_free(Notifier *n);
DEFINE_CLEANUP(Notifier *, notifier_free)

/* Shows one, unless there is one of that tag, also where the user closed it. */
void notifier_show(Notifier *n, const char *tag, const Note *note);

/* Says that instead, also where the user closed what was there before. */
void notifier_change(Notifier *n, const char *tag, const Note *note);

/* Takes it off the screen, and lets the tag be shown again. */
void notifier_withdraw(Notifier *n, const char *tag);
