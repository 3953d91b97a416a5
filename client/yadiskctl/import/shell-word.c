/* SPDX-License-Identifier: MIT */

#include "yadiskctl/import/shell-word.h"

#include "common/util.h"

#define PLAIN                                                                                      \
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"                           \
        "@%+=:,./-_"
#define QUOTED_QUOTE "'\\''"

int shell_word(const char *s, char **ret) {
        char *word, *end;

        if (*s && !s[strspn(s, PLAIN)])
                return str_replace(ret, s);

        word = malloc(strlen(s) * strlen(QUOTED_QUOTE) + sizeof("''"));
        if (!word)
                return -ENOMEM;

        end = stpcpy(word, "'");
        for (; *s; s++)
                if (*s == '\'')
                        end = stpcpy(end, QUOTED_QUOTE);
                else
                        *end++ = *s;
        (void) stpcpy(end, "'");

        free(*ret);
        *ret = word;
        return 0;
}
