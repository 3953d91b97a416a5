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
const char *_(const char *text) __attribute__((format_arg(1)));

/* The same for a reason of the daemon, which may end with a name in parentheses, "the proxy refuses (proxy.example)":
 * the name stays as it is. Valid until the next call. */
const char *i18n_reason(const char *text);

/* Lets _() follow the locale of the environment. Texts are looked for below $TEXTDOMAINDIR where that is
 * set. Without a call, in a locale whose encoding is not UTF-8, and in a language without a catalogue, they
 * stay as they are. Nothing else changes: errors of the system and of libraries are still told in English,
 * as it is fit for logs and for the bus. */
void i18n_open(void);

/* Lets errors of the system and ngettext(3) follow as well, for a program whose every word is for people.
 * They speak the language of _(), so that no line has two. The encoding is that of the environment. */
void i18n_speak(void);
