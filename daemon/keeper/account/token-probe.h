/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Finds out whether a token is dead, after a service refused it or for a diagnosis. The Disk
 * sometimes answers 401 to a good token (known from public clients), so a refusal is believed only
 * if it comes twice, some seconds apart.
 */

#include <systemd/sd-event.h>

#include "common/util.h"
#include "yandex/oauth.h"

typedef struct TokenProbe TokenProbe;

/* Runs once, from the loop. r is 0 if the token is good, CONDITION_ACCESS_DENIED if it was refused
 * twice, or another Condition or a negative errno if the Disk could not be asked; then reason is a
 * static clause, or NULL. May free the probe. */
typedef void (*TokenProbeFn)(int r, const char *reason, void *userdata);

/* Returns 0 or a negative errno. */
int token_probe_start(sd_event *event, Oauth *oauth, Secret *access_token, TokenProbeFn fn,
                      void *userdata, TokenProbe **ret);

/* Cancels. Takes NULL, returns NULL. */
TokenProbe *token_probe_free(TokenProbe *p);
DEFINE_CLEANUP(TokenProbe *, token_probe_free)
