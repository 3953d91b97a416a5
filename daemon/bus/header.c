/* SPDX-License-Identifier: MIT */

#include "bus/header.h"

#include <endian.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "common/names.h"
#include "common/util.h"

#define MESSAGE_MAX ((uint64_t) 1024 * 1024)

/* Arguments that are nested deeper than sd-bus goes along with need a longer one. */
#define SIGNATURE_MAX 32

/* How a message begins, and which fields follow (D-Bus specification, message format). */
typedef struct Start {
        char order; /* 'l' or 'B' */
        uint8_t type, flags, version;
        uint32_t body_length, serial, fields_length;
} Start;

enum {
        FIELD_PATH = 1,
        FIELD_INTERFACE,
        FIELD_MEMBER,
        FIELD_ERROR_NAME,
        FIELD_REPLY_SERIAL,
        FIELD_DESTINATION,
        FIELD_SENDER,
        FIELD_SIGNATURE,
        FIELD_UNIX_FDS,
        FIELD_MAX,
};

static const char field_types[FIELD_MAX] = {
        [FIELD_PATH] = 'o',       [FIELD_INTERFACE] = 's',    [FIELD_MEMBER] = 's',
        [FIELD_ERROR_NAME] = 's', [FIELD_REPLY_SERIAL] = 'u', [FIELD_DESTINATION] = 's',
        [FIELD_SENDER] = 's',     [FIELD_SIGNATURE] = 'g',    [FIELD_UNIX_FDS] = 'u',
};

/* The value of a field. */
typedef struct Value {
        bool is_there;
        uint32_t number; /* or the length of the text */
        const char *text;
} Value;

typedef struct Cursor {
        const uint8_t *bytes;
        size_t at, end;
        char order;
} Cursor;

static uint32_t header_number(char order, uint32_t number) {
        return order == 'l' ? le32toh(number) : be32toh(number);
}

static const uint8_t *cursor_take(Cursor *c, size_t alignment, size_t n) {
        size_t at = (c->at + alignment - 1) / alignment * alignment;

        if (at > c->end || n > c->end - at)
                return NULL;

        c->at = at + n;
        return c->bytes + at;
}

static bool cursor_take_number(Cursor *c, uint32_t *ret) {
        const uint8_t *bytes = cursor_take(c, sizeof(uint32_t), sizeof(uint32_t));
        uint32_t number;

        if (!bytes)
                return false;

        memcpy(&number, bytes, sizeof(number));
        *ret = header_number(c->order, number);
        return true;
}

static bool cursor_take_text(Cursor *c, uint32_t length, const char **ret) {
        const uint8_t *bytes = cursor_take(c, 1, (size_t) length + 1);

        *ret = (const char *) bytes;
        return bytes && bytes[length] == '\0';
}

static bool cursor_take_value(Cursor *c, char type, Value *ret) {
        const uint8_t *length;

        if (type == 'g') {
                length = cursor_take(c, 1, 1);
                if (!length)
                        return false;
                ret->number = *length;
        } else if (!cursor_take_number(c, &ret->number))
                return false;

        ret->is_there = true;
        return type == 'u' || cursor_take_text(c, ret->number, &ret->text);
}

/* Each is a number and a variant, and is there once at most. */
static bool cursor_take_field(Cursor *c, Value values[static FIELD_MAX]) {
        const uint8_t *start = cursor_take(c, 8, 4);

        return start && start[0] > 0 && start[0] < FIELD_MAX && !values[start[0]].is_there &&
               start[1] == 1 && start[2] == (uint8_t) field_types[start[0]] && start[3] == 0 &&
               cursor_take_value(c, field_types[start[0]], &values[start[0]]);
}

/* Without a bus in between no message has a sender. */
static bool value_is_of_bus(const Value *sender) {
        return !sender->is_there || streq(sender->text, DBUS_NAME);
}

static bool header_is_wanted(const Start *start, const uint8_t *bytes, uint32_t fields_length) {
        Cursor c = { bytes, sizeof(Start), sizeof(Start) + fields_length, start->order };
        Value values[FIELD_MAX] = {};

        while (c.at < c.end)
                if (!cursor_take_field(&c, values))
                        return false;

        switch (start->type) {
        case SD_BUS_MESSAGE_METHOD_CALL:
                return !values[FIELD_REPLY_SERIAL].is_there && values[FIELD_UNIX_FDS].number == 0 &&
                       values[FIELD_SIGNATURE].number <= SIGNATURE_MAX;
        case SD_BUS_MESSAGE_SIGNAL:
                return !values[FIELD_REPLY_SERIAL].is_there && values[FIELD_UNIX_FDS].number == 0 &&
                       value_is_of_bus(&values[FIELD_SENDER]);
        case SD_BUS_MESSAGE_METHOD_RETURN:
        case SD_BUS_MESSAGE_METHOD_ERROR:
                return value_is_of_bus(&values[FIELD_SENDER]);
        default:
                return false;
        }
}

bool header_read(const uint8_t *bytes, size_t n, Header *ret) {
        uint64_t body_length, fields_length;
        Start start;
        bool is_long;

        if (n < sizeof(start))
                return false;
        memcpy(&start, bytes, sizeof(start));
        if (start.order != 'l' && start.order != 'B')
                return false;

        body_length = header_number(start.order, start.body_length);
        fields_length = header_number(start.order, start.fields_length);
        is_long = fields_length > HEADER_MAX - sizeof(start);
        if (!is_long && fields_length > n - sizeof(start))
                return false;

        *ret = (Header){
                .length = sizeof(start) + (fields_length + 7) / 8 * 8 + body_length,
                .size = body_length + fields_length,
                .serial = header_number(start.order, start.serial),
        };
        ret->is_wanted = !is_long && ret->length <= MESSAGE_MAX &&
                         header_is_wanted(&start, bytes, (uint32_t) fields_length);
        return true;
}
