/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What a user brings back from Yandex's page: the code that it shows, or the whole address that the
 * browser was sent to. Pure.
 */

#include <stdbool.h>

#include "yandex/oauth-answer.h"

typedef struct Confirmation {
        bool is_address;
        Secret *code;     /* NULL if there is none */
        Secret *state;    /* NULL if there is none; a code alone has none */
        bool refused;     /* Yandex sent an error instead of a code */
        OauthError error; /* if refused */
} Confirmation;

/* A code has any shape: Yandex's are 7 digits or 16 characters, and were others before. White
 * space, quotes and brackets around the text are dropped, and so is anywhere what cannot be seen,
 * such as zero-width spaces and byte order marks: the text comes from mails, messengers and
 * documents. A code of one of the two known shapes is also found behind words, as in "Code:
 * 1234567.", and a number in groups, as in "123-4567". Of an address the parameters code, state and
 * error are read; Yandex adds others, such as cid. Returns 0, in which case the caller must call
 * confirmation_done(); -EBADMSG if an address is damaged; -ENOMEM. */
int confirmation_parse(const char *text, Confirmation *ret);
void confirmation_done(Confirmation *c);
