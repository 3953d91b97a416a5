/* SPDX-License-Identifier: MIT */
#pragma once

/* Reads dictionaries of the bus: an a{sv} into a struct, and others entry by entry. */

#include <stddef.h>

#include <systemd/sd-bus.h>

/*
 * A key that is wanted. type is the D-Bus type of its value, and determines what stands at offset:
 * s, o: a const char * that is valid as long as the message; b: bool; i: int32_t; u: uint32_t; t:
 * uint64_t; as: a char ** for strv_free(); (ss): two const char *, one after the other; (uo): a
 * uint32_t, the path is skipped.
 */
typedef struct DictField {
        const char *key;
        const char *type;
        size_t offset;
} DictField;

/* Reads the a{sv} that comes next in m. fields ends with a row without a key. Other keys, and
 * values of another type, are skipped, and target keeps what it had. Returns 0 or a negative
 * errno. */
int dict_read(sd_bus_message *m, const DictField *fields, void *target);

typedef int (*DictEntryFn)(sd_bus_message *m, void *userdata);

/* Calls fn for each entry of the dictionary that comes next in m. fn reads all of the entry, and
 * returns a negative errno if that fails. Returns 0 or a negative errno. */
int dict_for_each(sd_bus_message *m, DictEntryFn fn, void *userdata);
