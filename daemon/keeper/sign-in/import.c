/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in/import.h"

#include "common/condition.h"
#include "common/i18n.h"
#include "keeper/sign-in/trial.h"
#include "platform/clock.h"

/* Before that is given up. */
#define IDENTITY_ATTEMPTS 2

struct Import {
        CompletionFn fn;
        void *userdata;
        World *world;

        char *client_id;
        Secret *client_secret;
        char **scopes;
        char *label;
        Secret *access_token; /* NULL: there is none that Yandex accepts */
        Secret *refresh_token;
        int64_t expires_in;

        Alarm *alarm;
        OauthCall *call;
        unsigned attempts;
        Trial *trial;
};

static void refuse(Import *i, int r, const char *reason, const char *sentence) {
        i->fn(&(CompletionResult){ .r = r, .reason = reason, .sentence = sentence }, i->userdata);
}

static void on_tried(const CompletionResult *end, void *userdata) {
        Import *i = userdata;

        i->fn(end, i->userdata);
}

/* The secret of an application that is in use is not put at stake for this. */
static bool is_at_odds(const Import *i) {
        const Application *known = applications_find(i->world->applications, i->client_id);

        if (!i->client_secret)
                return false;
        return known ? !secret_equal(application_client_secret(known), i->client_secret)
                     : accounts_use_application(i->world->accounts, i->client_id);
}

static void refuse_secret(Import *i) {
        refuse(i, CONDITION_INVALID_ARGS, "the application has another secret",
               N_("This application is in use here with another secret, or without one; put that "
                  "right first: \"yadiskctl apps add\"."));
}

/* From here on there is something to lose. */
static void try(Import *i, const OauthIdentity *identity) {
        OauthToken token = {
                .access_token = i->access_token,
                .refresh_token = i->refresh_token,
                .expires_in = i->expires_in,
        };
        Adoption adoption = {
                .client_id = i->client_id,
                .client_secret = i->client_secret,
                .token = &token,
                .identity = identity,
                .scopes = i->scopes,
                .label = i->label,
        };
        int r;

        /* Somebody may have signed in through it since we looked. */
        if (is_at_odds(i))
                return refuse_secret(i);

        r = trial_start(i->world, &adoption, on_tried, i, &i->trial);
        if (r != 0)
                refuse(i, r, NULL, NULL);
}

static void take_owner(Import *i, const OauthIdentity *identity) {
        if (identity->client_id && !streq(identity->client_id, i->client_id))
                return refuse(i, CONDITION_INVALID_ARGS, "the token is another application's",
                              N_("This access token was made for another application; give the "
                                 "ClientID and the secret of that one."));
        if (accounts_by_user(i->world->accounts, i->client_id, identity->uid))
                return refuse(i, CONDITION_INVALID_ARGS, "the user is signed in already",
                              N_("This user is signed in here already through this application; "
                                 "use that account, or sign it out first."));
        try(i, identity);
}

static int ask_owner(Import *i);

/* That the access token is not accepted says nothing of the refresh token. As long as it is not known whose
 * the pair is for any other reason, it is left alone. */
static void on_owner(const OauthAnswer *answer, void *userdata) {
        Import *i = userdata;

        i->call = oauth_call_free(i->call);
        world_reached(i->world, answer->r != CONDITION_OFFLINE);
        if (answer->r == 0)
                return take_owner(i, answer->identity);
        if (answer->r == CONDITION_ACCESS_DENIED) {
                i->access_token = secret_unref(i->access_token);
                return try(i, NULL);
        }
        if (answer->r == CONDITION_SERVER_TROUBLE && ++i->attempts < IDENTITY_ATTEMPTS &&
            ask_owner(i) >= 0)
                return;

        refuse(i, answer->r, answer->reason, NULL);
}

static int ask_owner(Import *i) {
        return oauth_identity(i->world->oauth, i->access_token, on_owner, i, &i->call);
}

static void on_alarm(void *userdata) {
        Import *i = userdata;
        int r;

        if (is_at_odds(i))
                return refuse_secret(i);
        if (!i->access_token)
                return try(i, NULL);

        r = ask_owner(i);
        if (r < 0)
                refuse(i, r, NULL, NULL);
}

static int copy(Import *i, const Adoption *what) {
        int r;

        i->client_secret = secret_ref(what->client_secret);
        i->access_token = secret_ref(what->token->access_token);
        i->refresh_token = secret_ref(what->token->refresh_token);
        i->expires_in = what->token->expires_in;
        r = str_replace(&i->client_id, what->client_id);
        if (r == 0)
                r = strv_copy(what->scopes, &i->scopes);
        if (r == 0)
                r = str_replace(&i->label, what->label);
        return r;
}

int import_start(World *w, const Adoption *what, CompletionFn fn, void *userdata, Import **ret) {
        _cleanup_(import_freep) Import *i = NULL;
        int r;

        i = malloc(sizeof(Import));
        if (!i)
                return -ENOMEM;

        *i = (Import){ .fn = fn, .userdata = userdata, .world = w };
        r = copy(i, what);
        if (r == 0)
                r = alarm_new(w->event, "import", on_alarm, i, &i->alarm);
        if (r == 0)
                r = alarm_set_after(i->alarm, 0);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(i);
        return 0;
}

Import *import_free(Import *i) {
        if (!i)
                return NULL;

        trial_free(i->trial);
        oauth_call_free(i->call);
        alarm_free(i->alarm);
        secret_unref(i->refresh_token);
        secret_unref(i->access_token);
        free(i->label);
        strv_free(i->scopes);
        secret_unref(i->client_secret);
        free(i->client_id);
        free(i);
        return NULL;
}
