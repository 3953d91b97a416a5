/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Finding out whether a token that a service refused is dead: the Disk sometimes answers 401 to a good
 * one (known from public clients), so it is asked twice, some seconds apart.
 */

#include <systemd/sd-event.h>

#include "common/util.h"
#include "yandex/oauth.h"

typedef struct TokenProbe TokenProbe;

/* From the loop, once. r = 0: the token is good; CONDITION_ACCESS_DENIED: refused twice; another
 * Condition or errno: could not be found out, and reason, a static clause or NULL, tells why. May free the
 * check. */
typedef void (*TokenProbeFn)(int r, const char *reason, void *userdata);

int token_probe_start(sd_event *event, Oauth *oauth, Secret *access_token, TokenProbeFn fn,
                      void *userdata, TokenProbe **ret);

/* Cancels. Takes NULL, returns NULL. */
TokenProbe *token_probe_free(TokenProbe *c);
DEFINE_CLEANUP(TokenProbe *, token_probe_free)
