/* SPDX-License-Identifier: MIT */

#include "bus/error.h"

#include <stdarg.h>

#include "common/condition.h"
#include "keeper/account/account.h"

int bus_error_set(sd_bus_error *error, int r) {
        return sd_bus_error_set(error, condition_bus_name(r), condition_sentence(r));
}

int bus_error_setf(sd_bus_error *error, int r, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        r = sd_bus_error_setfv(error, condition_bus_name(r), format, ap);
        va_end(ap);
        return r;
}

_Static_assert(LABEL_MAX == 64, "the sentence says so");

int bus_error_bad_label(sd_bus_error *error) {
        return bus_error_setf(
                error, CONDITION_INVALID_ARGS,
                "A label has 1 to 64 bytes and no control characters; choose another.");
}

int bus_error_bad_client_id(sd_bus_error *error) {
        return bus_error_setf(error, CONDITION_INVALID_ARGS,
                              "That is not a ClientID; copy it from https://oauth.yandex.ru once "
                              "more.");
}

int bus_error_bad_scope(sd_bus_error *error) {
        return bus_error_setf(error, CONDITION_INVALID_ARGS,
                              "A scope is a word without spaces; give each by itself.");
}

int bus_error_register(void) {
        static sd_bus_error_map map[_CONDITION_MAX - _CONDITION_MIN + 1];
        int n = 0;

        for (int r = _CONDITION_MIN; r < _CONDITION_MAX; r++)
                map[n++] = (sd_bus_error_map) SD_BUS_ERROR_MAP(condition_bus_name(r), r);
        map[n] = (sd_bus_error_map) SD_BUS_ERROR_MAP_END;

        return MIN_OF(sd_bus_error_add_map(map), 0);
}
