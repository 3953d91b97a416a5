/* SPDX-License-Identifier: MIT */

#include "common/i18n.h"

#include <langinfo.h>
#include <locale.h>

#define DOMAIN "yadisk-tokend"

void i18n_open(void) {
        const char *directory = getenv("TEXTDOMAINDIR");

        (void) setlocale(LC_ALL, "");
        if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0) /* all text of ours is */
                return;

        (void) bindtextdomain(DOMAIN, str_is_empty(directory) ? YADISK_LOCALE_DIR : directory);
        (void) bind_textdomain_codeset(DOMAIN, "UTF-8");
        (void) textdomain(DOMAIN);
}
