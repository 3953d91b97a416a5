/* SPDX-License-Identifier: MIT */
#pragma once

/* The browser of the desktop, where there is a desktop in front of the person. */

#include <stdbool.h>

/* Whether a browser would open where the person sits: at a terminal, with a display, not over ssh. */
bool browser_is_near(void);

/* Asks xdg-open to show an address, which must pass address_is_of_yandex(). Does not wait; whether it
 * works out is not known, so the address is to be shown as well. */
void browser_open(const char *url);
