/* SPDX-License-Identifier: MIT */

#include "keeper/account/token-probe.h"

#include "common/condition.h"
#include "platform/clock.h"

#define SECOND_REQUEST_MS 3000

struct TokenProbe {
        TokenProbeFn fn;
        void *userdata;
        Oauth *oauth;
        Secret *access_token;
        bool refused_once;
        OauthCall *call;
        Alarm *second_request;
};

static void token_probe_on_answer(const OauthAnswer *answer, void *userdata) {
        TokenProbe *p = userdata;

        p->call = oauth_call_free(p->call);

        if (answer->r == CONDITION_ACCESS_DENIED && !p->refused_once) {
                p->refused_once = true;
                if (alarm_set_after(p->second_request, SECOND_REQUEST_MS) >= 0)
                        return;
        }

        p->fn(answer->r, answer->reason, p->userdata);
}

static int token_probe_ask(TokenProbe *p) {
        return oauth_probe(p->oauth, p->access_token, token_probe_on_answer, p, &p->call);
}

static void token_probe_on_second_request(void *userdata) {
        TokenProbe *p = userdata;
        int r = token_probe_ask(p);

        if (r < 0)
                p->fn(r, NULL, p->userdata);
}

int token_probe_start(sd_event *event, Oauth *oauth, Secret *access_token, TokenProbeFn fn,
                      void *userdata, TokenProbe **ret) {
        _cleanup_(token_probe_freep) TokenProbe *p = NULL;
        int r;

        p = malloc(sizeof(TokenProbe));
        if (!p)
                return -ENOMEM;

        *p = (TokenProbe){
                .fn = fn,
                .userdata = userdata,
                .oauth = oauth,
                .access_token = secret_ref(access_token),
        };

        r = alarm_new(event, "token-probe", token_probe_on_second_request, p, &p->second_request);
        if (r < 0)
                return r;

        r = token_probe_ask(p);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(p);
        return 0;
}

TokenProbe *token_probe_free(TokenProbe *p) {
        if (!p)
                return NULL;

        alarm_free(p->second_request);
        oauth_call_free(p->call);
        secret_unref(p->access_token);
        free(p);
        return NULL;
}
