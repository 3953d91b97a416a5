/* SPDX-License-Identifier: MIT */

#include "common/dynamic-library.h"

#include "check.h"

static double (*square_root)(double);

static void a_library_is_loaded(void) {
        static const DynamicSymbol symbols[] = { { "sqrt", &square_root }, {} };
        DynamicLibrary l = { "libm.so.6", "libc6", symbols };

        check_int(dynamic_library_load(&l), 0);
        check(square_root(49) > 6.9);
        check_int(dynamic_library_load(&l), 0);
}

static void a_missing_library_is_told(void) {
        static const DynamicSymbol symbols[] = { { "sqrt", &square_root }, {} };
        DynamicLibrary l = { "libyadisk-none.so.0", "none", symbols };

        check_int(dynamic_library_load(&l), -ELIBACC);
        check(!l.is_loaded);
}

static void so_is_a_missing_function(void) {
        static void *nothing;
        static const DynamicSymbol symbols[] = { { "yadisk_no_such_function", &nothing }, {} };
        DynamicLibrary l = { "libm.so.6", "libc6", symbols };

        check_int(dynamic_library_load(&l), -ELIBACC);
        check(!l.is_loaded);
}

TEST_MAIN(TEST(a_library_is_loaded), TEST(a_missing_library_is_told),
          TEST(so_is_a_missing_function))
