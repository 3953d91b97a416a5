/* SPDX-License-Identifier: MIT */
#pragma once

/* The libraries that the client loads when it needs them. What their headers declare is in
 * glib-library.h and json-library.h, beside which some of our own headers cannot stand. */

#include "common/dynamic-library.h"

extern DynamicLibrary glib_library, json_library;

/* Return what dynamic_library_load() returns. */
static inline int glib_load(void) {
        return dynamic_library_load(&glib_library);
}

static inline int json_load(void) {
        return dynamic_library_load(&json_library);
}
