/* SPDX-License-Identifier: MIT */
#pragma once

/* What the user has to do to sign in: open a page; then enter a code there, or bring one from there. */

#include <stdint.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/terminal/output.h"

typedef struct Prompt {
        const char *url;       /* passes address_is_of_yandex() */
        const char *user_code; /* NULL where the page shows a code */
        uint64_t expires_at;   /* UTC seconds; 0 is unknown */
} Prompt;

typedef struct PromptStyle {
        bool json;    /* an event, for programs */
        bool picture; /* of the address, where it can be shown */
        bool live;    /* a line below tells the time left */
} PromptStyle;

/* Reads the answer of GetPrompt. The strings live as long as the message. */
ExitStatus prompt_read(sd_bus_message *m, Prompt *ret);

/* Shows it to people, or to programs; it arrives before this returns. *ret_tight: the window is full but for
 * one line, so no empty one is to follow. */
ExitStatus prompt_show(const Prompt *p, const PromptStyle *style, bool *ret_tight);

/* Why an answer cannot be the code that the page shows, in a sentence to be translated; or NULL. What
 * Yandex refuses ends a sign-in, so it is better not sent. NULL stands for one that is too long. */
const char *prompt_find_fault(const char *answer);
