/* SPDX-License-Identifier: MIT */
#pragma once

/* One sign-in, from the call of SignIn to the answer of Yandex: what it asks of the user, and what
 * the user answers. */

#include <stdbool.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/terminal/output.h"

/* How to tell the user. */
typedef struct SignInStyle {
        bool json; /* events, one a line */
        bool open_browser;
        bool picture;
        bool asks_nothing; /* there is no prompt: an import */

        /* The account that is signed in to again: what it is called, and the login of its user,
         * which may be empty. Both are NULL if no account is named. */
        const char *account_name;
} SignInStyle;

/*
 * Sends call, which is a SignIn, shows the prompt, and waits until the user has confirmed it or, if
 * the page shows a code, has brought it. *ret is the path of the account, which the caller frees.
 * Ctrl-C and SIGTERM cancel the request; so does the end of the process. But once Yandex may have
 * renewed the tokens of an import, the daemon keeps them.
 */
ExitStatus sign_in(sd_bus *bus, sd_bus_message *call, const SignInStyle *style, char **ret);
