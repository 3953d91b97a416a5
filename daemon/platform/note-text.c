/* SPDX-License-Identifier: MIT */

#include "platform/note-text.h"

#include "common/format.h"

int note_text_set(NoteText *t, const Note *note) {
        int r;

        r = str_replace(&t->summary, note->summary);
        if (r == 0)
                r = str_replace(&t->body, note->body);
        if (r == 0)
                r = str_replace(&t->action, note->action);
        if (r == 0)
                r = str_replace(&t->command, note->command);
        return r;
}

void note_text_done(NoteText *t) {
        free(t->command);
        free(t->action);
        free(t->body);
        free(t->summary);
        *t = (NoteText){};
}

int note_text_describe(const NoteText *t, bool has_actions, Notification *what, char **ret_body) {
        int r;

        if (t->command)
                r = str_format(ret_body, "%s %s", t->body, t->command);
        else
                r = str_replace(ret_body, t->body);
        if (r < 0)
                return r;

        what->summary = t->summary;
        what->body = *ret_body;
        what->action = has_actions && t->action ? NOTE_ACTION : NULL;
        what->action_label = t->action;
        return 0;
}
