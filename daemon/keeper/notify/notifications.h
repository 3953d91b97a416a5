/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The notifications: what of an account's troubles the user must hear of without asking. One note per trouble,
 * withdrawn when it is cured.
 */

#include <systemd/sd-event.h>

#include "keeper/account/account.h"
#include "platform/notifier.h"

typedef struct Notifications Notifications;

/* From the loop: the user pressed "Sign in" for that account, which may have gone. */
typedef void (*NotificationsFn)(const char *account_id, void *userdata);

int notifications_new(sd_event *event, NotificationsFn fn, void *userdata, Notifications **ret);
Notifications *notifications_free(Notifications *h);
DEFINE_CLEANUP(Notifications *, notifications_free)

/* Looks at the account as it is now. */
void notifications_update(Notifications *h, const Account *account);

/* Says how signing in again goes on, in place of what was said so far; what is pressed then comes back in
 * the same way. Whether it is said: false where the account does not need that any more. */
bool notifications_replace(Notifications *h, const Account *account, const Note *note);

/* The account goes: nothing about it matters any more. */
void notifications_forget(Notifications *h, const Account *account);
