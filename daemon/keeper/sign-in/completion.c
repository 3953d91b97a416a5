/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in/completion.h"

#include <sys/queue.h>

#include "common/condition.h"
#include "common/i18n.h"
#include "common/log.h"
#include "platform/clock.h"

/* Whose account it is can also be found out later. */
#define IDENTITY_ATTEMPTS 2

struct Completion {
        LIST_ENTRY(Completion) entry; /* once it is left */
        bool left;                    /* by its owner: it frees itself at its end */
        bool ended;
        CompletionFn fn; /* NULL once it is left */
        void *userdata;
        World *world;
        World *held; /* NULL: not by us */

        char *client_id;
        Secret *client_secret;
        Secret *used_secret;
        char **scopes;
        char *label;
        char *account_id;

        Secret *access_token;
        Secret *refresh_token;
        char **granted_scopes;
        int64_t expires_in;
        int64_t granted_at;

        unsigned attempts;
        char *uid; /* NULL while not known */
        char *login;

        bool stray;  /* somebody else's, and nobody has decided yet */
        char *taken; /* the account that somebody else has already, or NULL */

        OauthCall *call;
        Alarm *alarm;
        Account *account;
        Wait *wait;
};

struct Completions {
        LIST_HEAD(, Completion) left;
};

static Completion *dispose(Completion *a) {
        if (!a)
                return NULL;

        if (a->left)
                LIST_REMOVE(a, entry);
        world_release(a->held);
        wait_free(a->wait);
        alarm_free(a->alarm);
        oauth_call_free(a->call);
        free(a->taken);
        free(a->login);
        free(a->uid);
        strv_free(a->granted_scopes);
        secret_unref(a->refresh_token);
        secret_unref(a->access_token);
        free(a->account_id);
        free(a->label);
        strv_free(a->scopes);
        secret_unref(a->used_secret);
        secret_unref(a->client_secret);
        free(a->client_id);
        free(a);
        return NULL;
}

DEFINE_CLEANUP(Completion *, dispose)

static void end(Completion *a, CompletionResult how) {
        a->ended = true;
        a->held = world_release(a->held);
        if (a->left)
                dispose(a);
        else
                a->fn(&how, a->userdata);
}

static void fail(Completion *a, int r, const char *reason) {
        end(a, (CompletionResult){ .r = r, .reason = reason });
}

static void end_as_stray(Completion *a, Account *account) {
        end(a, (CompletionResult){
                       .r = CONDITION_ACCESS_DENIED,
                       .reason = "another user signed in than the account belongs to",
                       .sentence = account ? N_("Somebody else signed in than the account belongs "
                                                "to, and has an account here, which was renewed; "
                                                "sign in again as the right user.")
                                           : N_("Somebody else signed in than the account belongs "
                                                "to; sign in again as its user, or without naming "
                                                "the account."),
                       .account = account,
                       .login = a->login,
               });
}

/* What is left of the life that Yandex told when it answered; 0 where it told none. */
static int64_t remaining(const Completion *a) {
        if (a->expires_in <= 0)
                return 0;
        return MAX_OF(a->expires_in - MAX_OF(clock_now() - a->granted_at, 0), INT64_C(1));
}

static int take_in(Completion *a, const char *account_id, const char *label, Account **ret) {
        OauthIdentity identity = { .uid = a->uid, .login = a->login };
        OauthToken token = {
                .access_token = a->access_token,
                .refresh_token = a->refresh_token,
                .expires_in = remaining(a),
                .scopes = a->granted_scopes,
        };
        Adoption adoption = {
                .client_id = a->client_id,
                .client_secret = a->client_secret,
                .used_secret = a->used_secret,
                .token = &token,
                .identity = a->uid ? &identity : NULL,
                .scopes = a->scopes,
                .label = label,
                .account_id = account_id,
        };

        return adopt(a->world, &adoption, ret);
}

static void arrived(Completion *a) {
        if (a->stray)
                end_as_stray(a, a->account);
        else
                end(a, (CompletionResult){ .account = a->account });
}

/* The grant is in the keyring, or on its way. */
static void on_kept(int r, void *userdata) {
        Completion *a = userdata;

        a->wait = wait_free(a->wait);
        if (r == CONDITION_CANCELLED)
                return fail(a, r, "the account was removed");

        arrived(a);
}

static void await_kept(Completion *a) {
        int r;

        r = account_get_token(a->account, &(TokenQuery){}, on_kept, a, &a->wait);
        if (r != 0)
                return fail(a, r, NULL);
        if (!a->wait)
                arrived(a);
}

/* An account that somebody else has here is renewed at once, for this sign-in may have ended what it had; one
 * is made if nobody is left to decide. The label was meant for another. */
static void go_astray(Completion *a) {
        Account *theirs = accounts_by_user(a->world->accounts, a->client_id, a->uid);
        int r;

        a->stray = true;
        if (!theirs && !a->left)
                return end_as_stray(a, NULL);

        r = theirs ? str_replace(&a->taken, account_id(theirs)) : 0;
        if (r == 0)
                r = take_in(a, NULL, NULL, &a->account);
        if (r != 0)
                return fail(a, r, NULL);
        await_kept(a);
}

static void keep(Completion *a) {
        int r;

        r = take_in(a, a->account_id, a->label, &a->account);
        if (r == CONDITION_ACCESS_DENIED)
                return go_astray(a);
        if (r != 0)
                return fail(a, r, NULL);

        await_kept(a);
}

static int ask_identity(Completion *a);

static void on_identity(const OauthAnswer *answer, void *userdata) {
        Completion *a = userdata;
        int r = answer->r;

        a->call = oauth_call_free(a->call);
        if (r == 0)
                r = str_replace(&a->login, answer->identity->login);
        if (r == 0)
                r = str_replace(&a->uid, answer->identity->uid);
        if (r == 0)
                return keep(a);
        if (++a->attempts < IDENTITY_ATTEMPTS && ask_identity(a) >= 0)
                return;

        log_event(LOG_WARNING, &(LogContext){ .condition = r },
                  "Yandex did not tell whose account it is; asking again later.");
        keep(a);
}

static int ask_identity(Completion *a) {
        return oauth_identity(a->world->oauth, a->access_token, on_identity, a, &a->call);
}

static void on_alarm(void *userdata) {
        keep(userdata);
}

static int copy(Completion *a, const Adoption *what) {
        int r;

        a->client_secret = secret_ref(what->client_secret);
        a->used_secret = secret_ref(what->used_secret);
        a->access_token = secret_ref(what->token->access_token);
        a->refresh_token = secret_ref(what->token->refresh_token);
        a->expires_in = what->token->expires_in;
        r = str_replace(&a->client_id, what->client_id);
        if (r == 0)
                r = strv_copy(what->scopes, &a->scopes);
        if (r == 0)
                r = strv_copy(what->token->scopes, &a->granted_scopes);
        if (r == 0)
                r = str_replace(&a->label, what->label);
        if (r == 0)
                r = str_replace(&a->account_id, what->account_id);
        return r;
}

int completion_start(World *w, const Adoption *what, CompletionFn fn, void *userdata,
                     Completion **ret) {
        _cleanup_(disposep) Completion *a = NULL;
        int r;

        a = malloc(sizeof(Completion));
        if (!a)
                return -ENOMEM;

        *a = (Completion){
                .fn = fn,
                .userdata = userdata,
                .world = w,
                .granted_at = clock_now(),
        };
        r = copy(a, what);
        if (r == 0)
                r = alarm_new(w->event, "arrival", on_alarm, a, &a->alarm);
        if (r < 0)
                return r;

        /* That nobody can be asked is no reason to lose it. */
        if (ask_identity(a) < 0) {
                r = alarm_set_after(a->alarm, 0);
                if (r < 0)
                        return r;
        }

        a->held = world_hold(w);
        *ret = TAKE_PTR(a);
        return 0;
}

Completion *completion_free(Completion *a) {
        if (!a || a->ended)
                return dispose(a);

        a->fn = NULL;
        a->left = true;
        LIST_INSERT_HEAD(&a->world->completions->left, a, entry);
        return NULL;
}

int completions_new(Completions **ret) {
        Completions *arrivals = malloc(sizeof(Completions));

        if (!arrivals)
                return -ENOMEM;

        *arrivals = (Completions){ .left = LIST_HEAD_INITIALIZER(arrivals->left) };
        *ret = arrivals;
        return 0;
}

Completions *completions_free(Completions *arrivals) {
        if (!arrivals)
                return NULL;

        while (!LIST_EMPTY(&arrivals->left))
                dispose(LIST_FIRST(&arrivals->left));
        free(arrivals);
        return NULL;
}

/* An account that somebody else has by now was made after this grant, which that may have ended. One that
 * needs a sign-in has nothing better. */
static int keep_stray(Completion *a, Account **ret) {
        Account *theirs;

        if (a->taken) {
                *ret = accounts_by_id(a->world->accounts, a->taken);
                return *ret ? 0 : CONDITION_NO_SUCH_ACCOUNT;
        }

        theirs = accounts_by_user(a->world->accounts, a->client_id, a->uid);
        if (!theirs || account_refusal(theirs) != 0)
                return take_in(a, NULL, NULL, ret);

        *ret = theirs;
        return 0;
}

int completion_keep_as_new(Completion *a, Account **ret) {
        Account *account = NULL;
        int r;

        if (!a->stray)
                return CONDITION_INVALID_ARGS;

        r = keep_stray(a, &account);
        if (r != 0)
                return r;

        a->stray = false;
        *ret = account;
        return 0;
}
