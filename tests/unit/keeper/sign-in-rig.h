/* SPDX-License-Identifier: MIT */
#pragma once

/* A user who signs in, and what Yandex shows. */

#include "keeper-rig.h"
#include "keeper/sign-in/sign-in.h"

typedef struct Visitor {
        SignIn *sign_in; /* NULL once it has ended */
        unsigned n_prompts;
        unsigned n_ends;
        int r;
        char sentence[512]; /* "": none */
        char account_id[64];
        bool leaves_at_prompt;
} Visitor;

static Visitor visitor;

/* The details, as far as a test names them. */
typedef struct SignInOptions {
        SignInFlow flow;
        const char *client_id;
        Secret *client_secret;
        char *const *scopes;
        const char *label;
        const char *account_id;
        Secret *refresh_token;
        Secret *access_token;
} SignInOptions;

static inline void on_visitor_prompt(void *userdata) {
        visitor.n_prompts++;
        if (visitor.leaves_at_prompt)
                visitor.sign_in = sign_in_free(visitor.sign_in);
}

static inline void on_visitor_end(const SignInResult *result, void *userdata) {
        visitor.n_ends++;
        visitor.r = result->r;
        (void) snprintf(visitor.sentence, sizeof(visitor.sentence), "%s",
                        str_or_empty(result->sentence));
        check(result->r == 0 ? result->account && !result->sentence
                             : !result->account || result->r == CONDITION_ACCESS_DENIED);
        if (result->account)
                (void) snprintf(visitor.account_id, sizeof(visitor.account_id), "%s",
                                account_id(result->account));
        visitor.sign_in = sign_in_free(visitor.sign_in);
        journal_add("signed in %i", visitor.r);
}

static inline int sign_in_with(SignInOptions options) {
        static const SignInEvents events = { on_visitor_prompt, on_visitor_end };
        _cleanup_(sign_in_details_unrefp) SignInDetails *details = NULL;
        int r;

        visitor = (Visitor){ .leaves_at_prompt = visitor.leaves_at_prompt };
        check_int(sign_in_details_new(options.flow, &details), 0);
        check_int(str_replace(&details->client_id, options.client_id), 0);
        check_int(strv_copy(options.scopes, &details->scopes), 0);
        check_int(str_replace(&details->label, options.label), 0);
        check_int(str_replace(&details->account_id, options.account_id), 0);
        details->client_secret = secret_ref(options.client_secret);
        details->refresh_token = secret_ref(options.refresh_token);
        details->access_token = secret_ref(options.access_token);
        r = sign_in_start(world, details, &events, NULL, &visitor.sign_in);
        check_int(visitor.n_prompts + visitor.n_ends, 0);
        run();
        return r;
}

static inline void sign_in(void) {
        check_int(sign_in_with((SignInOptions){ .client_id = "app" }), 0);
}

static inline void visitor_leaves(void) {
        visitor.sign_in = sign_in_free(visitor.sign_in);
        run();
}

/* The daemon is killed. */
static inline void die(void) {
        fake_fdstore_die(true);
        visitor.sign_in = sign_in_free(visitor.sign_in);
        quit();
        fake_fdstore_die(false);
}

static inline unsigned codes(void) {
        return fake_http_count("/device/code");
}

static inline void yandex_shows_a_code(void) {
        yandex_answers(200, "{\"device_code\": \"dc-1\", \"user_code\": \"abcd1234\", "
                            "\"verification_url\": \"https://ya.ru/device\", "
                            "\"interval\": 5, \"expires_in\": 300}");
}

static inline void yandex_says_who(const char *uid, const char *login) {
        char body[256];

        fake_http_look_at_latest();
        check_str(fake_http_url(), "https://login.test/info");
        (void) snprintf(body, sizeof(body), "{\"id\": \"%s\", \"login\": \"%s\"}", uid, login);
        yandex_answers(200, body);
}

/* From the call until the code is on the screen. */
static inline void sign_in_until_prompt(SignInOptions options) {
        check_int(sign_in_with(options), 0);
        yandex_shows_a_code();
        check_int(visitor.n_prompts, 1);
}

/* All of it. */
static inline void sign_in_as(SignInOptions options, const char *uid, const char *login,
                              const char *access, const char *refresh) {
        sign_in_until_prompt(options);
        pass(5);
        yandex_gives(access, refresh, YEAR);
        yandex_says_who(uid, login);
        check_int(visitor.n_ends, 1);
}

static inline void check_ended(int r) {
        check_int(visitor.n_ends, 1);
        check_int(visitor.r, r);
        check(!visitor.sign_in);
        check_int(waiting(), 0);
}

/* The token is on its way to us: a daemon that is asked to stop waits until it is kept. */
static inline void check_stops_when_signed_in(void) {
        stop();
        check_int(seen.stopped, 0);
        yandex_gives("a-1", "r-1", YEAR);
        yandex_says_who("100", "anna");
        check_ended(0);
        pass(1);
        check_int(seen.stopped, 1);
        check_str(kept_refresh_token(visitor.account_id), "r-1");
}

#define TO_APP ((SignInOptions){ .client_id = "app" })
