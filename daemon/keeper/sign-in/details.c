/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in/details.h"

#include <assert.h>

#include "common/log.h"
#include "model/json.h"
#include "platform/clock.h"
#include "platform/fdstore.h"
#include "platform/machine.h"

#define COPY_PREFIX   "sign-in-"
#define ANSWER_PREFIX "signed-in-"

#define VERSION 1

int sign_in_details_new(SignInFlow flow, SignInDetails **ret) {
        SignInDetails *d;

        d = malloc(sizeof(SignInDetails));
        if (!d)
                return -ENOMEM;

        *d = (SignInDetails){ .n_refs = 1, .flow = flow };
        *ret = d;
        return 0;
}

SignInDetails *sign_in_details_ref(SignInDetails *d) {
        d->n_refs++;
        return d;
}

/* The answer goes first: without it the copy means nothing. */
void sign_in_details_drop_answer(SignInDetails *d) {
        d->answer = answer_slot_free(d->answer);
        if (d->copy_name)
                (void) fdstore_remove(d->copy_name);
        free(TAKE_PTR(d->copy_name));
}

bool sign_in_details_leave_answer(SignInDetails *d) {
        if (!d->answer)
                return false;

        d->answer = answer_slot_leave(d->answer);
        free(TAKE_PTR(d->copy_name));
        return true;
}

SignInDetails *sign_in_details_unref(SignInDetails *d) {
        if (!d)
                return NULL;

        assert(d->n_refs > 0);
        if (--d->n_refs > 0)
                return NULL;

        sign_in_details_drop_answer(d);
        free(d->login);
        free(d->uid);
        strv_free(d->granted_scopes);
        secret_unref(d->refresh_token);
        secret_unref(d->access_token);
        free(d->account_id);
        free(d->label);
        strv_free(d->scopes);
        secret_unref(d->refused_secret);
        secret_unref(d->used_secret);
        secret_unref(d->client_secret);
        free(d->client_id);
        free(d);
        return NULL;
}

OauthClient sign_in_details_client(const SignInDetails *d) {
        return (OauthClient){ .client_id = d->client_id, .client_secret = d->used_secret };
}

static int sign_in_details_print(const SignInDetails *d, Secret **ret) {
        _cleanup_(json_freep) Json *j = NULL;
        int r;

        r = json_new(&j);
        if (r == 0)
                r = json_set_int(j, "version", VERSION);
        if (r == 0)
                r = json_set_int(j, "asked_at", clock_now());
        if (r == 0)
                r = json_set_string(j, "client_id", d->client_id);
        if (r == 0)
                r = json_set_secret(j, "client_secret", d->client_secret);
        if (r == 0)
                r = json_set_secret(j, "used_secret", d->used_secret);
        if (r == 0)
                r = json_set_strv(j, "scopes", d->scopes);
        if (r == 0)
                r = json_set_string(j, "label", d->label);
        if (r == 0)
                r = json_set_string(j, "account_id", d->account_id);
        if (r == 0)
                r = json_set_secret(j, "refresh_token", d->refresh_token);
        return r < 0 ? r : json_print(j, ret);
}

static int sign_in_details_read_secret(const Json *j, const char *key, Secret **ret) {
        int r = json_get_secret(j, key, ret);

        return r == -ENODATA ? 0 : r;
}

static int sign_in_details_parse(SignInDetails *d, const Secret *copy, int64_t *ret_asked_at) {
        _cleanup_(json_freep) Json *j = NULL;
        int r;

        r = json_parse(copy, &j);
        if (r < 0)
                return r;
        if (json_get_int(j, "version", 0) != VERSION || !json_get_string(j, "client_id"))
                return -EBADMSG;

        *ret_asked_at = json_get_int(j, "asked_at", clock_now());
        r = str_replace(&d->client_id, json_get_string(j, "client_id"));
        if (r == 0)
                r = sign_in_details_read_secret(j, "client_secret", &d->client_secret);
        if (r == 0)
                r = sign_in_details_read_secret(j, "used_secret", &d->used_secret);
        if (r == 0)
                r = json_get_strv(j, "scopes", &d->scopes);
        if (r == 0)
                r = str_replace(&d->label, json_get_string(j, "label"));
        if (r == 0)
                r = str_replace(&d->account_id, json_get_string(j, "account_id"));
        if (r == 0)
                r = sign_in_details_read_secret(j, "refresh_token", &d->refresh_token);
        return r;
}

static int sign_in_details_name_entries(SignInDetails *d, const char *id) {
        _cleanup_free_ char *answer_name = NULL;
        int r;

        r = str_format(&d->copy_name, COPY_PREFIX "%s", id);
        if (r == 0)
                r = str_format(&answer_name, ANSWER_PREFIX "%s", id);
        return r < 0 ? r : answer_slot_new(answer_name, &d->answer);
}

/* The copy goes in first: an answer without it would mean nothing. If it does not go in, the next
 * request tries again. */
static int sign_in_details_put_copy(SignInDetails *d) {
        _cleanup_(secret_unrefp) Secret *copy = NULL;
        _cleanup_free_ char *id = NULL;
        int r;

        r = sign_in_details_print(d, &copy);
        if (r == 0)
                r = machine_random_id(&id);
        if (r == 0)
                r = sign_in_details_name_entries(d, id);
        if (r == 0)
                r = fdstore_put(d->copy_name, copy);
        if (r < 0)
                sign_in_details_drop_answer(d);
        return r;
}

Secret *sign_in_details_lend_answer(SignInDetails *d) {
        int r = 0;

        if (!d->answer)
                r = sign_in_details_put_copy(d);
        if (r == 0)
                r = answer_slot_lend(d->answer);
        if (r == 0)
                return d->answer->body;

        if (!d->warned)
                log_event(LOG_WARNING, &(LogContext){ .condition = r },
                          "The service manager does not keep what a sign-in brings.");
        d->warned = true;
        return NULL;
}

int sign_in_details_take_token(SignInDetails *d, const OauthToken *token, int64_t now) {
        _cleanup_(strv_freep) char **scopes = NULL;
        int r;

        r = strv_copy(token->scopes, &scopes);
        if (r < 0)
                return r;

        strv_free(d->granted_scopes);
        d->granted_scopes = TAKE_PTR(scopes);
        secret_unref(d->access_token);
        d->access_token = secret_ref(token->access_token);
        if (token->refresh_token) {
                secret_unref(d->refresh_token);
                d->refresh_token = secret_ref(token->refresh_token);
        }
        d->expires_in = token->expires_in;
        d->granted_at = now;
        return 0;
}

bool sign_in_details_is_store_name(const char *name, const char **ret_id, bool *ret_is_answer) {
        *ret_is_answer = str_has_prefix(name, ANSWER_PREFIX);
        if (*ret_is_answer)
                *ret_id = name + strlen(ANSWER_PREFIX);
        else if (str_has_prefix(name, COPY_PREFIX))
                *ret_id = name + strlen(COPY_PREFIX);
        else
                return false;
        return true;
}

static int sign_in_details_parse_answer(SignInDetails *d, Secret *answer, int64_t asked_at) {
        OauthParsed parsed = {};
        int r;

        r = answer_slot_parse(answer, &parsed);
        if (r == 0)
                r = sign_in_details_take_token(d, &parsed.token, asked_at);
        oauth_parsed_done(&parsed);
        return r;
}

int sign_in_details_restore(const char *id, const Secret *copy, Secret *answer,
                            SignInDetails **ret) {
        _cleanup_(sign_in_details_unrefp) SignInDetails *d = NULL;
        int64_t asked_at = 0;
        int r;

        r = sign_in_details_new(SIGN_IN_DEVICE, &d);
        if (r == 0)
                r = sign_in_details_name_entries(d, id);
        if (r == 0)
                r = copy && answer ? sign_in_details_parse(d, copy, &asked_at) : -EBADMSG;
        if (r == 0)
                r = sign_in_details_parse_answer(d, answer, asked_at);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(d);
        return 0;
}
