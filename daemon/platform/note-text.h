/* SPDX-License-Identifier: MIT */
#pragma once

/* What a note says, in our hands, until a server that may be able to do more or less is to show it. */

#include "platform/notification-server.h"
#include "platform/notifier.h"

typedef struct NoteText {
        char *summary;
        char *body;
        char *action;
        char *command;
} NoteText;

/* The key of the one action a note has. */
#define NOTE_ACTION "act"

/* Replaces it. 0 or -ENOMEM. */
int note_text_set(NoteText *t, const Note *note);
void note_text_done(NoteText *t);

/* Fills in the words, for a server with or without actions; the caller frees *ret_body, which they borrow. The
 * body says what to do in any case: some servers have actions, but show nothing that can be pressed. 0 or
 * -ENOMEM. */
int note_text_describe(const NoteText *t, bool has_actions, Notification *what, char **ret_body);
