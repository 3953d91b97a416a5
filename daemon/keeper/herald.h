/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The herald: what of an account's troubles the user must hear of without asking. One notification per
 * trouble, withdrawn when it is cured.
 */

#include <systemd/sd-event.h>

#include "keeper/account.h"

typedef struct Herald Herald;

int herald_new(sd_event *event, Herald **ret);
Herald *herald_free(Herald *h);
DEFINE_CLEANUP(Herald *, herald_free)

/* Looks at the account as it is now. */
void herald_look(Herald *h, const Account *account);

/* The account goes: nothing about it matters any more. */
void herald_forget(Herald *h, const Account *account);
