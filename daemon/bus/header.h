/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The header of a D-Bus message, looked at before sd-bus reads the message. sd-bus does not tell
 * how large a message is. It keeps the descriptors that came with one that it drops; it ends a
 * connection on which one of 128 MiB arrives; it matches an answer to a question whoever sends the
 * answer; and the value of a field that it does not know it may read as further fields. A bus
 * passes all of these on, so what no program has a reason to send must not reach sd-bus.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No header that is wanted is longer. */
#define HEADER_MAX 2048

typedef struct Header {
        uint64_t length; /* of the whole message, in bytes */
        uint64_t size;   /* of its fields and its body */
        uint32_t serial;

        /* A call without descriptors, or a signal or an answer of the bus itself, of at most
         * 1 MiB, with no more than the fields of the D-Bus specification. */
        bool is_wanted;
} Header;

/* The bytes are the first n of a message that a bus has checked, or they may be anything. Returns
 * whether they tell all that: whether the header is all there, or longer than HEADER_MAX. */
bool header_read(const uint8_t *bytes, size_t n, Header *ret);
