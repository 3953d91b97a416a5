/* SPDX-License-Identifier: MIT */
#pragma once

/* What may stand in any field of a JSON document, by whoever wrote it. The rest of the document is
 * to be read all the same, with each version of json-c. */

#include <stdio.h>

#include "common/util.h"

#define ODD_NUMBER 31536000

typedef enum OddKind {
        ODD_CYRILLIC,
        ODD_EMOJI,
        ODD_ESCAPED,
        ODD_DIGITS,  /* ODD_NUMBER between quotes */
        ODD_DECIMAL, /* the same with a point */
        ODD_EMPTY,
        ODD_NUL,
        ODD_CONTROL,
        ODD_NOT_ESCAPED,
        ODD_INT,
        ODD_FLOAT,    /* ODD_NUMBER with a point */
        ODD_EXPONENT, /* ODD_NUMBER with an exponent */
        ODD_OVERFLOW,
        ODD_UNDERFLOW,
        ODD_INFINITE,
        ODD_NAN,
        ODD_NULL,
        ODD_TRUE,
        ODD_LIST,
        ODD_OBJECT,
        _ODD_MAX,
} OddKind;

static const char *const odd_values[_ODD_MAX] = {
        [ODD_CYRILLIC] = "\"Иван\"",
        [ODD_EMOJI] = "\"😀👨‍👩‍👧\"",
        [ODD_ESCAPED] = "\"\\u0418\\ud83d\\ude00\"",
        [ODD_DIGITS] = "\"31536000\"",
        [ODD_DECIMAL] = "\"31536000.0\"",
        [ODD_EMPTY] = "\"\"",
        [ODD_NUL] = "\"a\\u0000b\"",
        [ODD_CONTROL] = "\"a\\n\\u001bb\"",
        [ODD_NOT_ESCAPED] = "\"a\n\tb\"",
        [ODD_INT] = "31536000",
        [ODD_FLOAT] = "31536000.0",
        [ODD_EXPONENT] = "3.1536e7",
        [ODD_OVERFLOW] = "99999999999999999999",
        [ODD_UNDERFLOW] = "-99999999999999999999",
        [ODD_INFINITE] = "1e400",
        [ODD_NAN] = "NaN",
        [ODD_NULL] = "null",
        [ODD_TRUE] = "true",
        [ODD_LIST] = "[\"a\", {\"a\": 99999999999999999999}]",
        [ODD_OBJECT] = "{\"имя\": \"Иван\"}",
};

/* Which of them a field may hold. */
#define ODD(kind)     (1U << (ODD_##kind))
#define ODD_ANY       ((1U << _ODD_MAX) - 1)
#define ODD_NOTHING   (ODD(NULL) | ODD(EMPTY))
#define ODD_ASCII     (ODD(DIGITS) | ODD(DECIMAL))
#define ODD_TEXT      (ODD(CYRILLIC) | ODD(EMOJI) | ODD(ESCAPED) | ODD_ASCII)
#define ODD_NUMBERS   (ODD(INT) | ODD(FLOAT) | ODD(EXPONENT) | ODD_ASCII)
#define ODD_TOO_LARGE (ODD(OVERFLOW) | ODD(INFINITE))

/* The document with another value of the same name before the one that is "@". Until the next
 * call. */
static inline const char *odd_twice(const char *document, const char *before) {
        static char text[1024];
        const char *end = strchr(document, '@'), *name;

        while (*end != ':')
                end--;
        name = end - 2;
        while (*name != '"')
                name--;
        if (snprintf(text, sizeof(text), "%.*s%.*s: %s, %s", (int) (name - document), document,
                     (int) (end - name), name, before, name) >= (int) sizeof(text))
                abort();
        return text;
}

/* The document with that value in the place of its "@". Until the next call. */
static inline const char *odd_document(const char *document, OddKind kind) {
        static char text[1024];
        size_t length = strcspn(document, "@");

        if (snprintf(text, sizeof(text), "%.*s%s%s", (int) length, document, odd_values[kind],
                     document + length + 1) >= (int) sizeof(text))
                abort();
        return text;
}
