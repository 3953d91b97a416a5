/* SPDX-License-Identifier: MIT */

#include "common/format.h"

#include <stdarg.h>
#include <stdio.h>

int str_format(char **ret, const char *template, ...) {
        va_list ap;
        char *s;
        int n;

        va_start(ap, template);
        n = vasprintf(&s, template, ap);
        va_end(ap);
        if (n < 0)
                return -ENOMEM;

        *ret = s;
        return 0;
}
