/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A pair of tokens on trial: stored as an account first, so that all holds for it that holds for any; then
 * renewed, once, as any is. Where Yandex does not renew it the account goes again, and nothing is
 * revoked.
 */

#include "keeper/arrival.h"

typedef struct Trial Trial;

/* The token of what has a refresh token, and may lack the access token. Ends as an arrival does. The
 * keeper is held until then. 0, a Condition, or a negative errno. */
int trial_start(Keeper *k, const Adoption *what, ArrivalFn fn, void *userdata, Trial **ret);

/* The account stays and goes its way, since Yandex may have renewed it already. Takes NULL, returns
 * NULL. */
Trial *trial_free(Trial *t);
DEFINE_CLEANUP(Trial *, trial_free)
