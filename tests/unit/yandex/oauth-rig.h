/* SPDX-License-Identifier: MIT */
#pragma once

/* An OAuth client on a faked network, and what it last called back with. */

#include "check.h"
#include "fake-http.h"
#include "yandex/oauth.h"

typedef struct Rig {
        sd_event *event;
        Http *http;
        Oauth *oauth;
        OauthClient client;
        Secret *client_secret;
        OauthCall *call;

        unsigned n_answers;
        OauthAnswer last;
        Secret *access_token; /* of the last answer */
} Rig;

static inline Secret *secret(const char *text) {
        Secret *s = NULL;

        check_int(secret_new_from(text, strlen(text), &s), 0);
        return s;
}

static inline Rig rig_new(void) {
        static const OauthOptions options = {
                .oauth_url = "https://oauth.test",
                .login_url = "https://login.test",
                .disk_url = "https://disk.test",
                .device_id = "11111111-2222",
                .device_name = "my host",
        };
        Rig rig = {};

        check_int(sd_event_new(&rig.event), 0);
        check_int(http_new(rig.event, NULL, &rig.http), 0);
        check_int(oauth_new(rig.http, &options, &rig.oauth), 0);
        rig.client_secret = secret("s:e/c r&e=t+%");
        rig.client = (OauthClient){ "c-1", rig.client_secret };
        return rig;
}

static inline void rig_done(Rig *rig) {
        oauth_call_free(rig->call);
        oauth_free(rig->oauth);
        http_free(rig->http);
        secret_unref(rig->client_secret);
        secret_unref(rig->access_token);
        sd_event_unref(rig->event);
        fake_http_reset();
}

/* The first line is the one of the contract. */
static inline void on_answer(const OauthAnswer *answer, void *userdata) {
        Rig *rig = userdata;

        rig->call = oauth_call_free(rig->call);
        rig->n_answers++;
        rig->last = *answer;
        secret_unref(rig->access_token);
        rig->access_token = answer->token ? secret_ref(answer->token->access_token) : NULL;
        rig->last.token = NULL;
        rig->last.device_code = NULL;
        rig->last.identity = NULL;
}

/* Until nothing is left to do. */
static inline void rig_run(Rig *rig) {
        while (sd_event_run(rig->event, 0) > 0)
                ;
}
