/* SPDX-License-Identifier: MIT */

#include "shared/unreachable.h"

#include "common/util.h"

#define STANDARD_ERROR "org.freedesktop.DBus.Error."

static bool has_prefix(const sd_bus_error *error, const char *prefix) {
        return error && error->name && strncmp(error->name, prefix, strlen(prefix)) == 0;
}

/* sd-bus reports its own troubles under these names, beside those that the bus sends. */
static bool is_connection_trouble(const sd_bus_error *error) {
        static const char *const names[] = {
                STANDARD_ERROR "ServiceUnknown", STANDARD_ERROR "NameHasNoOwner",
                STANDARD_ERROR "Disconnected",   STANDARD_ERROR "NoServer",
                "System.Error.ENOTCONN",         "System.Error.EPIPE",
                "System.Error.ECONNREFUSED",     "System.Error.ESHUTDOWN",
        };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (sd_bus_error_has_name(error, names[i]))
                        return true;
        return false;
}

/* The bus passes on what systemd answered when systemd does the starting. */
bool unreachable_because_start_failed(const sd_bus_error *error) {
        return has_prefix(error, STANDARD_ERROR "Spawn.") ||
               has_prefix(error, "org.freedesktop.systemd1.");
}

bool unreachable_because_silent(const sd_bus_error *error) {
        return sd_bus_error_has_name(error, STANDARD_ERROR "NoReply") ||
               sd_bus_error_has_name(error, STANDARD_ERROR "Timeout") ||
               sd_bus_error_has_name(error, STANDARD_ERROR "TimedOut");
}

/* Without an error the call was not even sent; memory and bad input are the caller's own trouble. */
bool unreachable(const sd_bus_error *error, int r) {
        if (!sd_bus_error_is_set(error))
                return r < 0 && r != -ENOMEM && r != -EINVAL;
        return is_connection_trouble(error) || unreachable_because_start_failed(error) ||
               unreachable_because_silent(error);
}
