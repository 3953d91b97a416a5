/* SPDX-License-Identifier: MIT */

#include "api/document.h"

#include <json-c/json.h>

#include "common/json-text.h"

DEFINE_CLEANUP(json_tokener *, json_tokener_free)

int document_parse(const char *text, size_t size, Document **ret) {
        _cleanup_(json_tokener_freep) json_tokener *tokener = NULL;
        Document *d;

        size -= (size_t) (json_text_begin(text) - text);
        text = json_text_begin(text);
        if (size != strlen(text) || size >= INT32_MAX || !json_text_is_valid(text))
                return -EBADMSG;

        tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 1);
        d = tokener ? json_tokener_parse_ex(tokener, text, (int) size + 1) : NULL;
        if (!d)
                return -EBADMSG;

        *ret = d;
        return 0;
}

Document *document_free(Document *d) {
        (void) json_object_put(d);
        return NULL;
}

static Document *document_get(Document *d, const char *key, json_type type) {
        Document *value;

        if (!json_object_is_type(d, json_type_object) ||
            !json_object_object_get_ex(d, key, &value) || !json_object_is_type(value, type))
                return NULL;
        return value;
}

Document *document_object(Document *d, const char *key) {
        return document_get(d, key, json_type_object);
}

Document *document_array(Document *d, const char *key) {
        return document_get(d, key, json_type_array);
}

const char *document_string(Document *d, const char *key) {
        Document *value = document_get(d, key, json_type_string);

        return value ? json_object_get_string(value) : NULL;
}

bool document_bool(Document *d, const char *key) {
        return json_object_get_boolean(document_get(d, key, json_type_boolean));
}

int64_t document_number(Document *d, const char *key) {
        Document *value = document_get(d, key, json_type_int);
        int64_t number = value ? json_object_get_int64(value) : -1;

        return MAX_OF(number, -1);
}

size_t document_length(Document *array) {
        return json_object_array_length(array);
}

Document *document_at(Document *array, size_t i) {
        return json_object_array_get_idx(array, i);
}

const char *document_text(Document *d) {
        return json_object_to_json_string_ext(d, JSON_C_TO_STRING_PLAIN |
                                                         JSON_C_TO_STRING_NOSLASHESCAPE);
}
