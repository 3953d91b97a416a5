/* SPDX-License-Identifier: MIT */

#include "common/i18n.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>

#define DOMAIN "yadisk-tokend"

/* Of the texts alone: it is the thread's while one is looked up. 0 where they stay as they are. */
static locale_t of_texts;

static __attribute__((format_arg(1))) const char *look_up(const char *text) {
        locale_t before = uselocale(of_texts);

        text = gettext(text);
        (void) uselocale(before);
        return text;
}

const char *_(const char *text) {
        return of_texts && !str_is_empty(text) ? look_up(text) : text;
}

const char *i18n_reason(const char *text) {
        static char words[1024];
        const char *name = strstr(text, " ("), *translated = _(text);
        char clause[512];

        if (translated != text || !name || (size_t) (name - text) >= sizeof(clause))
                return translated;

        (void) snprintf(clause, sizeof(clause), "%.*s", (int) (name - text), text);
        translated = _(clause);
        if (translated == clause)
                return text;

        (void) snprintf(words, sizeof(words), "%s%s", translated, name);
        return words;
}

/* The header of a catalogue is its translation of nothing. */
static bool has_catalogue(void) {
        return *look_up("");
}

static bool is_utf8(void) {
        return streq(nl_langinfo_l(CODESET, of_texts), "UTF-8");
}

void i18n_open(void) {
        const char *directory = getenv("TEXTDOMAINDIR");

        of_texts = newlocale(LC_CTYPE_MASK | LC_MESSAGES_MASK, "", (locale_t) 0);
        if (!of_texts)
                return;

        (void) bindtextdomain(DOMAIN, str_is_empty(directory) ? YADISK_LOCALE_DIR : directory);
        (void) bind_textdomain_codeset(DOMAIN, "UTF-8");
        (void) textdomain(DOMAIN);

        if (is_utf8() && has_catalogue())
                return;
        freelocale(of_texts);
        of_texts = (locale_t) 0;
}

void i18n_speak(void) {
        (void) setlocale(LC_CTYPE, "");
        if (of_texts)
                (void) uselocale(of_texts);
}
