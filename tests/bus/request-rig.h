/* SPDX-License-Identifier: MIT */
#pragma once

/* A program that signs a user in, and the answers of Yandex. */

#include "bus-rig.h"

static inline void begin_empty(void) {
        begin();
        serve();
}

/* The path that SignIn returned. */
static inline const char *request_of(Call *sign_in) {
        const char *path;

        check_read(sign_in, "o", &path);
        check(strncmp(path, TOKENS_REQUEST_PATH "/", strlen(TOKENS_REQUEST_PATH) + 1) == 0);
        return path;
}

static inline void yandex_shows_a_code(void) {
        yandex_answers(200, "{\"device_code\": \"SECRET-dc\", \"user_code\": \"abcd1234\", "
                            "\"verification_url\": \"https://ya.ru/device\", "
                            "\"interval\": 5, \"expires_in\": 300}");
}

static inline void yandex_says_who(void) {
        yandex_answers(200, "{\"id\": \"100\", \"login\": \"anna\"}");
}

/* "Completed …" of that request among the signals, or NULL. */
static inline const char *find_completed(const char *said, const char *path) {
        _cleanup_free_ char *head = NULL;

        check(asprintf(&head, "Completed %s:", path) > 0);
        return strstr(said, head);
}
