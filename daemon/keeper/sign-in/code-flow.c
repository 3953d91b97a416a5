/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in/code-flow.h"

#include "common/condition.h"
#include "common/i18n.h"
#include "keeper/sign-in/pkce.h"
#include "platform/clock.h"
#include "yandex/confirmation.h"

/* How long the page may be looked at; the code that it ends with lives 10 minutes by itself. */
#define LIFE INT64_C(1800)

/* To connect, before a sign-in that somebody is waiting for gives up; and the seconds in between. */
#define ATTEMPTS_MAX  3
#define ATTEMPT_PAUSE 5

#define MSEC_PER_SEC 1000

struct CodeFlow {
        const FlowEvents *events;
        void *userdata;
        World *world;
        char *client_id;
        Secret *client_secret;

        Secret *verifier;
        Secret *state;
        Secret *url;
        SignInPrompt prompt;

        bool submitted;
        Secret *code;
        OauthError refusal; /* r = 0: none */
        unsigned attempts;

        OauthCall *call;
        Alarm *exchange_alarm;
        Alarm *deadline;
        World *held; /* NULL: not by us */
};

/* What comes next may wait for a user's decision: then there is nothing of ours left to lose, or to find.
 * Whoever takes the tokens holds the keeper before we let go. f may be gone then. */
static void end(CodeFlow *f, FlowEnd how) {
        World *held = TAKE_PTR(f->held);

        alarm_off(f->exchange_alarm);
        alarm_off(f->deadline);
        f->code = secret_unref(f->code);
        f->verifier = secret_unref(f->verifier);
        f->events->on_end(&how, f->userdata);
        world_release(held);
}

static FlowEnd how_it_failed(const CodeFlow *f, const OauthAnswer *answer) {
        FlowEnd how = flow_end_by_answer(answer);

        if (answer->r == CONDITION_EXPIRED)
                how.sentence = N_("Yandex did not accept the code: it is wrong, used or too old; "
                                  "start the sign-in again.");
        else if (answer->lost)
                how.sentence = N_("No answer came from Yandex that can be used, and a code is good "
                                  "for one try; start the sign-in again.");
        else if (answer->r == CONDITION_APP_REFUSED && !f->client_secret)
                how.sentence = N_("Yandex refused the application, or does not do without its "
                                  "secret; start the sign-in again and give it.");
        return how;
}

/* A code is good for one exchange: once a request may have reached Yandex none is sent again, since to
 * the second the answer is invalid_grant at best, and RFC 6749 (section 4.1.2) has the server revoke what
 * the first one brought. Where no connection came about, nothing was used up. */
static void on_exchanged(const OauthAnswer *answer, void *userdata) {
        CodeFlow *f = userdata;

        f->call = oauth_call_free(f->call);
        world_reached(f->world, answer->r != CONDITION_OFFLINE);
        if (answer->r == 0)
                return end(f, (FlowEnd){ .token = answer->token });
        if (answer->r == CONDITION_OFFLINE && !answer->lost && ++f->attempts < ATTEMPTS_MAX)
                return (void) alarm_set_after(f->exchange_alarm, ATTEMPT_PAUSE * MSEC_PER_SEC);

        end(f, how_it_failed(f, answer));
}

static void on_exchange_alarm(void *userdata) {
        CodeFlow *f = userdata;
        OauthClient client = { .client_id = f->client_id, .client_secret = f->client_secret };
        int r;

        if (f->refusal.r != 0)
                return end(f, (FlowEnd){ .r = f->refusal.r, .reason = f->refusal.meaning });

        r = oauth_token_by_code(f->world->oauth, &client, f->code, f->verifier, NULL, on_exchanged,
                                f, &f->call);
        if (r < 0)
                end(f, (FlowEnd){ .r = r });
}

/* What was submitted in time has an end of its own. */
static void on_deadline(void *userdata) {
        CodeFlow *f = userdata;

        if (!f->submitted)
                end(f, (FlowEnd){ .r = CONDITION_EXPIRED, .reason = "no code came in time" });
}

/* Why it cannot be taken; NULL: it can. */
static const char *find_fault(const CodeFlow *f, const Confirmation *c, int *ret) {
        *ret = CONDITION_INVALID_ARGS;
        if (!c->is_address)
                return c->code ? NULL : N_("There is no code in that; copy it from Yandex's page.");

        if (c->state && !secret_equal(c->state, f->state)) {
                *ret = CONDITION_ACCESS_DENIED;
                return N_("That address belongs to another sign-in; use the page that this one "
                          "shows.");
        }
        if (!c->refused && !c->code)
                return N_("There is no code in that address; copy the one that the browser shows "
                          "after you have pressed Allow.");
        if (!c->state) {
                *ret = CONDITION_ACCESS_DENIED;
                return N_("That address does not tell which sign-in it belongs to; copy all of it, "
                          "or only the code.");
        }
        return NULL;
}

/* From now on there is something to lose. */
static void accept(CodeFlow *f, Confirmation *c) {
        f->held = world_hold(f->world);
        f->submitted = true;
        f->code = TAKE_PTR(c->code);
        if (c->refused)
                f->refusal = c->error;
}

int code_flow_submit(CodeFlow *f, const char *text, const char **ret_sentence) {
        _cleanup_(confirmation_done) Confirmation c = {};
        int r;

        *ret_sentence = NULL;
        if (strlen(text) > CODE_TEXT_MAX)
                *ret_sentence = N_("That is too long for a code; copy only the code, or the "
                                   "address of the page that shows it.");
        else if (f->submitted)
                *ret_sentence = N_("A code was given already; wait until Yandex has answered.");
        if (*ret_sentence)
                return CONDITION_INVALID_ARGS;

        r = confirmation_parse(text, &c);
        if (r == -EBADMSG) {
                *ret_sentence = N_("That address is damaged; copy it from the browser once more.");
                return CONDITION_INVALID_ARGS;
        }
        if (r < 0)
                return r;

        *ret_sentence = find_fault(f, &c, &r);
        if (*ret_sentence)
                return r;

        r = alarm_set_after(f->exchange_alarm, 0);
        if (r == 0)
                accept(f, &c);
        return r;
}

static int make_address(CodeFlow *f, const FlowRequest *request) {
        char challenge[PKCE_LENGTH + 1];
        int r;

        r = pkce_random(&f->verifier);
        if (r == 0)
                r = pkce_random(&f->state);
        if (r == 0)
                r = pkce_challenge(f->verifier, challenge);
        if (r < 0)
                return r;

        return oauth_authorization_url(f->world->oauth,
                                       &(Authorization){
                                               .client_id = f->client_id,
                                               .scopes = request->scopes,
                                               .login_hint = request->login_hint,
                                               .state = f->state,
                                               .code_challenge = challenge,
                                       },
                                       &f->url);
}

int code_flow_start(const FlowRequest *request, const FlowEvents *events, void *userdata,
                    CodeFlow **ret) {
        _cleanup_(code_flow_freep) CodeFlow *f = NULL;
        sd_event *event = request->world->event;
        int r;

        f = malloc(sizeof(CodeFlow));
        if (!f)
                return -ENOMEM;

        *f = (CodeFlow){
                .events = events,
                .userdata = userdata,
                .world = request->world,
                .client_secret = secret_ref(request->client_secret),
        };

        r = str_replace(&f->client_id, request->client_id);
        if (r == 0)
                r = make_address(f, request);
        if (r == 0)
                r = alarm_new(event, "code-flow-exchange", on_exchange_alarm, f,
                              &f->exchange_alarm);
        if (r == 0)
                r = alarm_new(event, "code-flow-deadline", on_deadline, f, &f->deadline);
        if (r == 0)
                r = alarm_set_after(f->deadline, LIFE * MSEC_PER_SEC);
        if (r < 0)
                return r;

        f->prompt = (SignInPrompt){
                .authorization_url = secret_string(f->url),
                .expires_at = clock_now() + LIFE,
        };
        *ret = TAKE_PTR(f);
        return 0;
}

CodeFlow *code_flow_free(CodeFlow *f) {
        if (!f)
                return NULL;

        world_release(f->held);
        alarm_free(f->deadline);
        alarm_free(f->exchange_alarm);
        oauth_call_free(f->call);
        secret_unref(f->code);
        secret_unref(f->url);
        secret_unref(f->state);
        secret_unref(f->verifier);
        secret_unref(f->client_secret);
        free(f->client_id);
        free(f);
        return NULL;
}

const SignInPrompt *code_flow_prompt(const CodeFlow *f) {
        return &f->prompt;
}
