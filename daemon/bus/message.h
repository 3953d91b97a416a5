/* SPDX-License-Identifier: MIT */
#pragma once

/* What all handlers need to read calls and to answer: errors, which are made here and nowhere else;
 * the a{sv} of options and results; the getters of properties, and the flags of vtables. */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "common/util.h"

/* Fills the error from a Condition or a negative errno. Returns what a D-Bus handler returns. */
int bus_error_set(sd_bus_error *error, int r);

/* The same with a sentence that fits better than the one of the Condition, and that says what to
 * do. A sentence without arguments gets into the catalogues of translations from here, so that
 * clients can translate it. */
int bus_error_setf(sd_bus_error *error, int r, const char *format, ...) _printf_(3, 4);

/* InvalidArgs, for arguments that several methods have. */
int bus_error_bad_label(sd_bus_error *error);
int bus_error_bad_client_id(sd_bus_error *error);
int bus_error_bad_scope(sd_bus_error *error);
int bus_error_bad_app(sd_bus_error *error);

/* Makes our error names known to sd-bus, for the whole process. Returns 0 or a negative errno. */
int bus_error_register(void);

/* About how many bytes the arguments of a message take. Counts no further than max, since the
 * caller chooses how long that takes. The message is at its beginning afterwards. */
size_t message_size(sd_bus_message *m, size_t max);

/* An option that a method understands. */
typedef struct Option {
        const char *name;
        const char *type; /* "b", "u", "t", "s", "o", or "as" */
        /* An int, uint32_t, uint64_t, const char * that is valid as long as the message, or char **
         * that the caller frees; untouched if the option is not given. */
        void *ret;
        bool *ret_given; /* or NULL */
} Option;

/* Reads all options at the message's position; ignores those that are not in the table. Returns 0,
 * or what a D-Bus handler returns: InvalidArgs if an option has another type, and LimitsExceeded if
 * those that it passes over have hundreds of values. */
int dict_read_options(sd_bus_message *m, const Option *options, size_t n_options,
                      sd_bus_error *error);

/* Append the entry {key: value} to the open array. Return 0 or a negative errno. */

/* The value is of a type that is text, "s" or "o". If it is NULL there is no entry. */
int dict_append_text(sd_bus_message *m, const char *key, const char *type, const char *value);

int dict_append_strv(sd_bus_message *m, const char *key, char *const *value);

/* The flags in the vtables of the objects: of properties, and of methods. */
#define CONSTANT SD_BUS_VTABLE_PROPERTY_CONST
#define CHANGES  SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE
#define METHOD   SD_BUS_VTABLE_UNPRIVILEGED
#define SECRET   (SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE)

/* Defines the getter of a property. userdata: the declaration of a variable for what the object is;
 * value: an expression of it; type: its signature. */
#define MESSAGE_PROPERTY(name, userdata_, type, value)                                             \
        static int name(sd_bus *bus, const char *path, const char *interface,                      \
                        const char *property, sd_bus_message *reply, void *userdata,               \
                        sd_bus_error *error) {                                                     \
                userdata_ __attribute__((unused)) = userdata;                                      \
                                                                                                   \
                return sd_bus_message_append(reply, type, value);                                  \
        }
