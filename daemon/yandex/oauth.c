/* SPDX-License-Identifier: MIT */

/*
 * The requests (Yandex ID docs: device flow, code flow, refresh, token-invalidate and
 * user-information pages). The application's credentials go into the form, as most clients do it;
 * there is never an Authorization header for the OAuth host, where it would override them.
 */

#include "yandex/oauth-private.h"

#include "common/strv.h"
#include "yandex/oauth-answer.h"
#include "yandex/oauth-form.h"

#define DEVICE_ID_MIN   6U
#define DEVICE_ID_MAX   50U
#define DEVICE_NAME_MAX 100U

struct OauthCall {
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
        const OauthField *form; /* NULL: GET */
        size_t n_fields;
        const Secret *access_token; /* NULL: no such header */
        Secret *body;               /* where the answer arrives, or NULL */
} Plan;

static void on_http(const HttpAnswer *http, void *userdata) {
        _cleanup_(oauth_parsed_done) OauthParsed parsed = {};
        OauthCall *c = userdata;

        c->http = http_call_free(c->http);
        oauth_parse(c->request, http, &parsed);
        c->fn(&parsed.answer, c->userdata);
        /* c may be gone. */
}

static int make_authorization(const Secret *access_token, Secret **ret) {
        static const char scheme[] = "OAuth ";
        _cleanup_(secret_unrefp) Secret *value = NULL;
        int r;

        r = secret_new(strlen(scheme) + secret_length(access_token), &value);
        if (r < 0)
                return r;
        r = secret_append_string(value, scheme);
        if (r < 0)
                return r;
        r = secret_append(value, secret_string(access_token), secret_length(access_token));
        if (r < 0)
                return r;

        *ret = TAKE_PTR(value);
        return 0;
}

static int send_plan(Oauth *o, const Plan *plan, OauthCall *c) {
        _cleanup_(secret_unrefp) Secret *form = NULL, *authorization = NULL;
        _cleanup_free_ char *url = NULL;
        int r;

        r = str_format(&url, "%s%s", plan->base, plan->path);
        if (r < 0)
                return r;

        if (plan->form) {
                r = oauth_form_build(plan->form, plan->n_fields, &form);
                if (r < 0)
                        return r;
        }
        if (plan->access_token) {
                r = make_authorization(plan->access_token, &authorization);
                if (r < 0)
                        return r;
        }

        return http_call_start(o->http,
                               &(HttpRequest){
                                       .url = url,
                                       .form = form,
                                       .authorization = authorization,
                                       .body = plan->body,
                               },
                               on_http, c, &c->http);
}

static int call_start(Oauth *o, const Plan *plan, OauthFn fn, void *userdata,
                      OauthCall **ret_call) {
        _cleanup_(oauth_call_freep) OauthCall *c = NULL;
        int r;

        c = malloc(sizeof(OauthCall));
        if (!c)
                return -ENOMEM;

        *c = (OauthCall){
                .request = plan->request,
                .fn = fn,
                .userdata = userdata,
        };

        r = send_plan(o, plan, c);
        if (r < 0)
                return r;

        *ret_call = TAKE_PTR(c);
        return 0;
}

/* A POST to the OAuth host. fields: an array, not a pointer. */
#define OAUTH_PLAN(o, what, where, fields)                                                         \
        &(Plan) {                                                                                  \
                .request = what, .base = (o)->oauth_url, .path = where, .form = fields,            \
                .n_fields = ELEMENTSOF(fields),                                                    \
        }

int oauth_device_code(Oauth *o, const char *client_id, char *const *scopes, OauthFn fn,
                      void *userdata, OauthCall **ret_call) {
        _cleanup_free_ char *scope = NULL;
        int r;

        if (scopes) {
                r = strv_join(scopes, &scope);
                if (r < 0)
                        return r;
        }

        const OauthField fields[] = {
                oauth_field("client_id", client_id),
                oauth_field("device_id", o->device_id),
                oauth_field("device_name", o->device_name),
                oauth_field("scope", str_is_empty(scope) ? NULL : scope),
        };

        return call_start(o, OAUTH_PLAN(o, OAUTH_DEVICE_CODE, "/device/code", fields), fn, userdata,
                          ret_call);
}

int oauth_token_by_device_code(Oauth *o, const OauthClient *client, const Secret *device_code,
                               OauthFn fn, void *userdata, OauthCall **ret_call) {
        /* Yandex's dialect: RFC 8628 has other names for both the grant type and the code. */
        const OauthField fields[] = {
                oauth_field("grant_type", "device_code"),
                oauth_field_secret("code", device_code),
                oauth_field("client_id", client->client_id),
                oauth_field_secret("client_secret", client->client_secret),
        };

        return call_start(o, OAUTH_PLAN(o, OAUTH_TOKEN_DEVICE, "/token", fields), fn, userdata,
                          ret_call);
}

int oauth_token_by_code(Oauth *o, const OauthClient *client, const Secret *code,
                        const Secret *code_verifier, OauthFn fn, void *userdata,
                        OauthCall **ret_call) {
        const OauthField fields[] = {
                oauth_field("grant_type", "authorization_code"),
                oauth_field_secret("code", code),
                oauth_field("client_id", client->client_id),
                oauth_field_secret("client_secret", client->client_secret),
                oauth_field_secret("code_verifier", code_verifier),
        };

        return call_start(o, OAUTH_PLAN(o, OAUTH_TOKEN_CODE, "/token", fields), fn, userdata,
                          ret_call);
}

int oauth_token_by_refresh(Oauth *o, const OauthClient *client, const Secret *refresh_token,
                           Secret *body, OauthFn fn, void *userdata, OauthCall **ret_call) {
        const OauthField fields[] = {
                oauth_field("grant_type", "refresh_token"),
                oauth_field_secret("refresh_token", refresh_token),
                oauth_field("client_id", client->client_id),
                oauth_field_secret("client_secret", client->client_secret),
        };

        Plan plan = *OAUTH_PLAN(o, OAUTH_TOKEN_REFRESH, "/token", fields);

        plan.body = body;
        return call_start(o, &plan, fn, userdata, ret_call);
}

int oauth_revoke(Oauth *o, const OauthClient *client, const Secret *access_token, OauthFn fn,
                 void *userdata, OauthCall **ret_call) {
        /* Not RFC 7009: the field is called access_token, and a refresh token cannot be revoked. */
        const OauthField fields[] = {
                oauth_field_secret("access_token", access_token),
                oauth_field("client_id", client->client_id),
                oauth_field_secret("client_secret", client->client_secret),
        };

        return call_start(o, OAUTH_PLAN(o, OAUTH_REVOKE, "/revoke_token", fields), fn, userdata,
                          ret_call);
}

#undef OAUTH_PLAN

int oauth_identity(Oauth *o, const Secret *access_token, OauthFn fn, void *userdata,
                   OauthCall **ret_call) {
        const Plan plan = {
                .request = OAUTH_IDENTITY,
                .base = o->login_url,
                .path = "/info",
                .access_token = access_token,
        };

        return call_start(o, &plan, fn, userdata, ret_call);
}

int oauth_probe(Oauth *o, const Secret *access_token, OauthFn fn, void *userdata,
                OauthCall **ret_call) {
        const Plan plan = {
                .request = OAUTH_PROBE,
                .base = o->disk_url,
                .path = "/v1/disk/operations/0000?fields=status",
                .access_token = access_token,
        };

        return call_start(o, &plan, fn, userdata, ret_call);
}

int oauth_disk(Oauth *o, OauthDiskPart part, const Secret *access_token, OauthFn fn, void *userdata,
               OauthCall **ret_call) {
        /* As little as can be asked for: whose files these are is none of our business. */
        static const char *const paths[_OAUTH_DISK_PART_MAX] = {
                [OAUTH_DISK_INFO] = "/v1/disk?fields=is_paid",
                [OAUTH_DISK_FILES] = "/v1/disk/resources?path=%2F&limit=1&fields=type",
                [OAUTH_DISK_APP_FOLDER] = "/v1/disk/resources?path=app%3A%2F&limit=1&fields=type",
        };
        const Plan plan = {
                .request = OAUTH_DISK,
                .base = o->disk_url,
                .path = paths[part],
                .access_token = access_token,
        };

        return call_start(o, &plan, fn, userdata, ret_call);
}

int oauth_knock(Oauth *o, OauthHost host, OauthFn fn, void *userdata, OauthCall **ret_call) {
        static const OauthField nothing[] = { { "client_id", NULL, 0 } };
        static const Plan plans[_OAUTH_HOST_MAX] = {
                [OAUTH_HOST_OAUTH] = { .path = "/device/code", .form = nothing, .n_fields = 1 },
                [OAUTH_HOST_LOGIN] = { .path = "/info" },
                [OAUTH_HOST_DISK] = { .path = "/v1/disk/operations/0000?fields=status" },
        };
        Plan plan = plans[host];

        plan.request = OAUTH_KNOCK;
        plan.base = oauth_host_url(o, host);
        return call_start(o, &plan, fn, userdata, ret_call);
}

OauthCall *oauth_call_free(OauthCall *c) {
        if (!c)
                return NULL;

        c->http = http_call_free(c->http);
        free(c);
        return NULL;
}

const char *oauth_host_url(const Oauth *o, OauthHost host) {
        const char *const urls[_OAUTH_HOST_MAX] = {
                [OAUTH_HOST_OAUTH] = o->oauth_url,
                [OAUTH_HOST_LOGIN] = o->login_url,
                [OAUTH_HOST_DISK] = o->disk_url,
        };

        return urls[host];
}

bool oauth_has_device_id(const Oauth *o) {
        return o->device_id;
}

static bool is_device_id(const char *s) {
        size_t n = strlen(s);

        for (const char *c = s; *c; c++)
                if (*c < ' ' || *c > '~')
                        return false;
        return n >= DEVICE_ID_MIN && n <= DEVICE_ID_MAX;
}

/* Cuts at a character, which in UTF-8 begins with a byte that is not 10xxxxxx. */
static void cut_characters(char *s, size_t max) {
        size_t n = 0;

        for (; s && *s; s++)
                if (((unsigned char) *s & 0xc0) != 0x80 && n++ == max) {
                        *s = '\0';
                        return;
                }
}

int oauth_new(Http *http, const OauthOptions *options, Oauth **ret) {
        _cleanup_(oauth_freep) Oauth *o = NULL;

        if (options->device_id && !is_device_id(options->device_id))
                return -EINVAL;

        o = malloc(sizeof(Oauth));
        if (!o)
                return -ENOMEM;

        *o = (Oauth){ .http = http };
        if (str_replace(&o->oauth_url, options->oauth_url) < 0 ||
            str_replace(&o->login_url, options->login_url) < 0 ||
            str_replace(&o->disk_url, options->disk_url) < 0 ||
            str_replace(&o->device_id, options->device_id) < 0)
                return -ENOMEM;

        /* Yandex ignores a name without an id. */
        if (o->device_id && !str_is_empty(options->device_name)) {
                if (str_replace(&o->device_name, options->device_name) < 0)
                        return -ENOMEM;
                cut_characters(o->device_name, DEVICE_NAME_MAX);
        }

        *ret = TAKE_PTR(o);
        return 0;
}

Oauth *oauth_free(Oauth *o) {
        if (!o)
                return NULL;

        free(o->device_name);
        free(o->device_id);
        free(o->disk_url);
        free(o->login_url);
        free(o->oauth_url);
        free(o);
        return NULL;
}
