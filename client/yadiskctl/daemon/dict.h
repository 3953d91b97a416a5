/* SPDX-License-Identifier: MIT */
#pragma once

/* Reading an a{sv} of the bus into a struct. */

#include <stddef.h>

#include <systemd/sd-bus.h>

/*
 * One key that is wanted. type is the D-Bus type of its value, which says what stands at offset:
 * s, o: const char *, which lives as long as the message; b: bool; i: int32_t; u: uint32_t;
 * t: uint64_t; as: char **, to be freed with strv_free(); (ss): two const char *, one after the other;
 * (uo): a uint32_t, the path being passed over.
 */
typedef struct DictField {
        const char *key;
        const char *type;
        size_t offset;
} DictField;

/* Reads the a{sv} that comes next in m. fields end with a row without a key. Other keys, and values
 * of another type, are passed over: target keeps what it had. 0 or a negative errno. */
int dict_read(sd_bus_message *m, const DictField *fields, void *target);
