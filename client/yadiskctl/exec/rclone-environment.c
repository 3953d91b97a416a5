/* SPDX-License-Identifier: MIT */

#include "yadiskctl/exec/rclone-environment.h"

#include <inttypes.h>
#include <time.h>

#include "common/utf8.h"
#include "shared/sealed.h"
#include "yadiskctl/terminal/duration.h"

/* How rclone writes a time in the past, and how it writes that there is none (the zero time of
 * Go). */
#define LONG_AGO "2000-01-01T00:00:00Z"
#define NEVER    "0001-01-01T00:00:00Z"

#define TIME_BYTES sizeof(NEVER)

bool rclone_remote_is_valid(const char *remote) {
        return !str_is_empty(remote) && *remote != '-' &&
               !remote[strspn(remote, ASCII_LETTERS ASCII_DIGITS "_-")];
}

/* Sets the variable of an option, such as "TYPE", or takes it away if value is NULL. */
static int rclone_environment_set(const char *remote, const char *option, const char *value) {
        _cleanup_free_ char *name = NULL;
        int r;

        r = str_format(&name, "RCLONE_CONFIG_%s_%s", remote, option);
        if (r < 0)
                return r;
        for (char *c = name; *c; c++)
                if (*c == '-')
                        *c = '_';
                else if (*c >= 'a' && *c <= 'z') /* toupper(3) heeds the locale */
                        *c = (char) (*c - 'a' + 'A');

        r = value ? setenv(name, value, true) : unsetenv(name);
        return r < 0 ? -errno : 0;
}

static void rclone_print_time(uint64_t when, char ret[static TIME_BYTES]) {
        time_t t = (time_t) MIN_OF(when, (uint64_t) TIME_LAST);
        struct tm tm;

        if (when == 0 || !gmtime_r(&t, &tm) ||
            strftime(ret, TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
                memcpy(ret, NEVER, TIME_BYTES);
}

/* For a text between quotes in JSON. A token is printable (shared/sealed.h). */
static char *rclone_escape(const char *s) {
        char *escaped = calloc(2, strlen(s) + 1), *end = escaped;

        for (; escaped && *s; s++) {
                if (*s == '"' || *s == '\\')
                        *end++ = '\\';
                *end++ = *s;
        }
        return escaped;
}

/* With another token_type than this one rclone would use the token in the wrong way. */
static int rclone_environment_define(const char *remote, const char *access_token,
                                     const char *refresh_token, const char *expiry,
                                     const char *token_url) {
        _cleanup_(secret_freep) char *escaped = rclone_escape(access_token), *token = NULL;
        int r;

        if (!escaped)
                return -ENOMEM;
        r = str_format(&token,
                       "{\"access_token\":\"%s\",\"token_type\":\"OAuth\",\"refresh_token\":\"%s\","
                       "\"expiry\":\"%s\"}",
                       escaped, refresh_token, expiry);
        if (r >= 0)
                r = rclone_environment_set(remote, "TYPE", "yandex");
        if (r >= 0)
                r = rclone_environment_set(remote, "TOKEN", token);
        if (r >= 0)
                r = rclone_environment_set(remote, "TOKEN_URL", token_url);
        if (r >= 0 && str_is_empty(getenv("RCLONE_CONFIG")))
                r = setenv("RCLONE_CONFIG", "", true) < 0 ? -errno : 0;
        return r;
}

int rclone_environment_set_token(const char *remote, const char *token, uint64_t expires_at) {
        char expiry[TIME_BYTES];

        rclone_print_time(expires_at, expiry);
        return rclone_environment_define(remote, token, "none", expiry, NULL);
}

int rclone_environment_set_feed(const char *remote, const char *handle, uint16_t port) {
        char url[64];

        (void) snprintf(url, sizeof(url), "http://127.0.0.1:%" PRIu16 "/token", port);
        return rclone_environment_define(remote, "-", handle, LONG_AGO, url);
}
