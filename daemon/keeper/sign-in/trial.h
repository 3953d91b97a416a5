/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A pair of tokens on trial: stored as an account first, so that all holds for it that holds for any; then
 * renewed, once, as any is. Where Yandex does not renew it the account goes again, and nothing is
 * revoked. A trial outlives its owner: once Yandex was asked it has to come to its end, whoever leaves, or
 * a pair of no use would stay, or one pair in two accounts.
 */

#include "keeper/sign-in/completion.h"

typedef struct Trial Trial;
typedef struct Trials Trials;

/* The token of what has a refresh token, and may lack the access token. Ends as an arrival does. The
 * keeper is held until then. 0, a Condition, or a negative errno. */
int trial_start(World *w, const Adoption *what, CompletionFn fn, void *userdata, Trial **ret);

/* Leaves it: the callback will not run. The account is withdrawn where Yandex was not asked yet; else the
 * trial goes on, and the account stays if it is renewed. Takes NULL, returns NULL. */
Trial *trial_free(Trial *t);
DEFINE_CLEANUP(Trial *, trial_free)

/* Those that were left; the keeper's. */
int trials_new(Trials **ret);
size_t trials_count(const Trials *trials);

/* Stops them where they are: what is stored is as good as after any other end of the process. Returns
 * NULL. */
Trials *trials_free(Trials *trials);
