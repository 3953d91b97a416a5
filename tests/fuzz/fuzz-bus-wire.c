/* SPDX-License-Identifier: MIT */

/*
 * Bytes on the connection of the bus. The first of the input is how they are sent: with or without
 * the greeting before them; with the lengths in the headers as they are or set right, so that what
 * follows is looked at; and at once or in two pieces, of which two more bytes tell the first's
 * length.
 */

#include "bus-world.h"

#define NO_GREETING  1U
#define SET_RIGHT    2U
#define IN_PIECES    4U
#define HEADER_BYTES 16U
#define BODY_MAX     512U

/* libsystemd 257 loses a part of what it reads of a message that is none; no bus passes these
 * on. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void) {
        return "leak:libsystemd.so";
}

static void put_number(uint8_t *at, size_t n) {
        uint32_t number = (uint32_t) n;

        memcpy(at, &number, sizeof(number));
}

/* Cuts the bytes into messages: each says how long it is, as far as there are as many bytes. */
static void set_right(uint8_t *data, size_t size) {
        while (size >= HEADER_BYTES) {
                size_t left = size - HEADER_BYTES;
                size_t fields = MIN_OF(data[12] + (data[13] & 1U) * 256U, left);
                size_t padded = MIN_OF((fields + 7) / 8 * 8, left);
                size_t body = MIN_OF((data[4] + data[5] * 256U) % BODY_MAX, left - padded);

                data[0] = 'l';
                data[3] = 1;
                put_number(data + 4, body);
                put_number(data + 12, fields);
                data += HEADER_BYTES + padded + body;
                size -= HEADER_BYTES + padded + body;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Input in = { data, size };
        uint8_t how = input_take(&in);
        size_t first = how & IN_PIECES ? input_take_number(&in, 2) : 0;
        _cleanup_free_ char *bytes = fuzz_text(in.at, in.left);

        first = MIN_OF(first, in.left);
        if (how & SET_RIGHT)
                set_right((uint8_t *) bytes, in.left);
        bus_world_begin(!(how & NO_GREETING));
        bus_world_send(bytes, first, -EBADF);
        bus_world_send(bytes + first, in.left - first, -EBADF);
        bus_world_end();
        return 0;
}
