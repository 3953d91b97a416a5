/* SPDX-License-Identifier: MIT */
#pragma once

/* The notifications, replaced at link time: defines every symbol of platform/notifier.h. As the real ones
 * are, each tag is shown once until it is withdrawn. */

#include "platform/notifier.h"

void fake_notifier_reset(void);

/* Whether a notification of that tag is on the screen, and its text. */
bool fake_notifier_shows(const char *tag);
const char *fake_notifier_body(const char *tag);

/* How many are, and how many ever were. */
unsigned fake_notifier_count(void);
unsigned fake_notifier_count_ever(void);
