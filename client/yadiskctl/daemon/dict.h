/* SPDX-License-Identifier: MIT */
#pragma once

/* Reads an a{sv} of the bus into a struct. */

#include <stddef.h>

#include <systemd/sd-bus.h>

/*
 * A key that is wanted. type is the D-Bus type of its value, and determines what stands at offset:
 * s, o: a const char * that is valid as long as the message; b: bool; i: int32_t; u: uint32_t; t: uint64_t;
 * as: a char ** for strv_free(); (ss): two const char *, one after the other; (uo): a uint32_t, the path is
 * skipped.
 */
typedef struct DictField {
        const char *key;
        const char *type;
        size_t offset;
} DictField;

/* Reads the a{sv} that comes next in m. fields ends with a row without a key. Other keys, and values of
 * another type, are skipped, and target keeps what it had. Returns 0 or a negative errno. */
int dict_read(sd_bus_message *m, const DictField *fields, void *target);
