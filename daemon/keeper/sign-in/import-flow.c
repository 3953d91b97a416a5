/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in/import-flow.h"

#include "common/condition.h"
#include "common/i18n.h"
#include "keeper/account/accounts.h"
#include "platform/clock.h"

#define OWNER_ATTEMPTS 2

struct ImportFlow {
        const FlowEvents *events;
        void *userdata;
        World *world;
        SignInDetails *details;

        Alarm *alarm;
        OauthCall *call;
        unsigned attempts;
        World *held; /* since Yandex was asked to renew */
        bool asked_again;
};

/* In on_end the completion of the tokens takes its own hold on the world, before this one ends. f
 * may be gone then. */
static void import_flow_end(ImportFlow *f, FlowResult result) {
        World *held = TAKE_PTR(f->held);

        f->events->on_end(&result, f->userdata);
        world_release(held);
}

static void import_flow_refuse(ImportFlow *f, const char *reason, const char *sentence) {
        import_flow_end(f, (FlowResult){ CONDITION_INVALID_ARGS, reason, sentence });
}

/* Whether the application is in use here with another secret, which must not be replaced by one
 * that may be wrong. */
static bool import_flow_is_at_odds(const ImportFlow *f) {
        const SignInDetails *d = f->details;
        const Application *known = applications_find(f->world->applications, d->client_id);

        if (!d->client_secret || d->replace)
                return false;
        return known ? !secret_equal(application_client_secret(known), d->client_secret)
                     : accounts_use_application(f->world->accounts, d->client_id);
}

static int import_flow_ask(ImportFlow *f);

static void import_flow_on_renewed(const OauthAnswer *answer, void *userdata) {
        ImportFlow *f = userdata;
        FlowResult result;

        f->call = oauth_call_free(f->call);
        world_reached(f->world, answer->r != CONDITION_OFFLINE);

        /* Yandex may have renewed the tokens, and the answer was lost: the old refresh token
         * usually still works. */
        if (answer->lost && answer->r == CONDITION_OFFLINE && !f->asked_again) {
                f->asked_again = true;
                if (import_flow_ask(f) == 0)
                        return;
        }

        if (flow_turns_to_previous_secret(f->world, f->details, answer) && import_flow_ask(f) == 0)
                return;

        result = flow_take_answer(f->details, answer);
        if (answer->r == CONDITION_SIGN_IN_NEEDED)
                result.sentence =
                        N_("Yandex does not accept this refresh token: it is used up, ended "
                           "or another application's; sign in with \"yadiskctl login\" "
                           "instead.");
        import_flow_end(f, result);
}

static int import_flow_ask(ImportFlow *f) {
        OauthClient client = sign_in_details_client(f->details);
        OauthRenewal renewal = { .refresh_token = f->details->refresh_token };

        return oauth_token_by_refresh(f->world->oauth, &client, &renewal,
                                      sign_in_details_lend_answer(f->details),
                                      import_flow_on_renewed, f, &f->call);
}

/* From here on there is something to lose. */
static void import_flow_renew(ImportFlow *f) {
        int r;

        /* A sign-in through the application may have ended since the first look. */
        if (import_flow_is_at_odds(f))
                return import_flow_refuse(
                        f, "the application has another secret",
                        N_("This application is in use here with another secret, or without one; "
                           "put that right first: \"yadiskctl apps add\"."));

        r = import_flow_ask(f);
        if (r < 0)
                return import_flow_end(f, (FlowResult){ .r = r });
        f->held = world_hold(f->world);
}

static void import_flow_take_owner(ImportFlow *f, const OauthIdentity *identity) {
        const char *client_id = f->details->client_id;
        int r;

        if (identity->client_id && !streq(identity->client_id, client_id))
                return import_flow_refuse(
                        f, "the token is another application's",
                        N_("This access token was made for another application; give the "
                           "ClientID and the secret of that one."));
        if (accounts_by_user(f->world->accounts, client_id, identity->uid))
                return import_flow_refuse(
                        f, "the user is signed in already",
                        N_("This user is signed in here already through this application; "
                           "use that account, or sign it out first."));

        r = str_replace(&f->details->uid, identity->uid);
        if (r == 0)
                r = str_replace(&f->details->login, identity->login);
        if (r < 0)
                return import_flow_end(f, (FlowResult){ .r = r });
        import_flow_renew(f);
}

static int import_flow_ask_owner(ImportFlow *f);

/* A refused access token says nothing of the refresh token. While it is not known, for any other
 * reason, whose tokens these are, they are left alone. */
static void import_flow_on_owner(const OauthAnswer *answer, void *userdata) {
        ImportFlow *f = userdata;

        f->call = oauth_call_free(f->call);
        world_reached(f->world, answer->r != CONDITION_OFFLINE);
        if (answer->r == 0)
                return import_flow_take_owner(f, answer->identity);
        if (answer->r == CONDITION_ACCESS_DENIED)
                return import_flow_renew(f);
        if (answer->r == CONDITION_SERVER_TROUBLE && ++f->attempts < OWNER_ATTEMPTS &&
            import_flow_ask_owner(f) == 0)
                return;

        import_flow_end(f, (FlowResult){ .r = answer->r, .reason = answer->reason });
}

static int import_flow_ask_owner(ImportFlow *f) {
        return oauth_identity(f->world->oauth, f->details->access_token, import_flow_on_owner, f,
                              &f->call);
}

static void import_flow_on_alarm(void *userdata) {
        ImportFlow *f = userdata;
        int r;

        if (!f->details->access_token || import_flow_is_at_odds(f))
                return import_flow_renew(f);

        r = import_flow_ask_owner(f);
        if (r < 0)
                import_flow_end(f, (FlowResult){ .r = r });
}

int import_flow_start(World *world, SignInDetails *details, const FlowEvents *events,
                      void *userdata, ImportFlow **ret) {
        _cleanup_(import_flow_freep) ImportFlow *f = NULL;
        int r;

        f = malloc(sizeof(ImportFlow));
        if (!f)
                return -ENOMEM;

        *f = (ImportFlow){
                .events = events,
                .userdata = userdata,
                .world = world,
                .details = sign_in_details_ref(details),
        };
        r = alarm_new(world->event, "import-flow", import_flow_on_alarm, f, &f->alarm);
        if (r == 0)
                r = alarm_set_after(f->alarm, 0);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(f);
        return 0;
}

ImportFlow *import_flow_free(ImportFlow *f) {
        if (!f)
                return NULL;

        world_release(f->held);
        oauth_call_free(f->call);
        alarm_free(f->alarm);
        sign_in_details_unref(f->details);
        free(f);
        return NULL;
}

bool import_flow_has_asked(const ImportFlow *f) {
        return f->held && (f->asked_again || !f->call || oauth_call_is_sent(f->call));
}
