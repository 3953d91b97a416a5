/* SPDX-License-Identifier: MIT */

/* The address at which a user allows an application. */

#include "check.h"
#include "fake-http.h"
#include "yandex/oauth.h"

static Secret *secret(const char *text) {
        Secret *s = NULL;

        check_int(secret_new_from(text, strlen(text), &s), 0);
        return s;
}

static void check_url(const OauthOptions *options, const Authorization *a, const char *expected) {
        _cleanup_(secret_unrefp) Secret *url = NULL;
        _cleanup_(oauth_freep) Oauth *o = NULL;

        check_int(oauth_new(NULL, options, &o), 0);
        check_int(oauth_authorization_url(o, a, &url), 0);
        check_str(secret_string(url), expected);
}

static void all_of_it(void) {
        static const OauthOptions options = {
                .oauth_url = "https://oauth.test",
                .device_id = "11111111-2222",
                .device_name = "Аня's & host",
        };
        char *scopes[] = { (char *) "cloud_api:disk.read", (char *) "login:info", NULL };
        _cleanup_(secret_unrefp) Secret *state = secret("st+ate");

        check_url(&options,
                  &(Authorization){
                          .client_id = "a b",
                          .scopes = scopes,
                          .login_hint = "anna@ya.ru",
                          .state = state,
                          .code_challenge = "chal-lenge_",
                  },
                  "https://oauth.test/authorize?response_type=code&client_id=a%20b"
                  "&redirect_uri=https%3A%2F%2Foauth.test%2Fverification_code"
                  "&device_id=11111111-2222&device_name=%D0%90%D0%BD%D1%8F%27s%20%26%20host"
                  "&scope=cloud_api%3Adisk.read%20login%3Ainfo&login_hint=anna%40ya.ru"
                  "&state=st%2Bate&code_challenge=chal-lenge_&code_challenge_method=S256");
}

static void what_is_not_wanted_is_left_out(void) {
        static const OauthOptions options = { .oauth_url = "https://oauth.test:8443" };
        _cleanup_(secret_unrefp) Secret *state = secret("s");
        char *none[] = { NULL };

        check_url(&options,
                  &(Authorization){
                          .client_id = "app",
                          .scopes = none,
                          .state = state,
                          .code_challenge = "c",
                  },
                  "https://oauth.test:8443/authorize?response_type=code&client_id=app"
                  "&redirect_uri=https%3A%2F%2Foauth.test%3A8443%2Fverification_code"
                  "&state=s&code_challenge=c&code_challenge_method=S256");
}

TEST_MAIN(TEST(all_of_it), TEST(what_is_not_wanted_is_left_out))
