/* SPDX-License-Identifier: MIT */

#include "yadiskctl/daemon/dict.h"

#include "common/strv.h"

static int dict_read_bool(sd_bus_message *m, bool *ret) {
        int value, r;

        r = sd_bus_message_read_basic(m, 'b', &value);
        if (r >= 0)
                *ret = value;
        return r;
}

static int dict_read_strv(sd_bus_message *m, char ***ret) {
        char **l = NULL;
        int r;

        r = sd_bus_message_read_strv(m, &l);
        if (r < 0)
                return r;

        strv_free(*ret);
        *ret = l;
        return 0;
}

static int dict_read_value(sd_bus_message *m, const char *type, void *target) {
        const char **strings = target;

        switch (type[0]) {
        case 'b':
                return dict_read_bool(m, target);
        case 'a':
                return dict_read_strv(m, target);
        case '(':
                return type[1] == 's' ? sd_bus_message_read(m, "(ss)", &strings[0], &strings[1])
                                      : sd_bus_message_read(m, "(uo)", (uint32_t *) target, NULL);
        default:
                return sd_bus_message_read_basic(m, type[0], target);
        }
}

static const DictField *dict_find_field(const DictField *fields, const char *key,
                                        const char *type) {
        for (; fields->key; fields++)
                if (streq(fields->key, key) && streq(fields->type, type))
                        return fields;
        return NULL;
}

/* Where the values go. */
typedef struct DictTarget {
        const DictField *fields;
        void *values;
} DictTarget;

/* Reads one sv. */
static int dict_read_entry(sd_bus_message *m, void *userdata) {
        const DictTarget *target = userdata;
        const char *key, *type;
        const DictField *field;
        int r;

        r = sd_bus_message_read_basic(m, 's', &key);
        if (r >= 0)
                r = sd_bus_message_peek_type(m, NULL, &type);
        if (r < 0)
                return r;

        field = dict_find_field(target->fields, key, type);
        if (!field)
                return sd_bus_message_skip(m, "v");

        r = sd_bus_message_enter_container(m, 'v', field->type);
        if (r >= 0)
                r = dict_read_value(m, field->type, (char *) target->values + field->offset);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

int dict_for_each(sd_bus_message *m, DictEntryFn fn, void *userdata) {
        int r;

        r = sd_bus_message_enter_container(m, 'a', NULL);
        while (r >= 0 && (r = sd_bus_message_at_end(m, false)) == 0) {
                r = sd_bus_message_enter_container(m, 'e', NULL);
                if (r >= 0)
                        r = fn(m, userdata);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

int dict_read(sd_bus_message *m, const DictField *fields, void *target) {
        return dict_for_each(m, dict_read_entry, &(DictTarget){ fields, target });
}
