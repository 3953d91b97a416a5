/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in/completion.h"

#include "common/condition.h"
#include "common/log.h"
#include "platform/clock.h"
#include "platform/machine.h"

/* After that the account is made without a name, and asks by itself later. */
#define IDENTITY_ATTEMPTS 2

struct Completion {
        CompletionFn fn;
        void *userdata;
        World *world;
        World *held;
        SignInDetails *details;

        unsigned attempts;
        OauthCall *call;
        Alarm *alarm;

        bool is_other_user; /* the tokens are not of the user whose account was named */
        Account *account;
        Wait *wait;
};

static void completion_end(Completion *c, CompletionResult result) {
        c->held = world_release(c->held);
        c->fn(&result, c->userdata);
}

static void completion_fail(Completion *c, int r, const char *reason) {
        completion_end(c, (CompletionResult){ .r = r, .reason = reason });
}

static void completion_succeed(Completion *c) {
        if (c->is_other_user)
                completion_end(c, (CompletionResult){
                                          .r = CONDITION_ACCESS_DENIED,
                                          .reason = "another user signed in",
                                          .account = c->account,
                                  });
        else
                completion_end(c, (CompletionResult){ .account = c->account });
}

static void completion_on_saved(int r, void *userdata) {
        Completion *c = userdata;

        c->wait = wait_free(c->wait);
        if (r == CONDITION_CANCELLED)
                return completion_fail(c, r, "the account was removed");

        completion_succeed(c);
}

/* Those who ask for the token of a new grant are answered once the keyring has it. */
static void completion_await_saved(Completion *c) {
        int r;

        r = account_get_token(c->account, &(TokenQuery){}, completion_on_saved, c, &c->wait);
        if (r != 0)
                return completion_fail(c, r, NULL);
        if (!c->wait)
                completion_succeed(c);
}

/* Finds the account that was named. Returns 0, even if another user signed in, or the reason why
 * the tokens cannot be taken. */
static int completion_find_named(Completion *c, Account **ret) {
        const SignInDetails *d = c->details;
        Account *a = accounts_by_id(c->world->accounts, d->account_id);
        const char *uid;

        if (!a || account_is_signing_out(a))
                return CONDITION_NO_SUCH_ACCOUNT;

        /* The record in the keyring would be overwritten. */
        if (account_state(a) == ACCOUNT_LOCKED)
                return account_refusal(a);

        uid = account_record(a)->uid;
        if (uid && !d->uid)
                return CONDITION_SERVER_TROUBLE;

        c->is_other_user = uid && !streq(uid, d->uid);
        *ret = a;
        return 0;
}

/* Finds the account that the tokens belong to; *ret = NULL if there is none yet. */
static int completion_find_account(Completion *c, Account **ret) {
        const SignInDetails *d = c->details;
        int r;

        *ret = NULL;
        if (d->account_id) {
                r = completion_find_named(c, ret);
                if (r != 0 || !c->is_other_user)
                        return r;
        }

        *ret = d->uid ? accounts_by_user(c->world->accounts, d->client_id, d->uid) : NULL;
        return 0;
}

/* The label that was chosen is meant for the account that was named. */
static const char *completion_label(const Completion *c) {
        return c->is_other_user ? NULL : c->details->label;
}

static const char *completion_new_label(const Completion *c) {
        const char *chosen = completion_label(c), *login = c->details->login;

        return chosen ?: label_is_valid(login) ? login : LABEL_UNKNOWN;
}

static int completion_fill_record(const Completion *c, AccountRecord *record) {
        const SignInDetails *d = c->details;
        int r;

        record->created_at = clock_now();
        record->needs_secret = applications_client_secret(c->world->applications, d->client_id);
        r = machine_random_id(&record->id);
        if (r == 0)
                r = str_replace(&record->client_id, d->client_id);
        if (r == 0)
                r = str_replace(&record->uid, d->uid);
        if (r == 0)
                r = str_replace(&record->login, d->login);
        if (r == 0)
                r = str_replace(&record->label, completion_new_label(c));
        if (r == 0)
                r = strv_copy(d->granted_scopes ?: d->scopes, &record->scopes);
        if (r == 0)
                r = grant_new(d->access_token, d->refresh_token,
                              grant_times(d->granted_at, d->expires_in), 1, &record->current);
        return r;
}

static int completion_make_account(Completion *c, Account **ret) {
        AccountRecord record = {};
        int r;

        r = completion_fill_record(c, &record);
        if (r == 0)
                r = accounts_add(c->world->accounts, &record, ret);
        account_record_done(&record);
        return r < 0 ? r : account_keep(*ret);
}

static int completion_renew_account(const Completion *c, Account *a) {
        const SignInDetails *d = c->details;
        OauthIdentity identity = { .uid = d->uid, .login = d->login };
        OauthToken token = {
                .access_token = d->access_token,
                .refresh_token = d->refresh_token,
                .expires_in = d->expires_in,
                .scopes = d->granted_scopes,
        };
        int r;

        r = account_take_sign_in(a, &token, d->uid ? &identity : NULL, d->scopes, d->granted_at);
        if (r == 0 && completion_label(c))
                r = account_set_label(a, completion_label(c));
        return r;
}

/* The secret to store, or NULL. The application may have been removed while the user was at
 * Yandex. */
static Secret *completion_secret(const Completion *c) {
        const SignInDetails *d = c->details;

        if (d->client_secret || applications_find(c->world->applications, d->client_id))
                return d->client_secret;
        return d->used_secret;
}

static int completion_take_tokens(Completion *c) {
        Secret *client_secret = completion_secret(c);
        const char *client_id = c->details->client_id;
        Account *a;
        int r;

        r = completion_find_account(c, &a);
        if (r == 0 && client_secret)
                r = applications_put(c->world->applications, client_id, client_secret, false);
        else if (r == 0)
                applications_accept(c->world->applications, client_id, c->details->used_secret,
                                    c->details->refused_secret);
        if (r == 0)
                r = a ? completion_renew_account(c, a) : completion_make_account(c, &a);
        if (r != 0)
                return r;

        sign_in_details_drop_answer(c->details);
        if (client_secret)
                accounts_retry_refused(c->world->accounts, client_id);
        c->account = a;
        return 0;
}

static void completion_store(Completion *c) {
        int r;

        r = completion_take_tokens(c);
        if (r != 0)
                return completion_fail(c, r, NULL);

        completion_await_saved(c);
}

static int completion_ask_identity(Completion *c);

static void completion_on_identity(const OauthAnswer *answer, void *userdata) {
        Completion *c = userdata;
        int r = answer->r;

        c->call = oauth_call_free(c->call);
        if (r == 0)
                r = str_replace(&c->details->login, answer->identity->login);
        if (r == 0)
                r = str_replace(&c->details->uid, answer->identity->uid);
        if (r == 0)
                return completion_store(c);
        if (++c->attempts < IDENTITY_ATTEMPTS && completion_ask_identity(c) == 0)
                return;

        log_event(LOG_WARNING, &(LogContext){ .condition = r },
                  "Yandex did not tell whose account it is; asking again later.");
        completion_store(c);
}

static int completion_ask_identity(Completion *c) {
        return oauth_identity(c->world->oauth, c->details->access_token, completion_on_identity, c,
                              &c->call);
}

static void completion_on_alarm(void *userdata) {
        completion_store(userdata);
}

int completion_start(World *world, SignInDetails *details, CompletionFn fn, void *userdata,
                     Completion **ret) {
        _cleanup_(completion_freep) Completion *c = NULL;
        int r;

        c = malloc(sizeof(Completion));
        if (!c)
                return -ENOMEM;

        *c = (Completion){
                .fn = fn,
                .userdata = userdata,
                .world = world,
                .held = world_hold(world),
                .details = sign_in_details_ref(details),
        };
        r = alarm_new(world->event, "completion", completion_on_alarm, c, &c->alarm);
        if (r < 0)
                return r;

        /* An import knows it already; and that nothing can be asked now is no reason to lose the
         * tokens. */
        if (details->uid || completion_ask_identity(c) < 0) {
                r = alarm_set_after(c->alarm, 0);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(c);
        return 0;
}

Completion *completion_free(Completion *c) {
        if (!c)
                return NULL;

        wait_free(c->wait);
        alarm_free(c->alarm);
        oauth_call_free(c->call);
        sign_in_details_unref(c->details);
        world_release(c->held);
        free(c);
        return NULL;
}
