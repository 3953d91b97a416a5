/* SPDX-License-Identifier: MIT */
#pragma once

/* What the user has to do to sign in: open a page; then enter a code there, or bring one from
 * there. And the browser that opens such a page. */

#include <stdint.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/terminal/output.h"

typedef struct Prompt {
        const char *url;       /* passes address_may_be_opened() */
        const char *user_code; /* NULL if the page shows a code */
        uint64_t expires_at;   /* UTC seconds; 0 is unknown */
} Prompt;

/* How a prompt was shown. */
typedef struct PromptView {
        bool can_count_down; /* the time left is to be shown in the line below */
        bool is_tight; /* the window is full but for that line, so no empty one may be above it */
} PromptView;

/* Reads the answer of GetPrompt. The strings live as long as the message. */
ExitStatus prompt_read(sd_bus_message *m, Prompt *ret);

/* Shows it to people, with a picture of the address if that is wanted and possible; or as an event
 * to programs. Flushes the output. */
ExitStatus prompt_show(const Prompt *p, bool as_json, bool with_picture, PromptView *ret);

/* Why an answer cannot be the code that the page shows: a sentence to be translated, or NULL if it
 * can be. It is better not to send such an answer, since a code that Yandex refuses ends the
 * sign-in. NULL stands for an answer that is too long. */
const char *prompt_find_fault(const char *answer);

/* Whether a browser would open where the user sits: at a terminal, with a display, not over ssh. */
bool browser_is_near(void);

/* Asks xdg-open to show an address, which must pass address_may_be_opened(). Does not wait and
 * cannot know whether that works, so the address must be shown as well. */
void browser_open(const char *url);
