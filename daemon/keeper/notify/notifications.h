/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the user must hear about an account without asking. Each kind of notification is shown once,
 * and withdrawn when its reason is gone.
 */

#include <systemd/sd-event.h>

#include "keeper/account/account.h"
#include "platform/notifier.h"

typedef struct Notifications Notifications;

/* Runs from the loop: the user pressed "Sign in" for this account, which may be gone. */
typedef void (*NotificationsFn)(const char *account_id, void *userdata);

/* Returns 0 or a negative errno. */
int notifications_new(sd_event *event, NotificationsFn fn, void *userdata, Notifications **ret);
Notifications *notifications_free(Notifications *n);
DEFINE_CLEANUP(Notifications *, notifications_free)

/* Shows what is due for the account now, and withdraws the rest. */
void notifications_update(Notifications *n, const Account *account);

/* Replaces the text of the notification about signing in; its button still calls the
 * NotificationsFn. Returns false if the account no longer needs a sign-in. */
bool notifications_replace(Notifications *n, const Account *account, const Note *note);

/* The account goes: withdraws everything about it. */
void notifications_forget(Notifications *n, const Account *account);
