/* SPDX-License-Identifier: MIT */

#include "yandex/oauth-check.h"

#include "common/utf8.h"
#include "common/util.h"

#define TOKEN_MAX     (16U * 1024U)
#define USER_CODE_MAX 64U
#define UID_MAX       64U
#define LOGIN_MAX     256U

static bool all_between(const char *s, char first, char last, size_t max) {
        size_t n = 0;

        for (; s && s[n]; n++)
                if (n >= max || s[n] < first || s[n] > last)
                        return false;
        return n > 0;
}

bool check_token(const char *s) {
        return all_between(s, '!', '~', TOKEN_MAX);
}

bool check_printable(const char *s, size_t max) {
        return all_between(s, ' ', '~', max);
}

bool check_user_code(const char *s) {
        return check_printable(s, USER_CODE_MAX);
}

bool check_uid(const char *s) {
        return all_between(s, '!', '~', UID_MAX);
}

bool check_login(const char *s) {
        return utf8_is_text(s, LOGIN_MAX);
}
