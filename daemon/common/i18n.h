/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What people read in their own language (gettext(3)). One catalogue serves the daemon and its client,
 * so that what the daemon says over D-Bus, always in English, can be translated where it is shown.
 *
 * Messages of the log and JSON are never translated.
 */

#include <libintl.h>

#include "common/util.h"

/* Marks a text that is translated later, where it is used. */
#define N_(text) (text)

/* The text in the user's language. The empty text stays empty: gettext(3) would answer the header of the
 * catalogue. Static, as the text is. */
static inline __attribute__((format_arg(1))) const char *_(const char *text) {
        return str_is_empty(text) ? text : gettext(text);
}

/* Follows the locale of the environment. Texts are looked for below $TEXTDOMAINDIR where that is set.
 * Without a call, or in a locale whose encoding is not UTF-8, they stay as they are. */
void i18n_open(void);
