/* SPDX-License-Identifier: MIT */

/*
 * /device/code needs no secret, so that it tells of the client id and the scopes alone; /token tells of the
 * secret, which it looks at before it looks at the code.
 */

#include "keeper/diagnosis/application-check.h"

#include "common/condition.h"
#include "common/strv.h"
#include "platform/machine.h"

struct ApplicationCheck {
        ApplicationCheckFn fn;
        void *userdata;

        World *world;
        char *client_id;
        Secret *client_secret;
        char **scopes;

        OauthCall *call;
        size_t n_asked; /* of the scopes, one by one */
        char **missing;
        ApplicationFindings findings;
};

static void finish(ApplicationCheck *c) {
        c->findings.missing_scopes = c->missing;
        c->fn(&c->findings, c->userdata);
}

/* An answer to something else than was asked is the server's trouble, too. */
static void fail(ApplicationCheck *c, int r) {
        if (r > 0 && r != CONDITION_OFFLINE && r != CONDITION_RATE_LIMITED)
                r = CONDITION_SERVER_TROUBLE;

        c->fn(&(ApplicationFindings){ .r = r }, c->userdata);
}

static void ask_next_scope(ApplicationCheck *c);

static void on_scope(const OauthAnswer *answer, void *userdata) {
        ApplicationCheck *c = userdata;
        int r = 0;

        c->call = oauth_call_free(c->call);
        if (answer->r != 0 && answer->r != CONDITION_INVALID_ARGS)
                return fail(c, answer->r);

        if (answer->r != 0)
                r = strv_extend(&c->missing, c->scopes[c->n_asked]);
        if (r < 0)
                return fail(c, r);

        c->n_asked++;
        ask_next_scope(c);
}

static void ask_next_scope(ApplicationCheck *c) {
        char *one[] = { NULL, NULL };
        int r;

        if (c->findings.scopes != VERDICT_REFUSED || !c->scopes[c->n_asked])
                return finish(c);

        one[0] = c->scopes[c->n_asked];
        r = oauth_device_code(c->world->oauth, c->client_id, one, on_scope, c, &c->call);
        if (r < 0)
                fail(c, r);
}

/* No code of ours is any good; a complaint about it means that the credentials were. */
static void on_secret(const OauthAnswer *answer, void *userdata) {
        ApplicationCheck *c = userdata;

        c->call = oauth_call_free(c->call);
        if (answer->r != 0 && !answer->error)
                return fail(c, answer->r);

        c->findings.secret =
                streq(answer->error, "invalid_client") ? VERDICT_REFUSED : VERDICT_ACCEPTED;
        ask_next_scope(c);
}

static int make_up_device_code(Secret **ret) {
        _cleanup_free_ char *code = NULL;
        int r;

        r = machine_random_id(&code);
        return r < 0 ? r : secret_new_from(code, strlen(code), ret);
}

static int ask_secret(ApplicationCheck *c) {
        OauthClient client = { .client_id = c->client_id, .client_secret = c->client_secret };
        _cleanup_(secret_unrefp) Secret *code = NULL;
        int r;

        r = make_up_device_code(&code);
        if (r < 0)
                return r;

        return oauth_token_by_device_code(c->world->oauth, &client, code, NULL, on_secret, c,
                                          &c->call);
}

static void on_id(const OauthAnswer *answer, void *userdata) {
        ApplicationCheck *c = userdata;
        int r;

        c->call = oauth_call_free(c->call);
        world_reached(c->world, answer->r != CONDITION_OFFLINE);
        if (answer->r == CONDITION_APP_REFUSED) {
                c->findings.id = VERDICT_REFUSED;
                return finish(c);
        }
        if (answer->r != 0 && answer->r != CONDITION_INVALID_ARGS)
                return fail(c, answer->r);

        c->findings.id = VERDICT_ACCEPTED;
        if (c->scopes)
                c->findings.scopes = answer->r == 0 ? VERDICT_ACCEPTED : VERDICT_REFUSED;
        if (!c->client_secret)
                return ask_next_scope(c);

        r = ask_secret(c);
        if (r < 0)
                fail(c, r);
}

int application_check_start(World *w, const ApplicationQuestion *question, ApplicationCheckFn fn,
                            void *userdata, ApplicationCheck **ret) {
        _cleanup_(application_check_freep) ApplicationCheck *c = NULL;
        int r;

        c = malloc(sizeof(ApplicationCheck));
        if (!c)
                return -ENOMEM;

        *c = (ApplicationCheck){
                .fn = fn,
                .userdata = userdata,
                .world = w,
                .client_secret = secret_ref(question->client_secret),
        };

        r = str_replace(&c->client_id, question->client_id);
        if (r == 0)
                r = strv_copy(question->scopes, &c->scopes);
        if (r == 0)
                r = oauth_device_code(w->oauth, c->client_id, c->scopes, on_id, c, &c->call);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(c);
        return 0;
}

ApplicationCheck *application_check_free(ApplicationCheck *c) {
        if (!c)
                return NULL;

        oauth_call_free(c->call);
        strv_free(c->missing);
        strv_free(c->scopes);
        secret_unref(c->client_secret);
        free(c->client_id);
        free(c);
        return NULL;
}
