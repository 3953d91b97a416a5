/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in/sign-in.h"

#include <sys/queue.h>

#include "common/condition.h"
#include "common/i18n.h"
#include "common/log.h"
#include "keeper/sign-in/code-flow.h"
#include "keeper/sign-in/completion.h"
#include "keeper/sign-in/device-flow.h"
#include "keeper/sign-in/import-flow.h"
#include "keeper/storage/loader.h"

struct SignIn {
        LIST_ENTRY(SignIn) entry;   /* once it has no owner */
        const SignInEvents *events; /* NULL: it has no owner */
        void *userdata;
        World *world;
        SignInDetails *details;
        bool ended;

        /* They are in use one after the other, and only one of the flows. */
        Unlock *unlock;
        DeviceFlow *device;
        CodeFlow *code;
        ImportFlow *import;
        Completion *completion;
};

/* One or both entries that an earlier run left of a sign-in. */
typedef struct StoredSignIn {
        LIST_ENTRY(StoredSignIn) entry;
        char *id;
        Secret *copy;
        Secret *answer;
} StoredSignIn;

struct SignIns {
        World *world;
        LIST_HEAD(, SignIn) list;
        LIST_HEAD(, StoredSignIn) stored;
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

static SignIn *sign_in_dispose(SignIn *s) {
        if (!s)
                return NULL;

        completion_free(s->completion);
        import_flow_free(s->import);
        code_flow_free(s->code);
        device_flow_free(s->device);
        unlock_free(s->unlock);
        sign_in_details_unref(s->details);
        free(s);
        return NULL;
}

DEFINE_CLEANUP(SignIn *, sign_in_dispose)

static void sign_in_end(SignIn *s, const SignInResult *result, const char *reason) {
        if (result->r != 0)
                log_event(LOG_INFO, &(LogContext){ .condition = result->r },
                          "The sign-in ended: %s.", reason ?: "it could not go on");
        s->ended = true;
        if (s->events)
                return s->events->on_end(result, s->userdata);

        LIST_REMOVE(s, entry);
        sign_in_dispose(s);
}

static void sign_in_fail(SignIn *s, int r, const char *reason, const char *sentence) {
        sign_in_end(s, &(SignInResult){ .r = r, .sentence = sentence }, reason);
}

/* If Yandex has not named the user yet, the label has to do. */
static const char *sign_in_user_of(const Account *a) {
        return account_record(a)->login ?: account_record(a)->label;
}

/* The sentence names both users, the one who was expected and the one who came. */
static int sign_in_say_other_user(const SignIn *s, const Account *theirs, char **ret) {
        const Account *named = accounts_by_id(s->world->accounts, s->details->account_id);

        return str_format(
                ret,
                "The account belongs to %s, but %s signed in and has an account here now; "
                "sign in again as %s.",
                named ? sign_in_user_of(named) : "another user", sign_in_user_of(theirs),
                named ? sign_in_user_of(named) : "its user");
}

static void sign_in_on_completed(const CompletionResult *result, void *userdata) {
        _cleanup_free_ char *sentence = NULL;
        SignIn *s = userdata;

        if (result->r == CONDITION_ACCESS_DENIED)
                (void) sign_in_say_other_user(s, result->account, &sentence);
        sign_in_end(
                s,
                &(SignInResult){ .r = result->r, .sentence = sentence, .account = result->account },
                result->reason);
}

static int sign_in_complete(SignIn *s) {
        return completion_start(s->world, s->details, sign_in_on_completed, s, &s->completion);
}

static void sign_in_on_flow_end(const FlowResult *result, void *userdata) {
        SignIn *s = userdata;
        int r = result->r;

        if (r == 0)
                r = sign_in_complete(s);
        if (r != 0)
                sign_in_fail(s, r, result->reason, result->sentence);
}

static void sign_in_on_prompt(void *userdata) {
        SignIn *s = userdata;

        if (s->events)
                s->events->on_prompt(s->userdata);
}

static const FlowEvents flow_events = {
        .on_prompt = sign_in_on_prompt,
        .on_end = sign_in_on_flow_end,
};

static int sign_in_start_flow(SignIn *s) {
        switch (s->details->flow) {
        case SIGN_IN_DEVICE:
                return device_flow_start(s->world, s->details, &flow_events, s, &s->device);
        case SIGN_IN_CODE:
                return code_flow_start(s->world, s->details, &flow_events, s, &s->code);
        case SIGN_IN_IMPORT:
                return import_flow_start(s->world, s->details, &flow_events, s, &s->import);
        case _SIGN_IN_FLOW_MAX:
        case _SIGN_IN_FLOW_INVALID:
                break;
        }
        return -EINVAL;
}

static void sign_in_on_unlocked(int r, void *userdata) {
        SignIn *s = userdata;
        SignInDetails *d = s->details;
        Account *a = d->account_id ? accounts_by_id(s->world->accounts, d->account_id) : NULL;

        s->unlock = unlock_free(s->unlock);
        if (r != 0)
                return sign_in_fail(s, r, "the keyring cannot keep what it would bring", NULL);
        if (a && account_state(a) == ACCOUNT_LOCKED)
                return sign_in_fail(s, account_refusal(a), "the account cannot be read", NULL);

        d->used_secret = secret_ref(
                d->client_secret
                        ?: applications_client_secret(s->world->applications, d->client_id));
        if (!d->used_secret && sign_in_flow_needs_secret(d->flow))
                return sign_in_fail(s, CONDITION_INVALID_ARGS, "the application has no secret",
                                    N_("The secret of the application is not known; give its "
                                       "client_secret."));

        r = sign_in_start_flow(s);
        if (r < 0)
                return sign_in_fail(s, r, NULL, NULL);
        if (sign_in_prompt(s))
                sign_in_on_prompt(s);
}

static int sign_in_new(World *world, SignInDetails *details, SignIn **ret) {
        SignIn *s;

        s = malloc(sizeof(SignIn));
        if (!s)
                return -ENOMEM;

        *s = (SignIn){ .world = world, .details = sign_in_details_ref(details) };
        *ret = s;
        return 0;
}

int sign_in_start(World *world, SignInDetails *details, const SignInEvents *events, void *userdata,
                  SignIn **ret) {
        _cleanup_(sign_in_disposep) SignIn *s = NULL;
        int r;

        if (sign_in_flow_needs_secret(details->flow) && !details->client_secret &&
            !applications_find(world->applications, details->client_id))
                return CONDITION_INVALID_ARGS;

        r = sign_in_new(world, details, &s);
        if (r == 0)
                r = loader_unlock(world->loader, VAULT_NO_PROMPT, sign_in_on_unlocked, s,
                                  &s->unlock);
        if (r < 0)
                return r;

        s->events = events;
        s->userdata = userdata;
        *ret = TAKE_PTR(s);
        return 0;
}

/* Whether Yandex has given tokens, or may be replacing those of another program. */
static bool sign_in_must_go_on(const SignIn *s) {
        return !s->ended && (s->completion || (s->import && import_flow_has_asked(s->import)));
}

SignIn *sign_in_free(SignIn *s) {
        if (!s || !sign_in_must_go_on(s))
                return sign_in_dispose(s);

        s->events = NULL;
        LIST_INSERT_HEAD(&s->world->sign_ins->list, s, entry);
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

        if (s->details->flow == SIGN_IN_CODE)
                *ret_sentence = N_("The sign-in has not shown its page yet; call GetPrompt first.");
        else if (s->details->flow == SIGN_IN_IMPORT)
                *ret_sentence = N_("An import takes no code; wait for Completed.");
        else
                *ret_sentence =
                        N_("This sign-in takes no code; enter the one it shows on Yandex's page.");
        return CONDITION_INVALID_ARGS;
}

int sign_ins_new(World *world, SignIns **ret) {
        SignIns *set;

        set = malloc(sizeof(SignIns));
        if (!set)
                return -ENOMEM;

        *set = (SignIns){ .world = world };
        *ret = set;
        return 0;
}

static void stored_sign_in_remove(StoredSignIn *stored) {
        LIST_REMOVE(stored, entry);
        secret_unref(stored->answer);
        secret_unref(stored->copy);
        free(stored->id);
        free(stored);
}

static StoredSignIn *sign_ins_find_stored(const SignIns *set, const char *id) {
        StoredSignIn *stored;

        LIST_FOREACH(stored, &set->stored, entry)
                if (streq(stored->id, id))
                        return stored;
        return NULL;
}

static StoredSignIn *sign_ins_add_stored(SignIns *set, const char *id) {
        StoredSignIn *stored;

        stored = malloc(sizeof(StoredSignIn));
        if (!stored)
                return NULL;

        *stored = (StoredSignIn){ .id = strdup(id) };
        if (!stored->id) {
                free(stored);
                return NULL;
        }

        LIST_INSERT_HEAD(&set->stored, stored, entry);
        return stored;
}

bool sign_ins_take_stored(SignIns *set, const char *store_name, Secret *document) {
        StoredSignIn *stored;
        bool is_answer;
        const char *id;

        if (!sign_in_details_is_store_name(store_name, &id, &is_answer))
                return false;

        stored = sign_ins_find_stored(set, id) ?: sign_ins_add_stored(set, id);
        if (stored && is_answer && !stored->answer && secret_length(document) > 0)
                stored->answer = secret_ref(document);
        else if (stored && !is_answer && !stored->copy)
                stored->copy = secret_ref(document);
        return true;
}

bool sign_ins_await_keyring(const SignIns *set) {
        return !LIST_EMPTY(&set->stored);
}

static int sign_ins_complete(SignIns *set, const StoredSignIn *stored) {
        _cleanup_(sign_in_details_unrefp) SignInDetails *details = NULL;
        _cleanup_(sign_in_disposep) SignIn *s = NULL;
        int r;

        r = sign_in_details_restore(stored->id, stored->copy, stored->answer, &details);
        if (r == 0)
                r = sign_in_new(set->world, details, &s);
        if (r == 0)
                r = sign_in_complete(s);
        if (r < 0)
                return r;

        LIST_INSERT_HEAD(&set->list, s, entry);
        TAKE_PTR(s);
        return 0;
}

/* Without a whole answer nothing came that could be kept. */
void sign_ins_complete_stored(SignIns *set) {
        StoredSignIn *stored;

        while ((stored = LIST_FIRST(&set->stored))) {
                if (sign_ins_complete(set, stored) == 0)
                        log_info("A sign-in that an earlier run did not live to complete goes on.");
                stored_sign_in_remove(stored);
        }
}

SignIns *sign_ins_free(SignIns *set) {
        SignIn *s;

        if (!set)
                return NULL;

        while ((s = LIST_FIRST(&set->list))) {
                if (s->completion && sign_in_details_leave_answer(s->details))
                        log_warning("What a sign-in brought is in no account yet; only the service "
                                    "manager may still hold it.");
                LIST_REMOVE(s, entry);
                sign_in_dispose(s);
        }
        while (!LIST_EMPTY(&set->stored))
                stored_sign_in_remove(LIST_FIRST(&set->stored));
        free(set);
        return NULL;
}
