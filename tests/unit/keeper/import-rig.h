/* SPDX-License-Identifier: MIT */
#pragma once

/* The tokens of another program, on their way to us. */

#include "sign-in-rig.h"

static Secret *refresh_token, *access_token;

static inline SignInOptions pair(const char *access, const char *refresh) {
        secret_unref(refresh_token);
        access_token = secret_unref(access_token);
        refresh_token = secret(refresh);
        if (access)
                access_token = secret(access);
        return (SignInOptions){
                .flow = SIGN_IN_IMPORT,
                .client_id = "app",
                .refresh_token = refresh_token,
                .access_token = access_token,
        };
}

static inline void end_import(void) {
        refresh_token = secret_unref(refresh_token);
        access_token = secret_unref(access_token);
        end();
}

static inline void import(SignInOptions options) {
        check_int(sign_in_with(options), 0);
        check_int(visitor.n_prompts, 0);
}

static inline void yandex_says_whose(const char *uid, const char *login, const char *client_id) {
        char body[256];

        fake_http_look_at_latest();
        check_str(fake_http_url(), "https://login.test/info");
        (void) snprintf(body, sizeof(body),
                        "{\"id\": \"%s\", \"login\": \"%s\", \"client_id\": \"%s\"}", uid, login,
                        client_id);
        yandex_answers(200, body);
}

static inline const char *only_id(void) {
        check_int(accounts_count(world->accounts), 1);
        return account_id(accounts_at(world->accounts, 0));
}

static inline void check_nothing_kept(void) {
        check_int(accounts_count(world->accounts), 0);
        check_int(fake_vault_count_items(VAULT_ACCOUNT, NULL), 0);
        check_int(fake_fdstore_count(), 0);
        check_int(fake_http_count("/revoke_token"), 0);
        check_int(fake_notifier_count(), 0);
}
