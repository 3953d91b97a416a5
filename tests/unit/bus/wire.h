/* SPDX-License-Identifier: MIT */
#pragma once

/* Messages as bytes, made by hand, so that they can be any (D-Bus specification, message
 * format). */

#include <stddef.h>
#include <stdint.h>

#define OURS  (__BYTE_ORDER == __LITTLE_ENDIAN ? 'l' : 'B')
#define OTHER (__BYTE_ORDER == __LITTLE_ENDIAN ? 'B' : 'l')

#define BYTES_MAX ((size_t) 64 * 1024)

/* A message or its fields, in the making; the caller frees it. */
typedef struct Bytes {
        char order;
        size_t n, n_fields;
        uint8_t at[BYTES_MAX];
} Bytes;

Bytes *bytes_new(char order);

void put(Bytes *b, const void *bytes, size_t n);
void put_number(Bytes *b, size_t number);
void pad(Bytes *b, size_t to);
void put_number_field(Bytes *b, char code, uint32_t number);
void put_field(Bytes *b, char code, char type, const char *value);

/* A message with a string of so many bytes behind its fields. */
Bytes *message(uint8_t type, uint32_t serial, const Bytes *fields, size_t length);

Bytes *fields_of_call(char order);
Bytes *call(char order, uint32_t serial, size_t length);

/* An error if it has a name. */
Bytes *answer(uint32_t serial, uint32_t to, const char *error, size_t length);
