/* SPDX-License-Identifier: MIT */

#include "yandex/authorization.h"

#include "common/strv.h"
#include "yandex/oauth-form.h"
#include "yandex/oauth-private.h"

/* The page that shows the code. Applications for the API have no other; where one has, Yandex ignores this
 * and goes to the first that is registered. */
#define REDIRECT_PATH "/verification_code"

static int build_query(const Oauth *o, const Authorization *a, Secret **ret) {
        _cleanup_free_ char *redirect_uri = NULL, *scope = NULL;
        int r;

        r = str_format(&redirect_uri, "%s" REDIRECT_PATH, o->oauth_url);
        if (r == 0 && a->scopes)
                r = strv_join(a->scopes, &scope);
        if (r < 0)
                return r;

        const OauthField fields[] = {
                oauth_field("response_type", "code"),
                oauth_field("client_id", a->client_id),
                oauth_field("redirect_uri", redirect_uri),
                oauth_field("device_id", o->device_id),
                oauth_field("device_name", o->device_name),
                oauth_field("scope", str_is_empty(scope) ? NULL : scope),
                oauth_field("login_hint", a->login_hint),
                oauth_field_secret("state", a->state),
                oauth_field("code_challenge", a->code_challenge),
                oauth_field("code_challenge_method", "S256"),
        };

        return oauth_form_build(fields, ELEMENTSOF(fields), ret);
}

int authorization_url(const Oauth *o, const Authorization *a, Secret **ret) {
        static const char path[] = "/authorize?";
        _cleanup_(secret_unrefp) Secret *query = NULL, *url = NULL;
        int r;

        r = build_query(o, a, &query);
        if (r == 0)
                r = secret_new(strlen(o->oauth_url) + strlen(path) + secret_length(query), &url);
        if (r == 0)
                r = secret_append_string(url, o->oauth_url);
        if (r == 0)
                r = secret_append_string(url, path);
        if (r == 0)
                r = secret_append(url, secret_string(query), secret_length(query));
        if (r < 0)
                return r;

        *ret = TAKE_PTR(url);
        return 0;
}
