/* SPDX-License-Identifier: MIT */
#pragma once

/* What the user has to do to sign in: open a page; then enter a code there, or bring one from there. */

#include <stdint.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/terminal/output.h"

typedef struct Prompt {
        const char *url;       /* passes address_is_of_yandex() */
        const char *user_code; /* NULL if the page shows a code */
        uint64_t expires_at;   /* UTC seconds; 0 is unknown */
} Prompt;

typedef struct PromptStyle {
        bool json;    /* an event, for programs */
        bool picture; /* of the address, if it can be shown */
        bool live;    /* a line below tells the time left */
} PromptStyle;

/* Reads the answer of GetPrompt. The strings live as long as the message. */
ExitStatus prompt_read(sd_bus_message *m, Prompt *ret);

/* Shows it to people or to programs, and flushes the output. *ret_tight tells whether the window is full but for one line, so
 * that no empty one may follow. */
ExitStatus prompt_show(const Prompt *p, const PromptStyle *style, bool *ret_tight);

/* Why an answer cannot be the code that the page shows: a sentence to be translated, or NULL if it can be. It is better
 * not to send such an answer, since a code that Yandex refuses ends the sign-in. NULL stands for an answer that is too
 * long. */
const char *prompt_find_fault(const char *answer);
