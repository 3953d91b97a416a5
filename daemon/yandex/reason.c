/* SPDX-License-Identifier: MIT */

#include "yandex/reason.h"

#include <stdio.h>

#include "common/util.h"
#include "yandex/oauth-check.h"

#define REASONS_MAX    16
#define NAME_MAX_BYTES 128

static char reasons[REASONS_MAX][384];

const char *reason_with_name(const char *clause, const char *name) {
        char text[sizeof(reasons[0])];

        if (!check_printable(name, NAME_MAX_BYTES))
                return clause;
        if (snprintf(text, sizeof(text), "%s (%s)", clause, name) >= (int) sizeof(text))
                return clause;

        for (size_t i = 0; i < REASONS_MAX; i++) {
                if (reasons[i][0] == '\0')
                        strcpy(reasons[i], text);
                if (streq(reasons[i], text))
                        return reasons[i];
        }
        return clause;
}
