/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Finding out whether a token that a service refused is dead: the Disk sometimes answers 401 to a good
 * one (known from public clients), so it is asked twice, some seconds apart.
 */

#include <systemd/sd-event.h>

#include "common/util.h"
#include "yandex/oauth.h"

typedef struct Check Check;

/* From the loop, once. r = 0: the token is good; CONDITION_ACCESS_DENIED: refused twice; another
 * Condition or errno: could not be found out, and reason, a static clause or NULL, tells why. May free the
 * check. */
typedef void (*CheckFn)(int r, const char *reason, void *userdata);

int check_start(sd_event *event, Oauth *oauth, Secret *access_token, CheckFn fn, void *userdata,
                Check **ret);

/* Cancels. Takes NULL, returns NULL. */
Check *check_free(Check *c);
DEFINE_CLEANUP(Check *, check_free)
