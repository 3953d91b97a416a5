/* SPDX-License-Identifier: MIT */
#pragma once

/* What yadiskctl needs of json-c. Few verbs do. json.object_put() is json_object_put(). */

#include <json-c/json.h>

#include "shared/libraries.h"

#define JSON_FUNCTIONS(f)                                                                          \
        f(object_get_double) f(object_get_int64) f(object_get_string) f(object_get_string_len)     \
                f(object_get_type) f(object_is_type) f(object_object_get_ex) f(object_put)         \
                        f(tokener_free) f(tokener_new_ex) f(tokener_parse) f(tokener_parse_ex)

typedef struct JsonLibrary {
#define JSON_POINTER(name) typeof(json_##name) *name;
        JSON_FUNCTIONS(JSON_POINTER)
#undef JSON_POINTER
} JsonLibrary;

/* Only after json_load() has succeeded. */
extern JsonLibrary json;
