/* SPDX-License-Identifier: MIT */
#pragma once

/* What the user has to do to sign in: open a page, enter a code, in time. */

#include <stdint.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/output.h"

typedef struct Prompt {
        const char *verification_url; /* passes address_is_of_yandex() */
        const char *user_code;
        uint64_t expires_at; /* UTC seconds; 0 is unknown */
} Prompt;

/* Reads the answer of GetPrompt. The strings live as long as the message. */
ExitStatus prompt_read(sd_bus_message *m, Prompt *ret);

/* Shows it to people, or to programs as an event; it arrives before this returns. */
ExitStatus prompt_show(const Prompt *p, bool json);
