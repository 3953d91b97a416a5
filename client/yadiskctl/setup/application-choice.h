/* SPDX-License-Identifier: MIT */
#pragma once

/* The applications that the daemon keeps, and the choice of the one to sign in through. */

#include <systemd/sd-bus.h>

#include "yadiskctl/terminal/output.h"

typedef struct Application {
        char *client_id;
        char *client_secret; /* NULL if the keyring has it, or if there is none */
} Application;

/* Lists the client ids of the applications in the keyring, for strv_free(). Fails if the keyring cannot be
 * read. */
ExitStatus application_list(sd_bus *bus, char ***ret);

/*
 * Chooses an application with as few questions as possible. client_id and secret_file ("-" is stdin) are what
 * the user named, or NULL. Without a client id the only known application is taken; if there are several, the
 * user has to name one; if there is none, the user is asked for its client id. The user is also asked for a
 * client secret that is neither known nor named. Unless needs_secret is set, there may be none in the end: a
 * user who cannot be asked need not give one.
 */
ExitStatus application_choose(sd_bus *bus, const char *client_id, const char *secret_file,
                              bool needs_secret, Application *ret);

/* Erases the secret. */
void application_done(Application *a);
