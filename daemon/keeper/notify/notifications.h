/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The herald: what of an account's troubles the user must hear of without asking. One note per trouble,
 * withdrawn when it is cured.
 */

#include <systemd/sd-event.h>

#include "keeper/account/account.h"
#include "platform/notifier.h"

typedef struct Herald Herald;

/* From the loop: the user pressed "Sign in" for that account, which may have gone. */
typedef void (*HeraldFn)(const char *account_id, void *userdata);

int herald_new(sd_event *event, HeraldFn fn, void *userdata, Herald **ret);
Herald *herald_free(Herald *h);
DEFINE_CLEANUP(Herald *, herald_free)

/* Looks at the account as it is now. */
void herald_look(Herald *h, const Account *account);

/* Says how signing in again goes on, in place of what was said so far; what is pressed then comes back in
 * the same way. Whether it is said: false where the account does not need that any more. */
bool herald_tell(Herald *h, const Account *account, const Note *note);

/* The account goes: nothing about it matters any more. */
void herald_forget(Herald *h, const Account *account);
