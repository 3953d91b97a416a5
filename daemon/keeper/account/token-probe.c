/* SPDX-License-Identifier: MIT */

#include "keeper/account/token-probe.h"

#include "common/condition.h"
#include "platform/clock.h"

#define SECOND_LOOK_MS 3000

struct TokenProbe {
        TokenProbeFn fn;
        void *userdata;
        Oauth *oauth;
        Secret *access_token;
        bool refused_once;
        OauthCall *call;
        Alarm *second_look;
};

static void on_probe(const OauthAnswer *answer, void *userdata) {
        TokenProbe *c = userdata;

        c->call = oauth_call_free(c->call);

        if (answer->r == CONDITION_ACCESS_DENIED && !c->refused_once) {
                c->refused_once = true;
                if (alarm_set_after(c->second_look, SECOND_LOOK_MS) >= 0)
                        return;
        }

        c->fn(answer->r, answer->reason, c->userdata);
}

static int probe(TokenProbe *c) {
        return oauth_probe(c->oauth, c->access_token, on_probe, c, &c->call);
}

static void on_second_look(void *userdata) {
        TokenProbe *c = userdata;
        int r = probe(c);

        if (r < 0)
                c->fn(r, NULL, c->userdata);
}

int token_probe_start(sd_event *event, Oauth *oauth, Secret *access_token, TokenProbeFn fn,
                      void *userdata, TokenProbe **ret) {
        _cleanup_(token_probe_freep) TokenProbe *c = NULL;
        int r;

        c = malloc(sizeof(TokenProbe));
        if (!c)
                return -ENOMEM;

        *c = (TokenProbe){
                .fn = fn,
                .userdata = userdata,
                .oauth = oauth,
                .access_token = secret_ref(access_token),
        };

        r = alarm_new(event, "second-look", on_second_look, c, &c->second_look);
        if (r < 0)
                return r;

        r = probe(c);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(c);
        return 0;
}

TokenProbe *token_probe_free(TokenProbe *c) {
        if (!c)
                return NULL;

        alarm_free(c->second_look);
        oauth_call_free(c->call);
        secret_unref(c->access_token);
        free(c);
        return NULL;
}
