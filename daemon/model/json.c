/* SPDX-License-Identifier: MIT */

#include "model/json.h"

#include <json-c/json.h>
#include <json-c/json_visit.h>

#include "common/json-text.h"
#include "model/percent.h"

#define JSON_DOCUMENT_MAX (256U * 1024U)

DEFINE_CLEANUP(json_tokener *, json_tokener_free)

/* What json_text_is_well_formed() accepts is read alike by all versions of json-c. */
int json_parse(const Secret *text, Json **ret) {
        const char *bytes = json_text_begin(secret_string(text));
        size_t length = secret_length(text) - (size_t) (bytes - secret_string(text));
        _cleanup_(json_tokener_freep) json_tokener *tokener = NULL;
        _cleanup_(json_freep) Json *j = NULL;

        if (length > JSON_DOCUMENT_MAX || strlen(bytes) != length ||
            !json_text_is_well_formed(bytes))
                return -EBADMSG;

        /* The values inside of the innermost object are one level more. */
        tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 1);
        if (!tokener)
                return -ENOMEM;

        j = json_tokener_parse_ex(tokener, bytes, (int) length);
        if (!json_object_is_type(j, json_type_object))
                return -EBADMSG;

        *ret = TAKE_PTR(j);
        return 0;
}

int json_new(Json **ret) {
        Json *j = json_object_new_object();

        if (!j)
                return -ENOMEM;

        *ret = j;
        return 0;
}

Json *json_free(Json *j) {
        (void) json_object_put(j);
        return NULL;
}

/* json-c leaves the text in a buffer of the object, until that is freed. */
int json_print(const Json *j, Secret **ret) {
        size_t length;
        const char *text;

        text = json_object_to_json_string_length(
                (Json *) j, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
        if (!text)
                return -ENOMEM;
        return length > JSON_DOCUMENT_MAX ? -E2BIG : secret_new_from(text, length, ret);
}

/* The value at key, or NULL if there is none or it is null. */
static Json *json_get(const Json *j, const char *key) {
        Json *value;

        if (!json_object_is_type(j, json_type_object))
                return NULL;
        return json_object_object_get_ex(j, key, &value) ? value : NULL;
}

static Json *json_get_typed(const Json *j, const char *key, json_type type) {
        Json *value = json_get(j, key);

        return json_object_is_type(value, type) ? value : NULL;
}

/* NULL if the value is no string, or one that contains a NUL. */
static const char *json_string(Json *value) {
        const char *s =
                json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;

        return s && strlen(s) == (size_t) json_object_get_string_len(value) ? s : NULL;
}

const char *json_get_string(const Json *j, const char *key) {
        return json_string(json_get(j, key));
}

int64_t json_get_int(const Json *j, const char *key, int64_t fallback) {
        Json *value = json_get(j, key);
        int64_t n = fallback;

        switch (json_object_get_type(value)) {
        case json_type_int:
                return json_object_get_int64(value);
        case json_type_double:
                /* json-c cuts infinity to what fits, but of NaN each version makes something
                 * else. */
                return __builtin_isnan(json_object_get_double(value))
                               ? fallback
                               : json_object_get_int64(value);
        case json_type_string:
                (void) json_text_to_int(str_or_empty(json_string(value)), &n);
                return n;
        default:
                return fallback;
        }
}

bool json_get_bool(const Json *j, const char *key, bool fallback) {
        Json *value = json_get_typed(j, key, json_type_boolean);

        return value ? json_object_get_boolean(value) : fallback;
}

bool json_has(const Json *j, const char *key) {
        return json_get(j, key) != NULL;
}

Json *json_get_object(const Json *j, const char *key) {
        return json_get_typed(j, key, json_type_object);
}

int json_get_secret(const Json *j, const char *key, Secret **ret) {
        const char *s = json_get_string(j, key);

        return str_is_empty(s) ? -ENODATA : secret_new_from(s, strlen(s), ret);
}

int json_get_strv(const Json *j, const char *key, char ***ret) {
        _cleanup_(strv_freep) char **l = NULL;
        Json *array = json_get_typed(j, key, json_type_array);
        size_t n = array ? json_object_array_length(array) : 0;

        for (size_t i = 0; i < n; i++) {
                const char *s = json_string(json_object_array_get_idx(array, i));
                int r;

                r = s ? strv_extend(&l, s) : 0;
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(l);
        return 0;
}

int json_set_object(Json *j, const char *key, Json *value) {
        if (value && json_object_object_add(j, key, value) == 0)
                return 0;

        json_free(value);
        return -ENOMEM;
}

int json_set_string(Json *j, const char *key, const char *value) {
        return value ? json_set_object(j, key, json_object_new_string(value)) : 0;
}

int json_set_int(Json *j, const char *key, int64_t value) {
        return json_set_object(j, key, json_object_new_int64(value));
}

int json_set_bool(Json *j, const char *key, bool value) {
        return json_set_object(j, key, json_object_new_boolean(value));
}

int json_set_secret(Json *j, const char *key, const Secret *value) {
        return json_set_string(j, key, secret_string(value));
}

int json_set_strv(Json *j, const char *key, char *const *value) {
        _cleanup_(json_freep) Json *array = NULL;

        if (!value)
                return 0;

        array = json_object_new_array();
        if (!array)
                return -ENOMEM;

        for (; *value; value++) {
                Json *element = json_object_new_string(*value);

                if (!element || json_object_array_add(array, element) < 0) {
                        json_free(element);
                        return -ENOMEM;
                }
        }
        return json_set_object(j, key, TAKE_PTR(array));
}

typedef struct Recoding {
        int (*fn)(const char *s, size_t length, Secret **ret);
        int r;
} Recoding;

static int json_recode_value(json_object *value, int flags, json_object *parent, const char *key,
                             size_t *index, void *userdata) {
        _cleanup_(secret_unrefp) Secret *text = NULL;
        Recoding *recoding = userdata;

        if (!json_object_is_type(value, json_type_string))
                return JSON_C_VISIT_RETURN_CONTINUE;

        recoding->r = recoding->fn(json_object_get_string(value),
                                   (size_t) json_object_get_string_len(value), &text);
        if (recoding->r == 0 &&
            !json_object_set_string_len(value, secret_string(text), (int) secret_length(text)))
                recoding->r = -ENOMEM;
        return recoding->r == 0 ? JSON_C_VISIT_RETURN_CONTINUE : JSON_C_VISIT_RETURN_STOP;
}

int json_encode_strings(Json *j) {
        Recoding recoding = { .fn = percent_encode_plain };

        (void) json_c_visit(j, 0, json_recode_value, &recoding);
        return recoding.r;
}

int json_decode_strings(Json *j) {
        Recoding recoding = { .fn = percent_decode };

        (void) json_c_visit(j, 0, json_recode_value, &recoding);
        return recoding.r;
}
