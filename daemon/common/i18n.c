/* SPDX-License-Identifier: MIT */

#include "common/i18n.h"

#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <unistd.h>

#define DOMAIN "yadisk-tokend"

/* The thread has it only while a text is looked up. 0: texts are not translated. */
static locale_t text_locale;

/* i18n_open() is still to be called with it. */
static const char *postponed_directory;

static __attribute__((format_arg(1))) const char *i18n_look_up(const char *text) {
        locale_t before = uselocale(text_locale);

        text = gettext(text);
        (void) uselocale(before);
        return text;
}

const char *_(const char *text) {
        i18n_speak_now();
        return text_locale && !str_is_empty(text) ? i18n_look_up(text) : text;
}

const char *i18n_reason(const char *text) {
        static char words[1024];
        const char *name = strstr(text, " ("), *end = strrchr(text, ')'), *translated = _(text);
        char clause[512];
        int before;

        if (translated != text || !name || !end || end < name || strlen(text) >= sizeof(clause))
                return translated;

        (void) snprintf(clause, sizeof(clause), "%.*s%s", (int) (name - text), text, end + 1);
        translated = _(clause);
        if (translated == clause)
                return text;

        before =
                (int) (end[1] ? strcspn(translated, (char[]){ end[1], '\0' }) : strlen(translated));
        (void) snprintf(words, sizeof(words), "%.*s%.*s%s", before, translated,
                        (int) (end + 1 - name), name, translated + before);
        return words;
}

/* The translation of the empty text is the header of the catalogue. */
static bool i18n_has_catalogue(void) {
        return *i18n_look_up("");
}

static bool i18n_is_utf8(void) {
        return streq(nl_langinfo_l(CODESET, text_locale), "UTF-8");
}

/* All is installed below one prefix, wherever that has been moved to. */
static void i18n_bind(const char *directory) {
        const char *instead = getenv("TEXTDOMAINDIR");
        char path[PATH_MAX + 64];
        ssize_t n;

        if (!str_is_empty(instead)) {
                (void) bindtextdomain(DOMAIN, instead);
                return;
        }
        n = readlink("/proc/self/exe", path, PATH_MAX);
        if (n <= 0)
                return;
        path[n] = '\0';
        n = strrchr(path, '/') + 1 - path;
        (void) snprintf(path + n, sizeof(path) - (size_t) n, "%s", directory);
        (void) bindtextdomain(DOMAIN, path);
}

void i18n_open(const char *directory) {
        text_locale = newlocale(LC_CTYPE_MASK | LC_MESSAGES_MASK, "", (locale_t) 0);
        if (!text_locale)
                return;

        i18n_bind(directory);
        (void) bind_textdomain_codeset(DOMAIN, "UTF-8");
        (void) textdomain(DOMAIN);

        if (i18n_is_utf8() && i18n_has_catalogue())
                return;
        freelocale(text_locale);
        text_locale = (locale_t) 0;
}

void i18n_speak_later(const char *directory) {
        postponed_directory = directory;
}

void i18n_speak_now(void) {
        const char *directory = TAKE_PTR(postponed_directory);

        if (!directory)
                return;
        i18n_open(directory);
        i18n_speak();
}

void i18n_speak(void) {
        (void) setlocale(LC_CTYPE, "");
        if (text_locale)
                (void) uselocale(text_locale);
}
