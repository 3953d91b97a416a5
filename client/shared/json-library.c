/* SPDX-License-Identifier: MIT */

#include "shared/json-library.h"

JsonLibrary json;

static const DynamicSymbol json_symbols[] = {
#define JSON_ROW(name) { "json_" #name, &json.name },
        JSON_FUNCTIONS(JSON_ROW)
#undef JSON_ROW
                {},
};

DynamicLibrary json_library = { "libjson-c.so.5", "libjson-c5", json_symbols };
