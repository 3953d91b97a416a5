/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Taking over a pair of tokens that another program has: make sure that it is nobody's who is here already,
 * then store and renew it, which makes it ours and ends the copy it came from.
 */

#include "keeper/sign-in/completion.h"

typedef struct Import Import;

/* The token of what has a refresh token, and may lack the access token. Ends as an arrival does. 0 or a
 * negative errno. */
int import_start(World *w, const Adoption *what, CompletionFn fn, void *userdata, Import **ret);

/* Cancels as long as Yandex was not asked to renew it; see trial_free(). Takes NULL, returns NULL. */
Import *import_free(Import *i);
DEFINE_CLEANUP(Import *, import_free)
