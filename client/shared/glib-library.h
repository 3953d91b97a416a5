/* SPDX-License-Identifier: MIT */
#pragma once

/* What the client needs of GLib: GKeyFile, SHA-256, and which characters are letters. Few verbs do.
 * glib.key_file_new() is g_key_file_new(). What is to be freed with g_free() may be
 * freed with free(3), since GLib uses malloc(3). */

#include <glib.h>

#include "shared/libraries.h"

#define GLIB_FUNCTIONS(f)                                                                          \
        f(compute_checksum_for_string) f(key_file_get_groups) f(key_file_get_integer)              \
                f(key_file_get_keys) f(key_file_get_string) f(key_file_get_uint64)                 \
                        f(key_file_get_value) f(key_file_load_from_data) f(key_file_new)           \
                                f(key_file_set_integer) f(key_file_set_string)                     \
                                        f(key_file_set_uint64) f(key_file_to_data)                 \
                                                f(key_file_unref) f(unichar_isalnum)

typedef struct GLib {
#define GLIB_POINTER(name) typeof(g_##name) *name;
        GLIB_FUNCTIONS(GLIB_POINTER)
#undef GLIB_POINTER
} GLib;

/* Only after glib_load() has succeeded. */
extern GLib glib;
