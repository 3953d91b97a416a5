/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Takes over the tokens of another program: makes sure that they are of this application, and of a
 * user who is not signed in here yet, then has Yandex renew them. That makes them ours and ends the
 * copy they came from; until then nothing is stored, and the tokens are good where they came from.
 */

#include "keeper/sign-in/flow.h"

typedef struct ImportFlow ImportFlow;

/* The details have a refresh token, and may have an access token. on_prompt never runs. The events
 * must outlive the flow. Returns 0 or a negative errno. */
int import_flow_start(World *world, SignInDetails *details, const FlowEvents *events,
                      void *userdata, ImportFlow **ret);

/* Cancels. Accepts NULL, returns NULL. */
ImportFlow *import_flow_free(ImportFlow *f);
DEFINE_CLEANUP(ImportFlow *, import_flow_free)

/* Returns whether Yandex may have been asked to renew the tokens: then the flow has to come to its
 * end. */
bool import_flow_has_asked(const ImportFlow *f);
