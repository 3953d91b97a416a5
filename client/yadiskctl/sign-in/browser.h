/* SPDX-License-Identifier: MIT */
#pragma once

/* The browser of the desktop, if the user sits in front of one. */

#include <stdbool.h>

/* Whether a browser would open where the user sits: at a terminal, with a display, not over ssh. */
bool browser_is_near(void);

/* Asks xdg-open to show an address, which must pass address_is_of_yandex(). Does not wait and cannot know
 * whether that works, so the address must be shown as well. */
void browser_open(const char *url);
