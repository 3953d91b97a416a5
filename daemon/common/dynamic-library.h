/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A shared library that only some ways through a program need. It is loaded when one of them is
 * taken, since loading all of them takes longer than most of what the program is called for.
 *
 * The functions are called through pointers, which have a table:
 *
 *     static typeof(QRcode_free) *qr_free;
 *     static const DynamicSymbol symbols[] = { { "QRcode_free", &qr_free }, {} };
 */

#include "common/util.h"

typedef struct DynamicSymbol {
        const char *name;
        void *pointer; /* to the pointer to the function */
} DynamicSymbol;

typedef struct DynamicLibrary {
        const char *soname;
        const char *package;          /* what holds it in Debian */
        const DynamicSymbol *symbols; /* ends with a row without a name */
        bool is_loaded;
} DynamicLibrary;

/* Loads it, unless that is done. It is never unloaded. Returns 0, or -ELIBACC if the library or one
 * of the functions is missing; then none may be called. */
int dynamic_library_load(DynamicLibrary *l);
