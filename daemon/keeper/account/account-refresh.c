/* SPDX-License-Identifier: MIT */

/* How an account's grant is renewed: a refresh has two ends, one that succeeds and one that fails. */

#include "keeper/account/account-private.h"

#include <assert.h>

#include "common/condition.h"
#include "common/log.h"

#define REPORT_INTERVAL_MS (60 * 1000)

static void set_verdict(Account *a, RecordVerdict verdict) {
        if (a->record.verdict == verdict)
                return;

        a->record.verdict = verdict;
        (void) account_save(a, false);
}

static const char *default_reason(int r) {
        return condition_is_of_keyring(r) ? "the keyring could not keep a new grant"
                                          : "no request could be made";
}

static void log_failure(const Account *a, int r, const char *reason, bool again) {
        log_event(again ? LOG_INFO : LOG_WARNING,
                  &(LogContext){ .account = a->record.id,
                                 .condition = r,
                                 .attempt = refresh_timer_failures(a->timer),
                                 .due = refresh_timer_next(a->timer) },
                  "The token was not renewed: %s.", reason ?: default_reason(r));
}

/* A keyring that could keep nothing is waited for as long as it can be. */
static void plan_after_failure(Account *a, const RefreshResult *result) {
        int r = result->r;
        bool daily = r == CONDITION_APP_REFUSED || r == CONDITION_CLIENT_SECRET_MISSING;

        if (!result->asked && condition_is_of_keyring_state(r) &&
            !refresh_timer_is_last_call(a->timer))
                refresh_timer_hold(a->timer, r);
        else
                refresh_timer_fail(a->timer, r, result->retry_after, daily);
        if (r == CONDITION_SIGN_IN_NEEDED)
                refresh_timer_pause(a->timer);
}

/* Answers all who wait. One of them may free the account. */
static void account_answer(Account *a, int r, bool alive) {
        _cleanup_(grant_unrefp) Grant *grant = grant_ref(a->record.current);
        WaitList served = TAILQ_HEAD_INITIALIZER(served);

        wait_list_move(&a->lenient_waits, alive ? &served : &a->waits);
        wait_list_answer(&a->waits, r);
        wait_list_serve(&served, grant);
}

/* The end that fails. */
static void refresh_failed(Account *a, const RefreshResult *result) {
        int r = result->r;
        bool dead = r == CONDITION_SIGN_IN_NEEDED, refused = r == CONDITION_APP_REFUSED;
        bool alive = !dead && grant_remaining(a->record.current, clock_now()) > 0;
        bool again = refresh_timer_condition(a->timer) == r;

        plan_after_failure(a, result);
        log_failure(a, r, result->reason, again && !dead && !refused);

        if (dead)
                set_verdict(a, RECORD_REFUSED);
        else if (refused)
                set_verdict(a, RECORD_APP_REFUSED);

        account_set_state(a, account_state_by_record(a));
        account_set_last_error(a, r);
        account_announce(a, ACCOUNT_CHANGED_REFRESHING | ACCOUNT_CHANGED_NEXT_REFRESH);
        account_answer(a, r, alive);
}

void account_fail(Account *a, int r) {
        refresh_failed(a, &(RefreshResult){ .r = r, .retry_after = HTTP_NO_RETRY_AFTER });
}

static uint32_t next_generation(const Account *a) {
        uint32_t generation = grant_generation(a->record.current) + 1;

        return generation == 0 ? 1 : generation;
}

/* The end that succeeds: a new grant, saved before anybody is told. now: when it was given. */
static int take_token(Account *a, const OauthToken *token, Secret *refresh_token, int64_t now) {
        Grant *grant;
        int r;

        r = grant_new(token->access_token, token->refresh_token ?: refresh_token,
                      grant_times(now, token->expires_in), next_generation(a), &grant);
        if (r < 0)
                return r;

        grant_unref(a->record.previous);
        a->record.previous = a->record.current;
        a->record.current = grant;
        a->record.last_refresh_at = now;
        a->record.verdict = RECORD_ACCEPTED;
        if (applications_client_secret(a->world->applications, a->record.client_id))
                a->record.needs_secret = true;
        a->publishing = true;

        account_use_grant(a);
        log_event(LOG_INFO,
                  &(LogContext){ .account = a->record.id, .due = refresh_timer_next(a->timer) },
                  "Yandex gave a new grant.");

        r = account_save(a, true);
        if (r < 0) {
                account_set_last_error(a, CONDITION_KEYRING_FAILED);
                account_publish_grant(a);
        }
        return 0;
}

int account_take_token(Account *a, const OauthToken *token, Secret *refresh_token) {
        return take_token(a, token, refresh_token, clock_now());
}

bool account_take_pending_answer(Account *a, const PendingAnswer *pending) {
        if (a->state == ACCOUNT_LOCKED || a->refresh)
                return false;
        if (a->signing_out || grant_generation(a->record.current) != pending->generation)
                return true;

        log_event(LOG_NOTICE, &(LogContext){ .account = a->record.id },
                  "An answer of Yandex outlived the daemon that asked for it.");
        return take_token(a, &pending->parsed.token, grant_refresh_token(a->record.current),
                          pending->asked_at) == 0;
}

static void take_newer(Account *a, const AccountRecord *newer) {
        /* What is still on its way there is older. */
        save_forget(a->save);
        grant_unref(a->record.previous);
        a->record.previous = a->record.current;
        a->record.current = grant_ref(newer->current);
        a->record.verdict = RECORD_ACCEPTED;

        log_event(LOG_NOTICE, &(LogContext){ .account = a->record.id },
                  "The keyring held a newer grant, which is used from now on.");
        a->publishing = false;
        account_use_grant(a);
        account_announce_saved(a);
        account_announce(a, ACCOUNT_CHANGED_GRANT | ACCOUNT_CHANGED_NEXT_REFRESH |
                                    ACCOUNT_CHANGED_REFRESHING);
}

static void take_identity(Account *a, const OauthIdentity *identity) {
        bool unnamed = streq(a->record.label, LABEL_UNKNOWN);
        int r;

        r = str_replace(&a->record.uid, identity->uid);
        if (r == 0)
                r = str_replace(&a->record.login, identity->login);
        if (r == 0 && unnamed && label_is_valid(a->record.login))
                r = str_replace(&a->record.label, a->record.login);
        if (r < 0)
                return;

        (void) account_save(a, false);
        account_announce(a, ACCOUNT_CHANGED_IDENTITY | ACCOUNT_CHANGED_LABEL);
}

static void on_identity(const OauthAnswer *answer, void *userdata) {
        Account *a = userdata;

        a->identity = oauth_call_free(a->identity);
        if (answer->r == 0)
                take_identity(a, answer->identity);
        wait_list_answer(&a->askers, 0);
}

void account_learn_identity(Account *a) {
        if (a->record.uid || a->identity || a->world->stopping ||
            !grant_access_token(a->record.current))
                return;

        (void) oauth_identity(a->world->oauth, grant_access_token(a->record.current), on_identity,
                              a, &a->identity);
}

int account_identify(Account *a, WaitFn fn, void *userdata, Wait **ret_wait) {
        account_learn_identity(a);
        if (!a->identity)
                return CONDITION_SERVER_TROUBLE;

        return wait_new(&a->askers, fn, userdata, ret_wait);
}

/* Those who waited get what there is by now. */
static void answer_from_current(Account *a) {
        account_resume_timer(a);
        account_announce(a, ACCOUNT_CHANGED_REFRESHING | ACCOUNT_CHANGED_NEXT_REFRESH);
        if (!a->publishing)
                account_answer_waiters(a);
}

static void refresh_again(Account *a) {
        int r;

        r = account_start_refresh(a);
        if (r != 0)
                account_fail(a, r);
}

static void on_refreshed(const RefreshResult *result, void *userdata) {
        _cleanup_(refresh_freep) Refresh *refresh = NULL;
        RefreshResult failure = *result;
        Account *a = userdata;
        int r = result->r;

        refresh = TAKE_PTR(a->refresh);
        if (result->asked && (condition_is_valid(r) || r == 0))
                world_reached(a->world, r != CONDITION_OFFLINE);

        if (result->token)
                r = account_take_token(a, result->token, grant_refresh_token(result->grant));
        else if (result->grant != a->record.current)
                /* A sign-in or the keyring brought another grant meanwhile; this one is no loss. */
                return answer_from_current(a);

        if (result->newer) {
                take_newer(a, result->newer);
                refresh_again(a);
        } else if (r != 0) {
                failure.r = r;
                refresh_failed(a, &failure);
        } else
                account_learn_identity(a);
}

static void on_asking(void *userdata) {
        Account *a = userdata;

        refresh_timer_attempt(a->timer);
}

static const RefreshEvents refresh_events = {
        .on_asking = on_asking,
        .on_end = on_refreshed,
};

/* Yandex would take a secret that is missing, or that we cannot read, for a wrong one, and we the
 * application for refused. */
static int find_secret(const Account *a, Secret **ret) {
        Application *application = applications_find(a->world->applications, a->record.client_id);
        Secret *secret = application ? application_client_secret(application) : NULL;
        int r = 0;

        if (!application)
                r = loader_verdict(a->world->loader);
        else if (application_is_locked(application))
                r = CONDITION_KEYRING_LOCKED;
        if (r == 0 && !secret && a->record.needs_secret)
                r = CONDITION_CLIENT_SECRET_MISSING;
        if (r != 0)
                return r;

        *ret = secret;
        return 0;
}

/* 0, a Condition, or a negative errno. */
int account_start_refresh(Account *a) {
        RefreshRequest request = {
                .oauth = a->world->oauth,
                .vault = a->world->vault,
                .key = { VAULT_ACCOUNT, a->record.id, a->record.client_id },
                .grant = a->record.current,
                .previous = a->record.previous,
                .urgent = refresh_timer_is_last_call(a->timer),
        };
        int r;

        assert(!a->refresh);

        if (a->signing_out || a->world->stopping)
                return CONDITION_CANCELLED;

        /* Nothing is lost as long as Yandex was not asked: the pair is good where it came from. */
        if (a->on_trial && !account_is_saved(a))
                return CONDITION_KEYRING_FAILED;

        /* One that is about to die is renewed even if the keyring cannot keep what comes. */
        r = request.urgent ? 0 : vault_condition(a->world->vault);
        if (r == 0)
                r = find_secret(a, &request.client_secret);
        if (r != 0)
                return r;

        refresh_timer_pause(a->timer);
        r = refresh_start(&request, &refresh_events, a, &a->refresh);
        if (r < 0)
                return r;

        account_announce(a, ACCOUNT_CHANGED_REFRESHING | ACCOUNT_CHANGED_NEXT_REFRESH);
        return 0;
}

void account_on_refresh_timer(void *userdata) {
        Account *a = userdata;

        if (a->state != ACCOUNT_LOCKED)
                account_follow_record(a);

        if (a->refresh || a->publishing || a->signing_out || a->world->stopping)
                refresh_timer_pause(a->timer);
        else if (refresh_timer_is_due(a->timer))
                refresh_again(a);
        else
                refresh_timer_rearm(a->timer);
}

static void on_checked(int r, const char *reason, void *userdata) {
        Account *a = userdata;

        a->probe = token_probe_free(a->probe);
        if (r != CONDITION_ACCESS_DENIED || a->refresh || a->publishing || account_refusal(a) != 0)
                return;
        if (!grant_refresh_token(a->record.current) || !refresh_timer_may_run_on_demand(a->timer))
                return;

        refresh_again(a);
}

void account_report_refused(Account *a, uint32_t generation) {
        int64_t now = clock_monotonic_ms();

        if (generation != account_generation(a) || account_refusal(a) != 0 || a->refresh ||
            a->probe || !grant_access_token(a->record.current))
                return;
        if (now - a->reported_at_ms < REPORT_INTERVAL_MS)
                return;

        a->reported_at_ms = now;
        (void) token_probe_start(a->world->event, a->world->oauth,
                                 grant_access_token(a->record.current), on_checked, a, &a->probe);
}

void account_retry_refused(Account *a) {
        bool waits = a->state == ACCOUNT_APP_REFUSED ||
                     refresh_timer_condition(a->timer) == CONDITION_CLIENT_SECRET_MISSING;

        if (waits && !a->refresh)
                refresh_again(a);
}

void account_stop(Account *a) {
        if (a->refresh && !refresh_has_asked(a->refresh)) {
                a->refresh = refresh_free(a->refresh);
                account_answer(a, CONDITION_CANCELLED, false);
        }
        account_retry_save(a);
}
