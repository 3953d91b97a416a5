/* SPDX-License-Identifier: MIT */

/*
 * The requests (Yandex ID docs: device flow, code flow, refresh, token-invalidate and
 * user-information pages). The application's credentials go into the form, as most clients do it.
 * There is never an Authorization header for the OAuth host, where it would override them.
 */

#include "yandex/oauth.h"

#include "common/strv.h"
#include "common/utf8.h"
#include "model/percent.h"
#include "yandex/oauth-answer.h"

#define DEVICE_ID_MIN   6U
#define DEVICE_ID_MAX   50U
#define DEVICE_NAME_MAX 100U

/* The page that shows the code. Applications for the API have no other; if one has, Yandex ignores
 * this and goes to the first that is registered. */
#define REDIRECT_PATH "/verification_code"

struct Oauth {
        Http *http;
        OauthOptions options;
};

struct OauthCall {
        const Oauth *oauth;
        OauthRequest request;
        HttpCall *http;
        OauthFn fn;
        void *userdata;
};

/* A request as it will be sent. */
typedef struct Plan {
        OauthRequest request;
        const char *base;
        const char *path;
        const FormField *fields; /* NULL: GET */
        size_t n_fields;
        const Secret *access_token; /* NULL: no such header */
        Secret *body;
        bool due;
} Plan;

/* f is an array, not a pointer. */
#define FORM(f) .fields = f, .n_fields = ELEMENTSOF(f)

static void oauth_call_on_http(const HttpAnswer *http, void *userdata) {
        _cleanup_(oauth_parsed_done) OauthParsed parsed = {};
        OauthCall *c = userdata;

        c->http = http_call_free(c->http);
        oauth_parse(c->request, c->oauth->options.oauth_url, http, &parsed);
        c->fn(&parsed.answer, c->userdata);
        /* c may be gone. */
}

static int oauth_call_start(Oauth *o, const Plan *plan, OauthFn fn, void *userdata,
                            OauthCall **ret_call) {
        _cleanup_(secret_unrefp) Secret *form = NULL, *authorization = NULL;
        _cleanup_(oauth_call_freep) OauthCall *c = NULL;
        _cleanup_free_ char *url = NULL;
        int r;

        r = str_format(&url, "%s%s", plan->base, plan->path);
        if (r == 0 && plan->fields)
                r = form_build(plan->fields, plan->n_fields, &form);
        if (r == 0 && plan->access_token)
                r = secret_new_prefixed("OAuth ", plan->access_token, &authorization);
        if (r < 0)
                return r;

        c = malloc(sizeof(OauthCall));
        if (!c)
                return -ENOMEM;

        *c = (OauthCall){ .oauth = o, .request = plan->request, .fn = fn, .userdata = userdata };
        const HttpRequest request = { url, form, authorization, plan->body, plan->due };
        r = http_call_start(o->http, &request, oauth_call_on_http, c, &c->http);
        if (r < 0)
                return r;

        *ret_call = TAKE_PTR(c);
        return 0;
}

/* *ret is NULL for all that the application has. */
static int oauth_join_scopes(char *const *scopes, char **ret) {
        return strv_length(scopes) > 0 ? strv_join(scopes, ret) : 0;
}

/* Yandex ignores a name without an id. A name that is too long is cut at a character, which in
 * UTF-8 begins with a byte that is not 10xxxxxx. */
static FormField oauth_device_name(const Oauth *o) {
        const char *name = o->options.device_id ? o->options.device_name : NULL;
        size_t length = 0;

        for (size_t n = 0; name && name[length]; length++)
                if (((unsigned char) name[length] & 0xc0) != 0x80 && n++ == DEVICE_NAME_MAX)
                        break;
        return (FormField){ "device_name", length > 0 ? name : NULL, length };
}

int oauth_device_code(Oauth *o, const char *client_id, char *const *scopes, OauthFn fn,
                      void *userdata, OauthCall **ret_call) {
        _cleanup_free_ char *scope = NULL;
        int r;

        r = oauth_join_scopes(scopes, &scope);
        if (r < 0)
                return r;

        const FormField fields[] = {
                form_field("client_id", client_id),
                form_field("device_id", o->options.device_id),
                oauth_device_name(o),
                form_field("scope", scope),
        };

        const Plan plan = { OAUTH_DEVICE_CODE, o->options.oauth_url, "/device/code", FORM(fields) };

        return oauth_call_start(o, &plan, fn, userdata, ret_call);
}

int oauth_token_by_device_code(Oauth *o, const OauthClient *client, const Secret *device_code,
                               Secret *body, OauthFn fn, void *userdata, OauthCall **ret_call) {
        /* Yandex's dialect: RFC 8628 has other names for both the grant type and the code. */
        const FormField fields[] = {
                form_field("grant_type", "device_code"),
                form_field_secret("code", device_code),
                form_field("client_id", client->client_id),
                form_field_secret("client_secret", client->client_secret),
        };

        const Plan plan = { OAUTH_TOKEN_DEVICE, o->options.oauth_url, "/token", FORM(fields),
                            .body = body };

        return oauth_call_start(o, &plan, fn, userdata, ret_call);
}

int oauth_token_by_code(Oauth *o, const OauthClient *client, const Secret *code,
                        const Secret *code_verifier, Secret *body, OauthFn fn, void *userdata,
                        OauthCall **ret_call) {
        const FormField fields[] = {
                form_field("grant_type", "authorization_code"),
                form_field_secret("code", code),
                form_field("client_id", client->client_id),
                form_field_secret("client_secret", client->client_secret),
                form_field_secret("code_verifier", code_verifier),
        };

        const Plan plan = { OAUTH_TOKEN_CODE, o->options.oauth_url, "/token", FORM(fields),
                            .body = body };

        return oauth_call_start(o, &plan, fn, userdata, ret_call);
}

int oauth_token_by_refresh(Oauth *o, const OauthClient *client, const OauthRenewal *renewal,
                           Secret *body, OauthFn fn, void *userdata, OauthCall **ret_call) {
        const FormField fields[] = {
                form_field("grant_type", "refresh_token"),
                form_field_secret("refresh_token", renewal->refresh_token),
                form_field("client_id", client->client_id),
                form_field_secret("client_secret", client->client_secret),
        };

        const Plan plan = { OAUTH_TOKEN_REFRESH, o->options.oauth_url, "/token",
                            FORM(fields),        .body = body,         .due = renewal->due };

        return oauth_call_start(o, &plan, fn, userdata, ret_call);
}

int oauth_revoke(Oauth *o, const OauthClient *client, const Secret *access_token, OauthFn fn,
                 void *userdata, OauthCall **ret_call) {
        /* Not RFC 7009: the field is called access_token, and a refresh token cannot be revoked. */
        const FormField fields[] = {
                form_field_secret("access_token", access_token),
                form_field("client_id", client->client_id),
                form_field_secret("client_secret", client->client_secret),
        };

        const Plan plan = { OAUTH_REVOKE, o->options.oauth_url, "/revoke_token", FORM(fields) };

        return oauth_call_start(o, &plan, fn, userdata, ret_call);
}

int oauth_identity(Oauth *o, const Secret *access_token, OauthFn fn, void *userdata,
                   OauthCall **ret_call) {
        const Plan plan = { OAUTH_IDENTITY, o->options.login_url, "/info",
                            .access_token = access_token };

        return oauth_call_start(o, &plan, fn, userdata, ret_call);
}

int oauth_probe(Oauth *o, const Secret *access_token, OauthFn fn, void *userdata,
                OauthCall **ret_call) {
        const Plan plan = { OAUTH_PROBE, o->options.disk_url,
                            "/v1/disk/operations/0000?fields=status",
                            .access_token = access_token };

        return oauth_call_start(o, &plan, fn, userdata, ret_call);
}

int oauth_disk(Oauth *o, OauthDiskPart part, const Secret *access_token, OauthFn fn, void *userdata,
               OauthCall **ret_call) {
        /* As little as can be requested: the user's files are none of our business. */
        static const char *const paths[_OAUTH_DISK_PART_MAX] = {
                [OAUTH_DISK_INFO] = "/v1/disk?fields=is_paid",
                [OAUTH_DISK_FILES] = "/v1/disk/resources?path=%2F&limit=1&fields=type",
                [OAUTH_DISK_APP_FOLDER] = "/v1/disk/resources?path=app%3A%2F&limit=1&fields=type",
        };

        const Plan plan = { OAUTH_DISK, o->options.disk_url, paths[part],
                            .access_token = access_token };

        return oauth_call_start(o, &plan, fn, userdata, ret_call);
}

int oauth_reach(Oauth *o, OauthHost host, OauthFn fn, void *userdata, OauthCall **ret_call) {
        static const FormField nothing[] = { { "client_id", NULL, 0 } };
        static const Plan plans[_OAUTH_HOST_MAX] = {
                [OAUTH_HOST_OAUTH] = { .path = "/device/code", FORM(nothing) },
                [OAUTH_HOST_LOGIN] = { .path = "/info" },
                [OAUTH_HOST_DISK] = { .path = "/v1/disk/operations/0000?fields=status" },
        };
        Plan plan = plans[host];

        plan.request = OAUTH_REACH;
        plan.base = oauth_host_url(o, host);
        return oauth_call_start(o, &plan, fn, userdata, ret_call);
}

bool oauth_call_is_sent(const OauthCall *c) {
        return http_call_is_sent(c->http);
}

OauthCall *oauth_call_free(OauthCall *c) {
        if (!c)
                return NULL;

        c->http = http_call_free(c->http);
        free(c);
        return NULL;
}

int oauth_authorization_url(const Oauth *o, const Authorization *a, Secret **ret) {
        _cleanup_free_ char *redirect_uri = NULL, *scope = NULL, *page = NULL;
        _cleanup_(secret_unrefp) Secret *query = NULL;
        int r;

        r = str_format(&redirect_uri, "%s" REDIRECT_PATH, o->options.oauth_url);
        if (r == 0)
                r = oauth_join_scopes(a->scopes, &scope);
        if (r < 0)
                return r;

        const FormField fields[] = {
                form_field("response_type", "code"),
                form_field("client_id", a->client_id),
                form_field("redirect_uri", redirect_uri),
                form_field("device_id", o->options.device_id),
                oauth_device_name(o),
                form_field("scope", scope),
                form_field("login_hint", a->login_hint),
                form_field_secret("state", a->state),
                form_field("code_challenge", a->code_challenge),
                form_field("code_challenge_method", "S256"),
        };

        r = form_build(fields, ELEMENTSOF(fields), &query);
        if (r == 0)
                r = str_format(&page, "%s/authorize?", o->options.oauth_url);
        return r < 0 ? r : secret_new_prefixed(page, query, ret);
}

const char *oauth_host_url(const Oauth *o, OauthHost host) {
        const char *const urls[_OAUTH_HOST_MAX] = {
                [OAUTH_HOST_OAUTH] = o->options.oauth_url,
                [OAUTH_HOST_LOGIN] = o->options.login_url,
                [OAUTH_HOST_DISK] = o->options.disk_url,
        };

        return urls[host];
}

bool oauth_is_over_budget(const Oauth *o) {
        return http_is_over_budget(o->http);
}

bool oauth_has_device_id(const Oauth *o) {
        return o->options.device_id;
}

int oauth_new(Http *http, const OauthOptions *options, Oauth **ret) {
        const char *id = options->device_id;
        Oauth *o;

        if (id && (strlen(id) < DEVICE_ID_MIN || !ascii_is_printable(id, DEVICE_ID_MAX)))
                return -EINVAL;

        o = malloc(sizeof(Oauth));
        if (!o)
                return -ENOMEM;

        *o = (Oauth){ .http = http, .options = *options };
        *ret = o;
        return 0;
}

Oauth *oauth_free(Oauth *o) {
        free(o);
        return NULL;
}
