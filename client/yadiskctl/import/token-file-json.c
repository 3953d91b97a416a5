/* SPDX-License-Identifier: MIT */

/*
 * A JSON object in one of these shapes, and perhaps with the client_id and client_secret that a script has
 * added:
 *
 *     {"access_token":"...","expires_in":31536000,"refresh_token":"...","token_type":"bearer"}   Yandex
 *     {"access_token":"...","token_type":"OAuth","refresh_token":"...","expiry":"2027-..."}      rclone
 *
 * A time is UTC seconds or a text. Seconds may stand between quotes. null means absent. common/json-text.h
 * says what is accepted as JSON.
 */

#include <json-c/json.h>
#include <time.h>

#include "common/i18n.h"
#include "common/json-text.h"
#include "yadiskctl/import/token-file.h"
#include "yadiskctl/terminal/secret.h"

/* The end of the year 9999. A later time stands for "never". */
#define TIME_LAST INT64_C(253402300799)

static void object_put(json_object *j) {
        (void) json_object_put(j);
}

DEFINE_CLEANUP(json_tokener *, json_tokener_free)
DEFINE_CLEANUP(json_object *, object_put)

static int token_json_parse(const char *text, json_object **ret) {
        _cleanup_(json_tokener_freep) json_tokener *tokener = NULL;
        _cleanup_(object_putp) json_object *j = NULL;

        if (!json_text_is_valid(text))
                return -EBADMSG;

        /* The values in the innermost object are one level more. */
        tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 1);
        if (!tokener)
                return -ENOMEM;

        j = json_tokener_parse_ex(tokener, text, (int) strlen(text) + 1);
        if (!json_object_is_type(j, json_type_object))
                return -EPROTO;

        *ret = TAKE_PTR(j);
        return 0;
}

static json_object *token_json_get(json_object *j, const char *key) {
        json_object *value = NULL;

        (void) json_object_object_get_ex(j, key, &value);
        return value; /* NULL for null */
}

/* *ret becomes a copy of the value. It is untouched if there is none, or if it is empty. */
static int token_json_get_string(json_object *j, const char *key, char **ret) {
        json_object *value = token_json_get(j, key);
        const char *s;

        if (!value)
                return 0;
        if (!json_object_is_type(value, json_type_string))
                return -EPROTO;

        s = json_object_get_string(value);
        if (strlen(s) != (size_t) json_object_get_string_len(value))
                return -EPROTO;
        return *s ? str_replace(ret, s) : 0;
}

static uint64_t token_json_clamp(int64_t time) {
        return time <= 0 ? 0 : (uint64_t) MIN_OF(time, TIME_LAST);
}

/* Returns 0 if there is no number. Each version of json-c converts NaN differently, so it counts as none. */
static int64_t token_json_get_seconds(json_object *j, const char *key) {
        json_object *value = token_json_get(j, key);
        int64_t seconds = 0;

        switch (json_object_get_type(value)) {
        case json_type_double:
                if (__builtin_isnan(json_object_get_double(value)))
                        return 0;
                return json_object_get_int64(value);
        case json_type_int:
                return json_object_get_int64(value);
        case json_type_string:
                (void) json_text_to_int(json_object_get_string(value), &seconds);
                return seconds;
        default:
                return 0;
        }
}

/* Parses RFC 3339, as in "2027-01-02T15:04:05.678+03:00". Returns UTC seconds; 0 if it is something else, or
 * before 1970. */
static uint64_t token_json_parse_time(const char *s) {
        struct tm tm = {};
        long offset;
        time_t t;

        s = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);
        if (s && *s == '.')
                s += 1 + strspn(s + 1, "0123456789");
        if (s)
                s = strptime(s, "%z", &tm);
        if (!s || *s)
                return 0;

        offset = tm.tm_gmtoff; /* timegm() resets it */
        t = timegm(&tm) - offset;
        return t > 0 ? (uint64_t) t : 0;
}

static uint64_t token_json_get_time(json_object *j, const char *key) {
        json_object *value = token_json_get(j, key);
        uint64_t time = 0;

        if (json_object_is_type(value, json_type_string))
                time = token_json_parse_time(json_object_get_string(value));
        return time ?: token_json_clamp(token_json_get_seconds(j, key));
}

/* expires_in counts from an answer that is older than the file, so the result is rather too late than too
 * early. */
static uint64_t token_json_get_expiry(json_object *j, uint64_t since) {
        int64_t life = token_json_get_seconds(j, "expires_in");
        uint64_t end = token_json_get_time(j, "expires_at") ?: token_json_get_time(j, "expiry");

        if (end != 0 || since == 0 || life <= 0)
                return end;
        return token_json_clamp((int64_t) since + MIN_OF(life, TIME_LAST));
}

int token_json_read(const char *text, uint64_t since, TokenPair *ret) {
        _cleanup_(object_putp) json_object *j = NULL;
        int r;

        r = token_json_parse(text, &j);
        if (r >= 0)
                r = token_json_get_string(j, "access_token", &ret->access_token);
        if (r >= 0)
                r = token_json_get_string(j, "refresh_token", &ret->refresh_token);
        if (r >= 0)
                r = token_json_get_string(j, "client_id", &ret->client_id);
        if (r >= 0)
                r = token_json_get_string(j, "client_secret", &ret->client_secret);
        if (r >= 0 && !ret->access_token && !ret->refresh_token)
                r = -EPROTO;
        if (r >= 0)
                ret->expires_at = token_json_get_expiry(j, since);
        return r;
}

static ExitStatus token_json_explain(const TokenSource *s) {
        char first = token_source_first(s);

        if (first == '[' || first == '#' || first == ';')
                return fail(EXIT_STATUS_USAGE,
                            "%s is not JSON but has [sections]; import it with \"yadiskctl import "
                            "rclone\" or \"yadiskctl import ydcmd\".",
                            s->name);
        return fail(EXIT_STATUS_USAGE,
                    "%s is not JSON; give the whole answer of Yandex, with access_token and "
                    "refresh_token.",
                    s->name);
}

ExitStatus token_file_parse_json(TokenSource *s, const ImportOptions *options, TokenPair *ret) {
        int r = token_json_read(s->data, s->modified, ret);

        switch (r) {
        case -EBADMSG:
                return token_json_explain(s);
        case -EPROTO:
                return fail(EXIT_STATUS_USAGE,
                            "%s is JSON, but not an object with the texts access_token and "
                            "refresh_token; give the whole answer of Yandex.",
                            s->name);
        default:
                return r < 0 ? fail_errno(r, "read the tokens") : EXIT_STATUS_OK;
        }
}
