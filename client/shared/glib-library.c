/* SPDX-License-Identifier: MIT */

#include "shared/glib-library.h"

GLib glib;

static const DynamicSymbol glib_symbols[] = {
#define GLIB_ROW(name) { "g_" #name, &glib.name },
        GLIB_FUNCTIONS(GLIB_ROW)
#undef GLIB_ROW
                {},
};

DynamicLibrary glib_library = { "libglib-2.0.so.0", "libglib2.0-0", glib_symbols };
