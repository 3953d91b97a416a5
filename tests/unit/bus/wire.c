/* SPDX-License-Identifier: MIT */

#include "wire.h"

#include <byteswap.h>
#include <systemd/sd-bus.h>

#include "check.h"
#include "common/util.h"

Bytes *bytes_new(char order) {
        Bytes *b = calloc(1, sizeof(Bytes));

        check(b);
        b->order = order;
        return b;
}

void put(Bytes *b, const void *bytes, size_t n) {
        check(b->n + n <= BYTES_MAX);
        memcpy(b->at + b->n, bytes, n);
        b->n += n;
}

void put_number(Bytes *b, size_t number) {
        uint32_t n = b->order == OURS ? (uint32_t) number : bswap_32((uint32_t) number);

        put(b, &n, sizeof(n));
}

void pad(Bytes *b, size_t to) {
        while (b->n % to != 0)
                put(b, "", 1);
}

void put_number_field(Bytes *b, char code, uint32_t number) {
        char start[] = { code, 1, 'u', 0 };

        pad(b, 8);
        put(b, start, sizeof(start));
        put_number(b, number);
}

void put_field(Bytes *b, char code, char type, const char *value) {
        uint8_t signature[] = { (uint8_t) code, 1, (uint8_t) type, 0 };
        size_t length = strlen(value);

        pad(b, 8);
        put(b, signature, sizeof(signature));
        if (type == 'g')
                put(b, &(uint8_t){ (uint8_t) length }, 1);
        else
                put_number(b, length);
        put(b, value, strlen(value) + 1);
}

Bytes *message(uint8_t type, uint32_t serial, const Bytes *fields, size_t length) {
        char start[] = { fields->order, (char) type, 0, 1 };
        _cleanup_free_ char *text = calloc(length + 1, 1);
        Bytes *b = bytes_new(fields->order);

        check(text);
        memset(text, 'x', length);
        put(b, start, sizeof(start));
        put_number(b, 4 + length + 1);
        put_number(b, serial);
        put_number(b, fields->n);
        put(b, fields->at, fields->n);
        b->n_fields = fields->n;
        pad(b, 8);
        put_number(b, length);
        put(b, text, length + 1);
        return b;
}

Bytes *fields_of_call(char order) {
        Bytes *fields = bytes_new(order);

        put_field(fields, 1, 'o', "/");
        put_field(fields, 2, 's', "a.b");
        put_field(fields, 3, 's', "C");
        put_field(fields, 8, 'g', "s");
        return fields;
}

Bytes *call(char order, uint32_t serial, size_t length) {
        _cleanup_free_ Bytes *fields = fields_of_call(order);

        return message(SD_BUS_MESSAGE_METHOD_CALL, serial, fields, length);
}

Bytes *answer(uint32_t serial, uint32_t to, const char *error, size_t length) {
        uint8_t type = error ? SD_BUS_MESSAGE_METHOD_ERROR : SD_BUS_MESSAGE_METHOD_RETURN;
        _cleanup_free_ Bytes *fields = bytes_new(OURS);

        put_number_field(fields, 5, to);
        if (error)
                put_field(fields, 4, 's', error);
        put_field(fields, 8, 'g', "s");
        return message(type, serial, fields, length);
}
