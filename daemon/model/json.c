/* SPDX-License-Identifier: MIT */

#include "model/json.h"

#include <assert.h>
#include <json-c/json.h>
#include <json-c/json_visit.h>
#include <json-c/printbuf.h>

#include "common/json-text.h"
#include "model/percent.h"

#define JSON_DOCUMENT_MAX (256U * 1024U)

/* The tokener keeps a copy of the string it read last. */
static void tokener_erase(json_tokener *t) {
        if (t->pb && t->pb->buf)
                explicit_bzero(t->pb->buf, (size_t) t->pb->size);
        json_tokener_free(t);
}

DEFINE_CLEANUP(json_tokener *, tokener_erase)

/* json-c reads what json_text_is_valid() has passed alike in all its versions. */
int json_parse(const Secret *text, Json **ret) {
        const char *bytes = secret_string(text);
        size_t length = secret_length(text);
        _cleanup_(tokener_erasep) json_tokener *tokener = NULL;
        _cleanup_(json_freep) Json *j = NULL;

        if (length > JSON_DOCUMENT_MAX || strlen(bytes) != length || !json_text_is_valid(bytes))
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

/* json-c hands out its own copy of a string, which is the one to be erased. */
static int erase_value(json_object *value, int flags, json_object *parent, const char *key,
                       size_t *index, void *userdata) {
        if (json_object_is_type(value, json_type_string))
                explicit_bzero((char *) json_object_get_string(value),
                               (size_t) json_object_get_string_len(value));
        return JSON_C_VISIT_RETURN_CONTINUE;
}

Json *json_free(Json *j) {
        if (!j)
                return NULL;

        (void) json_c_visit(j, 0, erase_value, NULL);
        (void) json_object_put(j);
        return NULL;
}

/* Serialising leaves the text in a buffer of the object, which json_object_put() would only free. */
int json_print(const Json *j, Secret **ret) {
        size_t length;
        const char *text;
        int r;

        text = json_object_to_json_string_length(
                (Json *) j, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
        if (!text)
                return -ENOMEM;

        r = length > JSON_DOCUMENT_MAX ? -E2BIG : secret_new_from(text, length, ret);
        explicit_bzero((char *) text, length);
        return r;
}

/* The value at key, or NULL, also for null. */
static Json *get_any(const Json *j, const char *key) {
        Json *value;

        if (!json_object_is_type(j, json_type_object))
                return NULL;
        return json_object_object_get_ex(j, key, &value) ? value : NULL;
}

static Json *get(const Json *j, const char *key, json_type type) {
        Json *value = get_any(j, key);

        return json_object_is_type(value, type) ? value : NULL;
}

static const char *string_without_nul(Json *value) {
        const char *s = json_object_get_string(value);

        return s && strlen(s) == (size_t) json_object_get_string_len(value) ? s : NULL;
}

const char *json_get_string(const Json *j, const char *key) {
        Json *value = get(j, key, json_type_string);

        return value ? string_without_nul(value) : NULL;
}

int64_t json_get_int(const Json *j, const char *key, int64_t fallback) {
        Json *value = get_any(j, key);
        int64_t n = fallback;

        switch (json_object_get_type(value)) {
        case json_type_int:
                return json_object_get_int64(value);
        case json_type_double:
                /* json-c cuts infinity to what fits, but of NaN each version makes something else. */
                return __builtin_isnan(json_object_get_double(value))
                               ? fallback
                               : json_object_get_int64(value);
        case json_type_string:
                (void) json_text_to_int(str_or_empty(string_without_nul(value)), &n);
                return n;
        default:
                return fallback;
        }
}

bool json_get_bool(const Json *j, const char *key, bool fallback) {
        Json *value = get(j, key, json_type_boolean);

        return value ? json_object_get_boolean(value) : fallback;
}

bool json_has(const Json *j, const char *key) {
        return get_any(j, key) != NULL;
}

Json *json_get_object(const Json *j, const char *key) {
        return get(j, key, json_type_object);
}

int json_get_secret(const Json *j, const char *key, Secret **ret) {
        const char *s = json_get_string(j, key);

        if (str_is_empty(s))
                return -ENODATA;

        return secret_new_from(s, strlen(s), ret);
}

int json_get_strv(const Json *j, const char *key, char ***ret) {
        _cleanup_(strv_freep) char **l = NULL;
        Json *array = get(j, key, json_type_array);
        size_t n = array ? json_object_array_length(array) : 0;

        for (size_t i = 0; i < n; i++) {
                Json *value = json_object_array_get_idx(array, i);
                const char *s = json_object_is_type(value, json_type_string)
                                        ? string_without_nul(value)
                                        : NULL;
                int r;

                if (!s)
                        continue;
                r = strv_extend(&l, s);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(l);
        return 0;
}

/* Takes the value, also on failure. */
static int set(Json *j, const char *key, Json *value) {
        if (!value)
                return -ENOMEM;

        if (json_object_object_add(j, key, value) < 0) {
                json_free(value);
                return -ENOMEM;
        }
        return 0;
}

int json_set_string(Json *j, const char *key, const char *value) {
        return value ? set(j, key, json_object_new_string(value)) : 0;
}

int json_set_int(Json *j, const char *key, int64_t value) {
        return set(j, key, json_object_new_int64(value));
}

int json_set_bool(Json *j, const char *key, bool value) {
        return set(j, key, json_object_new_boolean(value));
}

int json_set_secret(Json *j, const char *key, const Secret *value) {
        return json_set_string(j, key, secret_string(value));
}

static int append_string(Json *array, const char *value) {
        Json *element = json_object_new_string(value);

        if (!element)
                return -ENOMEM;

        if (json_object_array_add(array, element) < 0) {
                json_free(element);
                return -ENOMEM;
        }
        return 0;
}

int json_set_strv(Json *j, const char *key, char *const *value) {
        Json *array;
        int r;

        if (!value)
                return 0;

        array = json_object_new_array();
        r = set(j, key, array);
        for (; r == 0 && *value; value++)
                r = append_string(array, *value);
        return r;
}

int json_set_object(Json *j, const char *key, Json *value) {
        return set(j, key, value);
}

/* json-c copies the new text over the old one if it is not longer, and else frees the old one as it is. */
static int replace_string(Json *value, const Secret *text) {
        explicit_bzero((char *) json_object_get_string(value),
                       (size_t) json_object_get_string_len(value));
        return json_object_set_string_len(value, secret_string(text), (int) secret_length(text))
                       ? 0
                       : -ENOMEM;
}

typedef int (*RecodeFn)(const char *s, size_t length, Secret **ret);

typedef struct Recoding {
        RecodeFn fn;
        int r;
} Recoding;

static int recode_value(json_object *value, int flags, json_object *parent, const char *key,
                        size_t *index, void *userdata) {
        _cleanup_(secret_unrefp) Secret *text = NULL;
        Recoding *recoding = userdata;

        if (!json_object_is_type(value, json_type_string))
                return JSON_C_VISIT_RETURN_CONTINUE;

        recoding->r = recoding->fn(json_object_get_string(value),
                                   (size_t) json_object_get_string_len(value), &text);
        if (recoding->r == 0)
                recoding->r = replace_string(value, text);
        return recoding->r == 0 ? JSON_C_VISIT_RETURN_CONTINUE : JSON_C_VISIT_RETURN_STOP;
}

static int recode(Json *j, RecodeFn fn) {
        Recoding recoding = { .fn = fn };

        (void) json_c_visit(j, 0, recode_value, &recoding);
        return recoding.r;
}

int json_encode_strings(Json *j) {
        return recode(j, percent_encode_plain);
}

int json_decode_strings(Json *j) {
        return recode(j, percent_decode);
}
