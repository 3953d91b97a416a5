/* SPDX-License-Identifier: MIT */
#pragma once

/* The notes, replaced at link time: defines every symbol of platform/notifier.h. As the real ones
 * are, each tag is shown once until it is withdrawn. */

#include "platform/notifier.h"

void fake_notifier_reset(void);

/* Whether a note of that tag is on the screen, and what it says; NULL where there is none. */
bool fake_notifier_shows(const char *tag);
const char *fake_notifier_summary(const char *tag);
const char *fake_notifier_body(const char *tag);
const char *fake_notifier_action(const char *tag);
const char *fake_notifier_denial(const char *tag);
const char *fake_notifier_command(const char *tag);

/* The user presses a button; also where the note, one about an account, has gone, as somebody does
 * who is quick. */
void fake_notifier_press(const char *tag);
void fake_notifier_press_denial(const char *tag);

/* How many are, how many ever were, and how often one came to say something else. */
unsigned fake_notifier_count(void);
unsigned fake_notifier_count_ever(void);
unsigned fake_notifier_count_changes(void);
