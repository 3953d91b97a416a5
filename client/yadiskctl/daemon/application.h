/* SPDX-License-Identifier: MIT */
#pragma once

/* The applications that the daemon keeps, and which of them to sign in through. */

#include <systemd/sd-bus.h>

#include "yadiskctl/terminal/output.h"

typedef struct Application {
        char *client_id;
        char *client_secret; /* NULL where the keyring has it, or nobody */
} Application;

/* The client ids of those in the keyring, freed with strv_free(). If that is not known because of the
 * keyring, this says so. */
ExitStatus application_list(sd_bus *bus, char ***ret);

/*
 * Finds out with as few questions as possible. client_id and secret_file ("-" is stdin) are what the
 * user named, or NULL. Without a client id the one known application is taken; with several the
 * user has to choose; with none the user is asked, as for a secret that is neither known nor named.
 * Where no secret is needed, there may be none in the end, and none is needed from those who cannot be
 * asked.
 */
ExitStatus application_choose(sd_bus *bus, const char *client_id, const char *secret_file,
                              bool needs_secret, Application *ret);

/* Erases the secret. */
void application_done(Application *a);
