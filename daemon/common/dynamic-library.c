/* SPDX-License-Identifier: MIT */

#include "common/dynamic-library.h"

#include <dlfcn.h>

int dynamic_library_load(DynamicLibrary *l) {
        void *handle;

        if (l->is_loaded)
                return 0;

        handle = dlopen(l->soname, RTLD_NOW | RTLD_NODELETE);
        if (!handle)
                return -ELIBACC;
        for (const DynamicSymbol *s = l->symbols; s->name; s++) {
                void *function = dlsym(handle, s->name);

                if (!function)
                        return -ELIBACC;
                memcpy(s->pointer, &function, sizeof(function)); /* ISO C converts no functions */
        }

        l->is_loaded = true;
        return 0;
}
