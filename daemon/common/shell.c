/* SPDX-License-Identifier: MIT */

#include "common/shell.h"

#include "common/utf8.h"

/* What needs no quotes. */
#define PLAIN ASCII_LETTERS ASCII_DIGITS "@%+=:,./-_"

int shell_quote_word(const char *s, char **ret) {
        static const char quote[] = "'\\''";
        char *quoted, *end;

        if (*s && !s[strspn(s, PLAIN)])
                return str_replace(ret, s);

        quoted = calloc(strlen(quote), strlen(s) + 1);
        if (!quoted)
                return -ENOMEM;
        end = stpcpy(quoted, "'");
        for (; *s; s++)
                if (*s == '\'')
                        end = stpcpy(end, quote);
                else
                        *end++ = *s;
        *end = '\'';

        free(*ret);
        *ret = quoted;
        return 0;
}
