/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in.h"

#include "common/condition.h"
#include "common/i18n.h"
#include "common/log.h"
#include "keeper/adoption.h"
#include "platform/clock.h"

/* Yandex documents no slow_down; RFC 8628 section 3.5 says five seconds more. */
#define SLOW_DOWN_STEP 5

/* In a row, before a sign-in that somebody is waiting for gives up. */
#define TROUBLES_MAX 3

/* Whose account it is can also be found out later. */
#define IDENTITY_ATTEMPTS 2

#define MSEC_PER_SEC 1000

struct SignIn {
        const SignInEvents *events;
        void *userdata;
        Keeper *keeper;

        char *client_id;
        Secret *client_secret;
        char **scopes;
        char *label;
        char *account_id;

        Unlock *unlock;
        OauthCall *call;
        Alarm *poll_alarm;
        Alarm *deadline;
        Wait *wait;

        Secret *device_code;
        char *user_code;
        char *verification_url;
        SignInPrompt prompt;
        unsigned troubles;
        bool overdue; /* the code's time is up, but an answer is awaited */
        bool holding;

        Secret *access_token;
        Secret *refresh_token;
        char **granted_scopes;
        int64_t expires_in;
        unsigned identity_attempts;
        Account *account;
};

static void finish(SignIn *s, Account *account) {
        s->events->on_end(&(SignInResult){ .account = account }, s->userdata);
}

static void fail_with(SignIn *s, int r, const char *reason, const char *sentence) {
        log_event(LOG_INFO, &(LogContext){ .condition = r }, "The sign-in ended: %s.",
                  reason ?: "it could not go on");
        s->events->on_end(&(SignInResult){ .r = r, .sentence = sentence }, s->userdata);
}

static void fail(SignIn *s, int r, const char *reason) {
        fail_with(s, r, reason, NULL);
}

/* Where Yandex named a reason that the user can do something about. */
static void fail_by_answer(SignIn *s, const OauthAnswer *answer) {
        const char *sentence = NULL;

        if (streq(answer->error, "invalid_scope"))
                sentence =
                        N_("The application does not have all the permissions that were asked for; "
                           "tick them at https://oauth.yandex.ru, or ask for fewer.");
        fail_with(s, answer->r, answer->reason, sentence);
}

static Secret *client_secret(const SignIn *s) {
        Application *a = applications_find(keeper_applications(s->keeper), s->client_id);

        if (s->client_secret || !a)
                return s->client_secret;
        return application_client_secret(a);
}

/* The grant is in the keyring, or on its way. */
static void on_kept(int r, Grant *grant, void *userdata) {
        SignIn *s = userdata;

        s->wait = wait_free(s->wait);
        if (r == CONDITION_CANCELLED)
                return fail(s, r, "the account was removed");

        finish(s, s->account);
}

static void keep(SignIn *s, const OauthIdentity *identity) {
        OauthToken token = {
                .access_token = s->access_token,
                .refresh_token = s->refresh_token,
                .expires_in = s->expires_in,
                .scopes = s->granted_scopes,
        };
        Adoption adoption = {
                .client_id = s->client_id,
                .client_secret = s->client_secret,
                .token = &token,
                .identity = identity,
                .scopes = s->scopes,
                .label = s->label,
                .account_id = s->account_id,
        };
        _cleanup_(grant_unrefp) Grant *grant = NULL;
        int r;

        alarm_off(s->deadline);
        r = adopt(s->keeper, &adoption, &s->account);
        if (r == CONDITION_ACCESS_DENIED)
                return fail_with(s, r, "another user signed in than the account belongs to",
                                 N_("Somebody else signed in than the account belongs to; sign in "
                                    "again as its user, or without naming the account."));
        if (r != 0)
                return fail(s, r, NULL);

        r = account_ask(s->account, &(TokenQuery){}, on_kept, s, &s->wait, &grant);
        if (r != 0)
                return fail(s, r, NULL);
        if (grant)
                finish(s, s->account);
}

static int ask_identity(SignIn *s);

static void on_identity(const OauthAnswer *answer, void *userdata) {
        SignIn *s = userdata;

        s->call = oauth_call_free(s->call);
        if (answer->r == 0)
                return keep(s, answer->identity);

        if (++s->identity_attempts < IDENTITY_ATTEMPTS && ask_identity(s) >= 0)
                return;

        log_event(LOG_WARNING, &(LogContext){ .condition = answer->r },
                  "Yandex did not tell whose account it is; asking again later.");
        keep(s, NULL);
}

static int ask_identity(SignIn *s) {
        return oauth_identity(keeper_oauth(s->keeper), s->access_token, on_identity, s, &s->call);
}

/* From here on there is something to lose. */
static void take_token(SignIn *s, const OauthToken *token) {
        int r;

        keeper_hold(s->keeper);
        s->holding = true;
        alarm_off(s->deadline);
        s->access_token = secret_ref(token->access_token);
        s->refresh_token = secret_ref(token->refresh_token);
        s->expires_in = token->expires_in;
        r = strv_copy(token->scopes, &s->granted_scopes);
        if (r < 0)
                return fail(s, r, NULL);
        if (ask_identity(s) < 0)
                keep(s, NULL);
}

static void expire(SignIn *s) {
        alarm_off(s->poll_alarm);
        fail(s, CONDITION_EXPIRED, "the code was not confirmed in time");
}

/* What may pass while the code still lives. */
static bool keeps_polling(SignIn *s, const OauthAnswer *answer) {
        if (answer->r == CONDITION_PENDING) {
                s->troubles = 0;
                if (answer->slow_down)
                        s->prompt.interval += SLOW_DOWN_STEP;
                return true;
        }

        if (answer->r == CONDITION_OFFLINE || answer->r == CONDITION_RATE_LIMITED)
                return true;
        return answer->r == CONDITION_SERVER_TROUBLE && ++s->troubles < TROUBLES_MAX;
}

static void on_polled(const OauthAnswer *answer, void *userdata) {
        SignIn *s = userdata;
        int64_t delay;

        s->call = oauth_call_free(s->call);
        if (answer->r == 0)
                return take_token(s, answer->token);
        if (!keeps_polling(s, answer))
                return fail_by_answer(s, answer);
        if (s->overdue)
                return expire(s);

        delay = MAX_OF(s->prompt.interval, answer->retry_after);
        (void) alarm_set_after(s->poll_alarm, (uint64_t) delay * MSEC_PER_SEC);
}

static void on_poll_alarm(void *userdata) {
        SignIn *s = userdata;
        OauthClient client = { .client_id = s->client_id, .client_secret = client_secret(s) };
        int r;

        r = oauth_token_by_device_code(keeper_oauth(s->keeper), &client, s->device_code, on_polled,
                                       s, &s->call);
        if (r < 0)
                fail(s, r, NULL);
}

/* The answer to the last poll is awaited: it may be the token. */
static void on_deadline(void *userdata) {
        SignIn *s = userdata;

        s->overdue = true;
        if (!s->call)
                expire(s);
}

static int take_device_code(SignIn *s, const OauthDeviceCode *code) {
        int r;

        s->device_code = secret_ref(code->device_code);
        r = str_replace(&s->user_code, code->user_code);
        if (r == 0)
                r = str_replace(&s->verification_url, code->verification_url);
        if (r < 0)
                return r;

        s->prompt = (SignInPrompt){
                .verification_url = s->verification_url,
                .user_code = s->user_code,
                .expires_at = clock_now() + code->expires_in,
                .interval = code->interval,
        };

        r = alarm_set_after(s->deadline, (uint64_t) code->expires_in * MSEC_PER_SEC);
        if (r < 0)
                return r;

        return alarm_set_after(s->poll_alarm, (uint64_t) code->interval * MSEC_PER_SEC);
}

static void on_device_code(const OauthAnswer *answer, void *userdata) {
        SignIn *s = userdata;
        int r;

        s->call = oauth_call_free(s->call);
        keeper_reached(s->keeper, answer->r != CONDITION_OFFLINE);
        if (answer->r != 0)
                return fail_by_answer(s, answer);

        r = take_device_code(s, answer->device_code);
        if (r < 0)
                return fail(s, r, NULL);

        s->events->on_prompt(s->userdata);
}

static void on_unlocked(int r, void *userdata) {
        SignIn *s = userdata;
        Account *a = s->account_id ? keeper_account_by_id(s->keeper, s->account_id) : NULL;

        s->unlock = unlock_free(s->unlock);
        if (r != 0)
                return fail(s, r, "the keyring cannot keep what it would bring");
        if (a && account_state(a) == ACCOUNT_LOCKED)
                return fail(s, account_refusal(a), "the account cannot be read");

        if (!client_secret(s))
                return fail_with(
                        s, CONDITION_INVALID_ARGS, "the application has no secret",
                        N_("The secret of the application is not known; give its client_secret."));

        r = oauth_device_code(keeper_oauth(s->keeper), s->client_id, s->scopes, on_device_code, s,
                              &s->call);
        if (r < 0)
                fail(s, r, NULL);
}

static int copy_options(SignIn *s, const SignInOptions *options) {
        int r;

        s->client_secret = secret_ref(options->client_secret);
        r = str_replace(&s->client_id, options->client_id);
        if (r == 0)
                r = strv_copy(options->scopes, &s->scopes);
        if (r == 0)
                r = str_replace(&s->label, options->label);
        if (r == 0)
                r = str_replace(&s->account_id, options->account_id);
        return r;
}

int sign_in_start(Keeper *k, const SignInOptions *options, const SignInEvents *events,
                  void *userdata, SignIn **ret) {
        _cleanup_(sign_in_freep) SignIn *s = NULL;
        int r;

        if (!options->client_secret &&
            !applications_find(keeper_applications(k), options->client_id))
                return CONDITION_INVALID_ARGS;

        s = malloc(sizeof(SignIn));
        if (!s)
                return -ENOMEM;

        *s = (SignIn){
                .events = events,
                .userdata = userdata,
                .keeper = k,
        };

        r = copy_options(s, options);
        if (r == 0)
                r = alarm_new(keeper_event(k), "sign-in-poll", on_poll_alarm, s, &s->poll_alarm);
        if (r == 0)
                r = alarm_new(keeper_event(k), "sign-in-deadline", on_deadline, s, &s->deadline);
        if (r == 0)
                r = loader_unlock(keeper_loader(k), VAULT_NO_PROMPT, on_unlocked, s, &s->unlock);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

SignIn *sign_in_free(SignIn *s) {
        if (!s)
                return NULL;

        if (s->holding)
                keeper_release(s->keeper);
        wait_free(s->wait);
        alarm_free(s->deadline);
        alarm_free(s->poll_alarm);
        oauth_call_free(s->call);
        unlock_free(s->unlock);
        strv_free(s->granted_scopes);
        secret_unref(s->refresh_token);
        secret_unref(s->access_token);
        free(s->verification_url);
        free(s->user_code);
        secret_unref(s->device_code);
        free(s->account_id);
        free(s->label);
        strv_free(s->scopes);
        secret_unref(s->client_secret);
        free(s->client_id);
        free(s);
        return NULL;
}

const SignInPrompt *sign_in_prompt(const SignIn *s) {
        return s->user_code ? &s->prompt : NULL;
}
