/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in/sign-in.h"

#include "common/condition.h"
#include "common/i18n.h"
#include "common/log.h"
#include "keeper/sign-in/code-flow.h"
#include "keeper/sign-in/completion.h"
#include "keeper/sign-in/device-flow.h"
#include "keeper/sign-in/import.h"
#include "platform/clock.h"

struct SignIn {
        const SignInEvents *events;
        void *userdata;
        World *world;

        SignInFlow flow;
        char *client_id;
        Secret *client_secret;
        Secret *used_secret; /* the one that was given, or that was kept as it began */
        char **scopes;
        char *label;
        char *account_id;
        Secret *refresh_token;
        Secret *access_token;
        int64_t expires_at;

        /* One after the other, and one of the flows. */
        Unlock *unlock;
        DeviceFlow *device;
        CodeFlow *code;
        Completion *completion;
        Import *import;
};

static const char *const flow_names[_SIGN_IN_FLOW_MAX] = {
        [SIGN_IN_DEVICE] = "device",
        [SIGN_IN_CODE] = "code",
        [SIGN_IN_IMPORT] = "import",
};

SignInFlow sign_in_flow_from_string(const char *s) {
        for (int i = 0; i < _SIGN_IN_FLOW_MAX; i++)
                if (streq(flow_names[i], s))
                        return (SignInFlow) i;
        return _SIGN_IN_FLOW_INVALID;
}

bool sign_in_flow_needs_secret(SignInFlow flow) {
        return flow != SIGN_IN_CODE;
}

static void log_end(int r, const char *reason) {
        if (r != 0)
                log_event(LOG_INFO, &(LogContext){ .condition = r }, "The sign-in ended: %s.",
                          reason ?: "it could not go on");
}

static void fail_with(SignIn *s, int r, const char *reason, const char *sentence) {
        log_end(r, reason);
        s->events->on_end(&(SignInResult){ .r = r, .sentence = sentence }, s->userdata);
}

static void fail(SignIn *s, int r, const char *reason) {
        fail_with(s, r, reason, NULL);
}

static Secret *client_secret(const SignIn *s) {
        return s->client_secret ?: applications_client_secret(s->world->applications, s->client_id);
}

static void on_arrived(const CompletionResult *end, void *userdata) {
        SignIn *s = userdata;

        log_end(end->r, end->reason);
        s->events->on_end(
                &(SignInResult){
                        .r = end->r,
                        .sentence = end->sentence,
                        .account = end->account,
                        .login = end->login,
                },
                s->userdata);
}

static void on_flow_end(const FlowEnd *end, void *userdata) {
        SignIn *s = userdata;
        Adoption adoption = {
                .client_id = s->client_id,
                .client_secret = s->client_secret,
                .used_secret = s->used_secret,
                .token = end->token,
                .scopes = s->scopes,
                .label = s->label,
                .account_id = s->account_id,
        };
        int r = end->r;

        if (r == 0)
                r = completion_start(s->world, &adoption, on_arrived, s, &s->completion);
        if (r != 0)
                fail_with(s, r, end->reason, end->sentence);
}

static void on_flow_prompt(void *userdata) {
        SignIn *s = userdata;

        s->events->on_prompt(s->userdata);
}

static const FlowEvents flow_events = {
        .on_prompt = on_flow_prompt,
        .on_end = on_flow_end,
};

/* An end in the past is wrong where Yandex still accepts the token, and of no use where it does not. */
static int start_import(SignIn *s) {
        OauthToken token = {
                .access_token = s->access_token,
                .refresh_token = s->refresh_token,
                .expires_in = MAX_OF(s->expires_at - clock_now(), INT64_C(0)),
        };
        Adoption adoption = {
                .client_id = s->client_id,
                .client_secret = s->client_secret,
                .token = &token,
                .scopes = s->scopes,
                .label = s->label,
        };

        return import_start(s->world, &adoption, on_arrived, s, &s->import);
}

static int start_flow(SignIn *s, const FlowRequest *request) {
        switch (s->flow) {
        case SIGN_IN_DEVICE:
                return device_flow_start(request, &flow_events, s, &s->device);
        case SIGN_IN_CODE:
                return code_flow_start(request, &flow_events, s, &s->code);
        case SIGN_IN_IMPORT:
                return start_import(s);
        case _SIGN_IN_FLOW_MAX:
        case _SIGN_IN_FLOW_INVALID:
                break;
        }
        return -EINVAL;
}

static void on_unlocked(int r, void *userdata) {
        SignIn *s = userdata;
        Account *a = s->account_id ? accounts_by_id(s->world->accounts, s->account_id) : NULL;
        FlowRequest request = {
                .world = s->world,
                .client_id = s->client_id,
                .client_secret = client_secret(s),
                .scopes = s->scopes,
                .login_hint = a ? account_record(a)->login : NULL,
        };

        s->unlock = unlock_free(s->unlock);
        if (r != 0)
                return fail(s, r, "the keyring cannot keep what it would bring");
        if (a && account_state(a) == ACCOUNT_LOCKED)
                return fail(s, account_refusal(a), "the account cannot be read");
        if (!request.client_secret && sign_in_flow_needs_secret(s->flow))
                return fail_with(s, CONDITION_INVALID_ARGS, "the application has no secret",
                                 N_("The secret of the application is not known; give its "
                                    "client_secret."));

        s->used_secret = secret_ref(request.client_secret);
        r = start_flow(s, &request);
        if (r < 0)
                return fail(s, r, NULL);
        if (sign_in_prompt(s))
                s->events->on_prompt(s->userdata);
}

static int copy_options(SignIn *s, const SignInOptions *options) {
        int r;

        s->client_secret = secret_ref(options->client_secret);
        s->refresh_token = secret_ref(options->refresh_token);
        s->access_token = secret_ref(options->access_token);
        s->expires_at = options->expires_at;
        r = str_replace(&s->client_id, options->client_id);
        if (r == 0)
                r = strv_copy(options->scopes, &s->scopes);
        if (r == 0)
                r = str_replace(&s->label, options->label);
        if (r == 0)
                r = str_replace(&s->account_id, options->account_id);
        return r;
}

int sign_in_start(World *w, const SignInOptions *options, const SignInEvents *events,
                  void *userdata, SignIn **ret) {
        _cleanup_(sign_in_freep) SignIn *s = NULL;
        int r;

        if (sign_in_flow_needs_secret(options->flow) && !options->client_secret &&
            !applications_find(w->applications, options->client_id))
                return CONDITION_INVALID_ARGS;

        s = malloc(sizeof(SignIn));
        if (!s)
                return -ENOMEM;

        *s = (SignIn){
                .events = events,
                .userdata = userdata,
                .world = w,
                .flow = options->flow,
        };

        r = copy_options(s, options);
        if (r == 0)
                r = loader_unlock(w->loader, VAULT_NO_PROMPT, on_unlocked, s, &s->unlock);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

SignIn *sign_in_free(SignIn *s) {
        if (!s)
                return NULL;

        import_free(s->import);
        completion_free(s->completion);
        code_flow_free(s->code);
        device_flow_free(s->device);
        unlock_free(s->unlock);
        secret_unref(s->access_token);
        secret_unref(s->refresh_token);
        free(s->account_id);
        free(s->label);
        strv_free(s->scopes);
        secret_unref(s->used_secret);
        secret_unref(s->client_secret);
        free(s->client_id);
        free(s);
        return NULL;
}

const SignInPrompt *sign_in_prompt(const SignIn *s) {
        if (s->device)
                return device_flow_prompt(s->device);
        return s->code ? code_flow_prompt(s->code) : NULL;
}

int sign_in_submit(SignIn *s, const char *text, const char **ret_sentence) {
        if (s->code)
                return code_flow_submit(s->code, text, ret_sentence);

        if (s->flow == SIGN_IN_CODE)
                *ret_sentence = N_("The sign-in has not shown its page yet; call GetPrompt first.");
        else if (s->flow == SIGN_IN_IMPORT)
                *ret_sentence = N_("An import takes no code; wait for Completed.");
        else
                *ret_sentence =
                        N_("This sign-in takes no code; enter the one it shows on Yandex's page.");
        return CONDITION_INVALID_ARGS;
}

int sign_in_keep_as_new(SignIn *s, Account **ret) {
        return s->completion ? completion_keep_as_new(s->completion, ret) : CONDITION_INVALID_ARGS;
}
