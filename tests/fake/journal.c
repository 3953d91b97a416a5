/* SPDX-License-Identifier: MIT */

#include "journal.h"

#include <stdarg.h>
#include <stdio.h>

#define TEXT_MAX 16384

static char text[TEXT_MAX];
static size_t length;
static bool taken;

void journal_reset(void) {
        length = 0;
        text[0] = '\0';
        taken = false;
}

void journal_add(const char *format, ...) {
        va_list ap;
        int n;

        if (taken)
                journal_reset();
        if (length > 0)
                length += (size_t) snprintf(text + length, sizeof(text) - length, "; ");

        va_start(ap, format);
        n = vsnprintf(text + length, sizeof(text) - length, format, ap);
        va_end(ap);
        length += (size_t) n;
        if (length >= sizeof(text) / 2)
                journal_reset();
}

const char *journal_take(void) {
        if (taken)
                journal_reset();
        taken = true;
        return text;
}
