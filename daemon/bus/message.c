/* SPDX-License-Identifier: MIT */

#include "bus/message.h"

#include <stdarg.h>

#include "common/condition.h"
#include "common/strv.h"
#include "keeper/account/account.h"

#define STRINGS_MAX 64

/* At most so many values and containers are looked at. No sensible call has as many, and sd-bus
 * takes long to read thousands. */
#define VALUES_MAX 512

_Static_assert(STRINGS_MAX == 64, "a sentence says so");
_Static_assert(LABEL_MAX == 64, "a sentence says so");

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

int bus_error_bad_label(sd_bus_error *error) {
        return bus_error_setf(error, CONDITION_INVALID_ARGS,
                              "A label has 1 to 64 characters, not only blanks, and no control "
                              "characters; choose another.");
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

int bus_error_bad_app(sd_bus_error *error) {
        return bus_error_setf(error, CONDITION_INVALID_ARGS,
                              "That is not the name of an app; give it as \"yadiskctl status "
                              "--callers\" shows it.");
}

int bus_error_register(void) {
        static sd_bus_error_map map[_CONDITION_MAX - _CONDITION_MIN + 1];
        int n = 0;

        for (int r = _CONDITION_MIN; r < _CONDITION_MAX; r++)
                map[n++] = (sd_bus_error_map) SD_BUS_ERROR_MAP(condition_bus_name(r), r);
        map[n] = (sd_bus_error_map) SD_BUS_ERROR_MAP_END;

        return MIN_OF(sd_bus_error_add_map(map), 0);
}

typedef struct MessageSize {
        size_t size, max;
        unsigned n_values;
} MessageSize;

static bool message_size_is_max(const MessageSize *s) {
        return s->size >= s->max || s->n_values >= VALUES_MAX;
}

/* Returns 0 at the end of the container, or a negative errno. */
static int message_size_add(MessageSize *s, sd_bus_message *m) {
        const char *contents, *text;
        uint64_t number;
        char type;
        int r = 0;

        while (!message_size_is_max(s) && (r = sd_bus_message_peek_type(m, &type, &contents)) > 0) {
                s->n_values++;
                if (contents) {
                        r = sd_bus_message_enter_container(m, type, contents);
                        if (r >= 0)
                                r = message_size_add(s, m);
                        if (r >= 0 && !message_size_is_max(s))
                                r = sd_bus_message_exit_container(m);
                } else if (strchr("sog", type)) {
                        r = sd_bus_message_read_basic(m, type, &text);
                        if (r >= 0)
                                s->size += strlen(text) + 1;
                } else {
                        r = sd_bus_message_read_basic(m, type, &number);
                        s->size += sizeof(number);
                }
                if (r < 0)
                        break;
        }
        return MIN_OF(r, 0);
}

size_t message_size(sd_bus_message *m, size_t max) {
        MessageSize s = { .max = max };
        int r;

        (void) sd_bus_message_rewind(m, true);
        r = message_size_add(&s, m);
        (void) sd_bus_message_rewind(m, true);
        return r < 0 || message_size_is_max(&s) ? max : s.size;
}

static const Option *dict_find_option(const Option *options, size_t n_options, const char *name) {
        for (size_t i = 0; i < n_options; i++)
                if (streq(options[i].name, name))
                        return &options[i];
        return NULL;
}

/* sd_bus_message_read_strv() takes time that grows with the square of the number of strings, which
 * the caller chooses. */
static int dict_read_strings(sd_bus_message *m, char ***ret, sd_bus_error *error) {
        _cleanup_(strv_freep) char **l = NULL;
        const char *s;
        int r;

        r = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "s");
        if (r < 0)
                return r;

        for (unsigned n = 0; (r = sd_bus_message_read(m, "s", &s)) > 0; n++) {
                if (n == STRINGS_MAX)
                        return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                              "A list has at most 64 strings; give fewer.");
                r = strv_extend(&l, s);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;

        strv_free(*ret);
        *ret = TAKE_PTR(l);
        return sd_bus_message_exit_container(m);
}

static int dict_read_variant(sd_bus_message *m, const Option *option, sd_bus_error *error) {
        const char *contents;
        int r;

        r = sd_bus_message_peek_type(m, NULL, &contents);
        if (r < 0)
                return r;
        if (!streq(contents, option->type))
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      "Option \"%s\" has type \"%s\"; give it as \"%s\".",
                                      option->name, contents, option->type);

        r = sd_bus_message_enter_container(m, SD_BUS_TYPE_VARIANT, contents);
        if (r < 0)
                return r;

        r = streq(option->type, "as") ? dict_read_strings(m, option->ret, error)
                                      : sd_bus_message_read(m, option->type, option->ret);
        if (r < 0)
                return r;
        if (option->ret_given)
                *option->ret_given = true;

        return sd_bus_message_exit_container(m);
}

/* What is passed over takes time as well, which the caller chooses. */
static int dict_skip_variant(sd_bus_message *m, MessageSize *skipped, sd_bus_error *error) {
        int r;

        r = message_size_add(skipped, m);
        return r == 0 && message_size_is_max(skipped)
                       ? bus_error_set(error, CONDITION_LIMITS_EXCEEDED)
                       : r;
}

int dict_read_options(sd_bus_message *m, const Option *options, size_t n_options,
                      sd_bus_error *error) {
        MessageSize skipped = { .max = SIZE_MAX };
        int r;

        r = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "{sv}");
        if (r < 0)
                return r;

        while ((r = sd_bus_message_enter_container(m, SD_BUS_TYPE_DICT_ENTRY, "sv")) > 0) {
                const Option *option;
                const char *name;

                r = sd_bus_message_read(m, "s", &name);
                if (r < 0)
                        return r;

                option = dict_find_option(options, n_options, name);
                r = option ? dict_read_variant(m, option, error)
                           : dict_skip_variant(m, &skipped, error);
                if (r < 0)
                        return r;

                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;

        return MIN_OF(sd_bus_message_exit_container(m), 0);
}

int dict_append_text(sd_bus_message *m, const char *key, const char *type, const char *value) {
        return value ? MIN_OF(sd_bus_message_append(m, "{sv}", key, type, value), 0) : 0;
}

int dict_append_strv(sd_bus_message *m, const char *key, char *const *value) {
        int r;

        r = sd_bus_message_open_container(m, SD_BUS_TYPE_DICT_ENTRY, "sv");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", key);
        if (r >= 0)
                r = sd_bus_message_open_container(m, SD_BUS_TYPE_VARIANT, "as");
        if (r >= 0)
                r = sd_bus_message_append_strv(m, (char **) value);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        return r < 0 ? r : MIN_OF(sd_bus_message_close_container(m), 0);
}
