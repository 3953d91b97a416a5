/* SPDX-License-Identifier: MIT */

#include "yandex/http-library.h"

#include "common/condition.h"

LIBCURL_FUNCTIONS(SYMBOL_DEFINE)

static const DynamicSymbol libcurl_symbols[] = { LIBCURL_FUNCTIONS(SYMBOL_ROW){} };

static DynamicLibrary libcurl = { "libcurl.so.4", "libcurl4", libcurl_symbols };

int http_library_load_as(DynamicLibrary *library, const char **ret_soname) {
        if (dynamic_library_load(library) == 0)
                return 0;

        *ret_soname = library->soname;
        return CONDITION_LIBRARY_MISSING;
}

int http_library_load(const char **ret_soname) {
        return http_library_load_as(&libcurl, ret_soname);
}
