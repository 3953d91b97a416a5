/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What a user brings back from Yandex's page: the code that it shows, or the whole address that the
 * browser was sent to. Pure.
 */

#include <stdbool.h>

#include "yandex/oauth-error.h"

typedef struct Confirmation {
        bool is_address;
        Secret *code;     /* NULL where there is none */
        Secret *state;    /* NULL where there is none; a code alone has none */
        bool refused;     /* Yandex sent an error instead of a code … */
        OauthError error; /* … namely this one */
} Confirmation;

/* A code has any shape: Yandex's are 7 digits or 16 characters, and were others before. White space, quotes and
 * brackets around either are dropped, and anywhere what cannot be seen, such as zero-width spaces and byte order
 * marks: the text comes out of mails, messengers and documents. Of an address the parameters code, state and
 * error are taken; Yandex adds others, such as cid. 0; -EBADMSG where an address is damaged; -ENOMEM. On success
 * the caller is to call confirmation_done(). */
int confirmation_parse(const char *text, Confirmation *ret);
void confirmation_done(Confirmation *c);
