/* SPDX-License-Identifier: MIT */
#pragma once

/* One sign-in, from the call of SignIn to the answer of Yandex: what is asked of the person meanwhile,
 * and what the person says. */

#include <stdbool.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/terminal/output.h"

/* How to tell the user. */
typedef struct SignInStyle {
        bool json; /* events, one a line */
        bool open_browser;
        bool picture;
        bool asks_nothing; /* there is no prompt: an import */

        /* The account that is signed in to again: what it is called, and whose it is. NULL: none is
         * named. The login may be empty. */
        const char *account_name, *account_login;
} SignInStyle;

/*
 * Sends call, which is a SignIn, shows the prompt, and waits until the user has confirmed it or, where
 * the page shows a code, has brought it. *ret is the path of the account. Ctrl-C and SIGTERM cancel the
 * request; so does the end of the process. The daemon keeps an import all the same once Yandex may have
 * renewed it.
 */
ExitStatus sign_in(sd_bus *bus, sd_bus_message *call, const SignInStyle *style, char **ret);
