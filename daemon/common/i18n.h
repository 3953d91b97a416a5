/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Texts for people in their own language (gettext(3)). The daemon and its client share one
 * catalogue, since the daemon speaks English over D-Bus, and the client translates what it shows.
 *
 * Messages of the log and JSON are never translated.
 */

#include <libintl.h>

#include "common/util.h"

/* Marks a text that is translated later, when it is used. */
#define N_(text) (text)

/* The text in the user's language; as static as the text. The empty text stays empty: gettext(3)
 * would return the header of the catalogue. */
const char *_(const char *text) __attribute__((format_arg(1)));

/* The same for a reason of the daemon, which may have a name in parentheses, "the proxy refuses
 * (proxy.example)". The name is not translated; it stands at the end, or before the first mark of
 * the kind that follows it. Valid until the next call. */
const char *i18n_reason(const char *text);

/* Lets _() follow the locale of the environment. The catalogue is looked for in the directory,
 * whose path is relative to the program's own, or in $TEXTDOMAINDIR if that is set. Texts stay
 * English before this call, in a locale whose encoding is not UTF-8, and in a language without a
 * catalogue. Errors of the system and of libraries stay English in any case, for the log and the
 * bus. */
void i18n_open(const char *directory);

/* Lets errors of the system and ngettext(3) follow as well, for a program that speaks to people
 * only. Their language is that of _(), so that no line is in two languages. The encoding is that of
 * the environment. */
void i18n_speak(void);

/* Puts both off until _() looks up the first text, so that a program that says nothing loses no
 * time. A program that asks for the text of an error of the system before that calls
 * i18n_speak_now() first, which does nothing if nothing was put off. */
void i18n_speak_later(const char *directory);
void i18n_speak_now(void);
