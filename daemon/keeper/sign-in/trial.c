/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in/trial.h"

#include <assert.h>
#include <sys/queue.h>

#include "common/condition.h"
#include "common/i18n.h"
#include "common/log.h"
#include "keeper/renewal/schedule.h"
#include "keeper/sign-in/sign-out.h"
#include "platform/clock.h"

/* Whose account it is can also be found out later. */
#define IDENTITY_ATTEMPTS 2

/* Of the pair as it came. */
#define FIRST_GENERATION 1

struct Trial {
        LIST_ENTRY(Trial) entry; /* once it is left */
        bool left;               /* by its owner: it frees itself at its end */
        bool ended;
        CompletionFn fn; /* NULL: nobody is to be told, or was told already */
        void *userdata;
        World *world;
        World *held; /* NULL: not by us */

        char *client_id;
        char *id; /* of the account */
        Wait *wait;
        unsigned attempts;
        char *theirs; /* the account that the user has here besides, or NULL */
        SignOut *withdrawal;
        CompletionResult end; /* what is told after it */
        ScheduleFailure failure;
        Alarm *retry; /* of the withdrawal */
};

struct Trials {
        LIST_HEAD(, Trial) left;
};

static Trial *dispose(Trial *t) {
        if (!t)
                return NULL;

        if (t->left)
                LIST_REMOVE(t, entry);
        world_release(t->held);
        alarm_free(t->retry);
        sign_out_free(t->withdrawal);
        wait_free(t->wait);
        free(t->theirs);
        free(t->id);
        free(t->client_id);
        free(t);
        return NULL;
}

DEFINE_CLEANUP(Trial *, dispose)

static void tell(Trial *t, CompletionResult how) {
        CompletionFn fn = t->fn;

        t->fn = NULL;
        t->held = world_release(t->held);
        if (fn)
                fn(&how, t->userdata);
}

static void end(Trial *t, CompletionResult how) {
        t->ended = true;
        if (t->left)
                dispose(t);
        else
                tell(t, how);
}

/* Somebody signed it out meanwhile. */
static const CompletionResult without_account = {
        .r = CONDITION_CANCELLED,
        .reason = "the account was removed",
};

/* Each NULL where it was removed meanwhile. */
static Account *own_account(const Trial *t) {
        return t->id ? accounts_by_id(t->world->accounts, t->id) : NULL;
}

static Account *their_account(const Trial *t) {
        return t->theirs ? accounts_by_id(t->world->accounts, t->theirs) : NULL;
}

static void end_trial(const Trial *t) {
        Account *account = own_account(t);

        if (account)
                account_set_on_trial(account, false);
}

static void succeed(Trial *t, Account *account) {
        end_trial(t);
        end(t, (CompletionResult){ .account = account });
}

/* Their account may have been removed as well. */
static CompletionResult end_of_withdrawn(const Trial *t) {
        CompletionResult how = t->end;

        how.account = their_account(t);
        return how.r == 0 && !how.account ? without_account : how;
}

static void end_withdrawn(Trial *t) {
        end_trial(t);
        end(t, end_of_withdrawn(t));
}

/* Nothing is done with the pair that is still here: it is another account's, of no use, or good where it
 * came from. Nobody need wait for that. */
static void withdraw_later(Trial *t, Account *own) {
        int64_t now = clock_now();

        account_begin_sign_out(own);
        t->failure = (ScheduleFailure){
                .count = t->failure.count + 1,
                .at = now,
                .retry_after = SCHEDULE_NO_RETRY_AFTER,
        };
        (void) alarm_set_at(t->retry, schedule_retry(&t->failure, now, (uint64_t) now));
        tell(t, end_of_withdrawn(t));
}

static void on_withdrawn(int r, bool revoked, const char *reason, void *userdata) {
        Trial *t = userdata;
        Account *own = own_account(t);

        t->withdrawal = sign_out_free(t->withdrawal);
        if (r != 0)
                log_event(LOG_WARNING, &(LogContext){ .account = t->id, .condition = r },
                          "What was not to stay is still in the keyring.");
        if (r != 0 && own)
                withdraw_later(t, own);
        else
                end_withdrawn(t);
}

/* Removes the account, and then ends so. */
static void withdraw(Trial *t, CompletionResult how) {
        Account *account = own_account(t);
        int r;

        t->end = how;
        if (!account)
                return end_withdrawn(t);

        r = sign_out_start(t->world, account, false, on_withdrawn, t, &t->withdrawal);
        if (r < 0)
                on_withdrawn(r, false, NULL, t);
}

static void on_retry(void *userdata) {
        withdraw(userdata, (CompletionResult){});
}

static void fail(Trial *t, int r) {
        CompletionResult how = { .r = r, .reason = "the pair was not renewed" };

        if (r == CONDITION_SIGN_IN_NEEDED)
                how.sentence = N_("Yandex does not accept this refresh token: it is used up, ended "
                                  "or another application's; sign in with \"yadiskctl login\" "
                                  "instead.");
        withdraw(t, how);
}

/* Their account holds the newest pair now; the other one was only the way to it. */
static void on_merged(int r, void *userdata) {
        Trial *t = userdata;
        Account *own = own_account(t);

        t->wait = wait_free(t->wait);
        if (their_account(t) || !own)
                return withdraw(t, (CompletionResult){});

        account_cancel_sign_out(own);
        own = own_account(t);
        if (own)
                succeed(t, own);
        else
                end(t, without_account);
}

/* Only now it is known that the user has an account here already: that one is renewed, as by any sign-in,
 * before the other one goes. */
static void merge(Trial *t, Account *own, Account *theirs) {
        _cleanup_(grant_unrefp) Grant *pair = grant_ref(account_record(own)->current);
        OauthToken token = {
                .access_token = grant_access_token(pair),
                .refresh_token = grant_refresh_token(pair),
                .expires_in = grant_get_times(pair).expires_at - clock_now(),
        };
        int r;

        r = str_replace(&t->theirs, account_id(theirs));
        if (r == 0)
                r = account_renew(theirs, &token, NULL, account_record(theirs)->scopes);
        if (r < 0)
                return succeed(t, own);

        account_begin_sign_out(own);
        r = account_get_token(theirs, &(TokenQuery){}, on_merged, t, &t->wait);
        if (r != 0 || !t->wait)
                on_merged(r, t);
}

static void finish(Trial *t) {
        Account *own = own_account(t);
        Account *first =
                accounts_by_user(t->world->accounts, t->client_id, account_record(own)->uid);

        if (first && first != own)
                merge(t, own, first);
        else
                succeed(t, own);
}

static void learn_who(Trial *t);

static void on_identified(int r, void *userdata) {
        Trial *t = userdata;

        t->wait = wait_free(t->wait);
        if (!own_account(t))
                return end(t, without_account);

        learn_who(t);
}

static void learn_who(Trial *t) {
        Account *account = own_account(t);

        if (!account_record(account)->uid && t->attempts++ < IDENTITY_ATTEMPTS &&
            account_identify(account, on_identified, t, &t->wait) == 0)
                return;

        if (!account_record(account)->uid)
                log_event(LOG_WARNING, &(LogContext){ .account = t->id },
                          "Yandex did not tell whose account it is; asking again later.");
        finish(t);
}

static void renew(Trial *t);

/* It is stored, and still as it came; or it was renewed; or it was not. */
static void on_answer(int r, void *userdata) {
        Trial *t = userdata;
        _cleanup_(grant_unrefp) Grant *grant = grant_ref(wait_grant(t->wait));

        t->wait = wait_free(t->wait);
        if (!own_account(t))
                return end(t, without_account);
        if (r != 0)
                return fail(t, r);
        if (grant_generation(grant) == FIRST_GENERATION)
                return renew(t);

        t->attempts = 0;
        learn_who(t);
}

static void renew(Trial *t) {
        Account *account = own_account(t);
        int r;

        r = account_refresh(account, on_answer, t, &t->wait);
        if (r != 0)
                return fail(t, r);
        if (!t->wait)
                learn_who(t);
}

int trial_start(World *w, const Adoption *what, CompletionFn fn, void *userdata, Trial **ret) {
        _cleanup_(disposep) Trial *t = NULL;
        Account *account;
        int r;

        t = malloc(sizeof(Trial));
        if (!t)
                return -ENOMEM;

        *t = (Trial){ .fn = fn, .userdata = userdata, .world = w };
        r = str_replace(&t->client_id, what->client_id);
        if (r == 0)
                r = alarm_new(w->event, "trial-retry", on_retry, t, &t->retry);
        if (r == 0)
                r = adopt(w, what, &account);
        if (r == 0)
                r = str_replace(&t->id, account_id(account));
        if (r == 0)
                r = account_get_token(account, &(TokenQuery){}, on_answer, t, &t->wait);
        if (r != 0)
                return r;

        /* It is on its way to the keyring, and nobody is answered before it is there. */
        assert(t->wait);

        account_set_on_trial(account, true);
        t->held = world_hold(w);
        *ret = TAKE_PTR(t);
        return 0;
}

/* As long as Yandex was not asked the pair is good where it came from. */
static bool is_at_stake(const Trial *t, const Account *own) {
        return grant_generation(account_record(own)->current) != FIRST_GENERATION ||
               account_awaits_yandex(own);
}

Trial *trial_free(Trial *t) {
        Account *own;

        if (!t || t->ended)
                return dispose(t);

        t->fn = NULL;
        t->left = true;
        LIST_INSERT_HEAD(&t->world->trials->left, t, entry);

        own = own_account(t);
        if (own && !t->withdrawal && !is_at_stake(t, own)) {
                t->wait = wait_free(t->wait);
                account_begin_sign_out(own); /* or it would be renewed as soon as it is stored */
                withdraw(t, (CompletionResult){ .r = CONDITION_CANCELLED });
        }
        return NULL;
}

int trials_new(Trials **ret) {
        Trials *trials = malloc(sizeof(Trials));

        if (!trials)
                return -ENOMEM;

        *trials = (Trials){ .left = LIST_HEAD_INITIALIZER(trials->left) };
        *ret = trials;
        return 0;
}

size_t trials_count(const Trials *trials) {
        const Trial *t;
        size_t n = 0;

        LIST_FOREACH(t, &trials->left, entry)
                n++;
        return n;
}

Trials *trials_free(Trials *trials) {
        if (!trials)
                return NULL;

        while (!LIST_EMPTY(&trials->left))
                dispose(LIST_FIRST(&trials->left));
        free(trials);
        return NULL;
}
