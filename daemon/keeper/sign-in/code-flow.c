/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in/code-flow.h"

#include "common/condition.h"
#include "common/i18n.h"
#include "keeper/account/accounts.h"
#include "keeper/sign-in/pkce.h"
#include "platform/clock.h"
#include "yandex/confirmation.h"

/* How long the page may be looked at, in seconds. The code that it ends with lives for another 10
 * minutes. */
#define LIFE INT64_C(1800)

/* How often to try to connect before a sign-in that the user is waiting for gives up, and the
 * seconds in between. */
#define ATTEMPTS_MAX  3
#define ATTEMPT_PAUSE 5

#define MSEC_PER_SEC 1000

struct CodeFlow {
        const FlowEvents *events;
        void *userdata;
        World *world;
        SignInDetails *details;

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
        World *held; /* since the code was submitted */
};

/* In on_end the completion of the tokens takes its own hold on the world, before this one ends. f
 * may be gone then. */
static void code_flow_end(CodeFlow *f, FlowResult result) {
        World *held = TAKE_PTR(f->held);

        alarm_off(f->exchange_alarm);
        alarm_off(f->deadline);
        f->code = secret_unref(f->code);
        f->verifier = secret_unref(f->verifier);
        f->events->on_end(&result, f->userdata);
        world_release(held);
}

static FlowResult code_flow_take_answer(CodeFlow *f, const OauthAnswer *answer) {
        FlowResult result = flow_take_answer(f->details, answer);

        if (answer->r == CONDITION_EXPIRED)
                result.sentence =
                        N_("Yandex did not accept the code: it is wrong, used or too old; "
                           "start the sign-in again.");
        else if (answer->lost)
                result.sentence = flow_lost_code_sentence();
        else if (answer->r == CONDITION_APP_REFUSED && !f->details->used_secret)
                result.sentence = N_("Yandex refused the application, or wants its secret as well; "
                                     "start the sign-in again and give it.");
        return result;
}

/* A code is good for one exchange. Once a request may have reached Yandex, none is sent again: the
 * answer to a second one is invalid_grant at best, and RFC 6749 (section 4.1.2) has the server
 * revoke what the first one brought. If there was no connection, nothing was used up. */
static void code_flow_on_exchanged(const OauthAnswer *answer, void *userdata) {
        CodeFlow *f = userdata;

        f->call = oauth_call_free(f->call);
        world_reached(f->world, answer->r != CONDITION_OFFLINE);
        if (answer->r == CONDITION_OFFLINE && !answer->lost && ++f->attempts < ATTEMPTS_MAX)
                return (void) alarm_set_after(f->exchange_alarm, ATTEMPT_PAUSE * MSEC_PER_SEC);

        if (flow_turns_to_previous_secret(f->world, f->details, answer))
                return (void) alarm_set_after(f->exchange_alarm, 0);

        code_flow_end(f, code_flow_take_answer(f, answer));
}

static void code_flow_on_exchange_alarm(void *userdata) {
        CodeFlow *f = userdata;
        OauthClient client = sign_in_details_client(f->details);
        int r;

        if (f->refusal.r != 0)
                return code_flow_end(
                        f, (FlowResult){ .r = f->refusal.r, .reason = f->refusal.meaning });

        r = oauth_token_by_code(f->world->oauth, &client, f->code, f->verifier,
                                sign_in_details_lend_answer(f->details), code_flow_on_exchanged, f,
                                &f->call);
        if (r < 0)
                code_flow_end(f, (FlowResult){ .r = r });
}

/* A code that was submitted in time is still exchanged. */
static void code_flow_on_deadline(void *userdata) {
        CodeFlow *f = userdata;

        if (!f->submitted)
                code_flow_end(f, (FlowResult){ .r = CONDITION_EXPIRED,
                                               .reason = "no code came in time" });
}

/* Returns why the confirmation cannot be taken, with the Condition in *ret; NULL if it can. */
static const char *code_flow_find_fault(const CodeFlow *f, const Confirmation *c, int *ret) {
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
static void code_flow_accept(CodeFlow *f, Confirmation *c) {
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

        *ret_sentence = code_flow_find_fault(f, &c, &r);
        if (*ret_sentence)
                return r;

        r = alarm_set_after(f->exchange_alarm, 0);
        if (r == 0)
                code_flow_accept(f, &c);
        return r;
}

/* The page offers the user of the account first. */
static const char *code_flow_login_hint(const CodeFlow *f) {
        const char *id = f->details->account_id;
        const Account *a = id ? accounts_by_id(f->world->accounts, id) : NULL;

        return a ? account_record(a)->login : NULL;
}

static int code_flow_make_address(CodeFlow *f) {
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
                                               .client_id = f->details->client_id,
                                               .scopes = f->details->scopes,
                                               .login_hint = code_flow_login_hint(f),
                                               .state = f->state,
                                               .code_challenge = challenge,
                                       },
                                       &f->url);
}

int code_flow_start(World *world, SignInDetails *details, const FlowEvents *events, void *userdata,
                    CodeFlow **ret) {
        _cleanup_(code_flow_freep) CodeFlow *f = NULL;
        int r;

        f = malloc(sizeof(CodeFlow));
        if (!f)
                return -ENOMEM;

        *f = (CodeFlow){
                .events = events,
                .userdata = userdata,
                .world = world,
                .details = sign_in_details_ref(details),
        };

        r = code_flow_make_address(f);
        if (r == 0)
                r = alarm_new(world->event, "code-flow-exchange", code_flow_on_exchange_alarm, f,
                              &f->exchange_alarm);
        if (r == 0)
                r = alarm_new(world->event, "code-flow-deadline", code_flow_on_deadline, f,
                              &f->deadline);
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
        sign_in_details_unref(f->details);
        free(f);
        return NULL;
}

const SignInPrompt *code_flow_prompt(const CodeFlow *f) {
        return &f->prompt;
}
