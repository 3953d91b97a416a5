/* SPDX-License-Identifier: MIT */

/* How an account's token is served from memory, and how its grant is renewed. */

#include "keeper/account/account-private.h"

#include <assert.h>

#include "common/condition.h"
#include "common/log.h"

#define REPORT_INTERVAL_MS (60 * 1000)

static const char *account_default_reason(int r) {
        return condition_is_of_keyring(r) && !condition_is_of_client_secret(r)
                       ? "the keyring could not keep a new grant"
                       : "no request could be made";
}

/* A keyring that cannot keep a new grant is waited for as long as the present one allows. */
static void account_plan_after_failure(Account *a, const RefreshResult *result) {
        int r = result->r;
        bool daily = condition_is_of_application(r) || condition_is_of_client_secret(r);

        if (!result->asked && condition_is_of_keyring_state(r) &&
            !refresh_timer_is_last_call(a->timer))
                refresh_timer_hold(a->timer, r);
        else
                refresh_timer_fail(a->timer, r, result->retry_after, daily);
        if (r == CONDITION_SIGN_IN_NEEDED)
                refresh_timer_pause(a->timer);
}

static RecordVerdict account_verdict_of(int r) {
        if (r == CONDITION_SIGN_IN_NEEDED)
                return RECORD_REFUSED;
        return r == CONDITION_APP_REFUSED ? RECORD_APP_REFUSED : RECORD_APP_NOT_ALLOWED;
}

static void account_set_verdict(Account *a, RecordVerdict verdict) {
        if (a->record.verdict == verdict)
                return;

        a->record.verdict = verdict;
        (void) account_save(a, false);
}

void account_refuse_waiters(Account *a, int r, bool serve_lenient) {
        _cleanup_(grant_unrefp) Grant *grant = grant_ref(a->record.current);
        WaitList served = TAILQ_HEAD_INITIALIZER(served);

        wait_list_move(&a->lenient_waits, serve_lenient ? &served : &a->waits);
        wait_list_answer(&a->waits, r);
        wait_list_serve(&served, grant);
}

/* The end of a refresh that failed. */
static void account_refresh_failed(Account *a, const RefreshResult *result) {
        int r = result->r;
        bool refused = r == CONDITION_SIGN_IN_NEEDED || condition_is_of_application(r);
        bool again = refresh_timer_condition(a->timer) == r;
        bool alive = r != CONDITION_SIGN_IN_NEEDED &&
                     grant_remaining(a->record.current, clock_now()) > 0;

        account_plan_after_failure(a, result);
        log_event(again && !refused ? LOG_INFO : LOG_WARNING,
                  &(LogContext){ .account = a->record.id,
                                 .condition = r,
                                 .attempt = refresh_timer_failures(a->timer),
                                 .due = refresh_timer_next(a->timer) },
                  "The token was not renewed: %s.", result->reason ?: account_default_reason(r));

        if (refused)
                account_set_verdict(a, account_verdict_of(r));
        account_follow_record(a);
        account_set_last_error(a, r);
        account_announce(a, ACCOUNT_CHANGED_REFRESHING | ACCOUNT_CHANGED_NEXT_REFRESH);
        account_refuse_waiters(a, r, alive);
}

static uint32_t account_next_generation(const Account *a) {
        uint32_t generation = a->record.current->generation + 1;

        return generation == 0 ? 1 : generation;
}

static void account_replace_grant(Account *a, Grant *grant) {
        grant_unref(a->record.previous);
        a->record.previous = a->record.current;
        a->record.current = grant;
        a->record.verdict = RECORD_ACCEPTED;
}

void account_lose_grant(Account *a) {
        GrantTimes ended = { a->record.current->times.obtained_at, GRANT_END_PAST };
        Grant *grant;

        a->publishing = false;
        if (grant_new(a->record.current->access_token, NULL, ended, account_next_generation(a),
                      &grant) == 0)
                account_replace_grant(a, grant);
        a->record.verdict = RECORD_REFUSED;
        account_use_grant(a);
        account_announce(a, ACCOUNT_CHANGED_GRANT);
}

int account_take_token(Account *a, const OauthToken *token, Secret *refresh_token,
                       int64_t obtained_at) {
        Grant *grant;
        int r;

        r = grant_new(token->access_token, token->refresh_token ?: refresh_token,
                      grant_times(obtained_at, token->expires_in), account_next_generation(a),
                      &grant);
        if (r < 0)
                return r;

        account_replace_grant(a, grant);
        a->record.last_refresh_at = obtained_at;
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

bool account_take_pending_answer(Account *a, const PendingAnswer *pending) {
        if (a->state == ACCOUNT_LOCKED || a->refresh)
                return false;
        if (a->signing_out || a->record.current->generation != pending->generation)
                return true;

        log_event(LOG_NOTICE, &(LogContext){ .account = a->record.id },
                  "An answer of Yandex outlived the daemon that asked for it.");
        return account_take_token(a, &pending->parsed.token, a->record.current->refresh_token,
                                  pending->asked_at) == 0;
}

/* What Yandex gave later is valid, and may have ended what it gave before. If that was refused, or
 * is from the future since the clock was wrong, it is no reason to do without a sign-in. */
static bool account_has_later_grant(const Account *a, int64_t obtained_at) {
        int64_t ours = a->record.current->times.obtained_at;

        return a->record.verdict == RECORD_ACCEPTED && ours > obtained_at && ours <= clock_now();
}

/* A refresh that is under way is not cancelled: Yandex may have rotated the refresh token already,
 * and then its answer is the newest. If that refresh fails, this says nothing about the new
 * grant. */
int account_take_sign_in(Account *a, const OauthToken *token, const OauthIdentity *identity,
                         char *const *scopes, int64_t obtained_at) {
        _cleanup_(strv_freep) char **copy = NULL;
        int r;

        if (account_has_later_grant(a, obtained_at))
                return 0;

        r = strv_copy(token->scopes ?: scopes, &copy);
        if (r == 0 && identity)
                r = str_replace(&a->record.uid, identity->uid);
        if (r == 0 && identity && identity->login)
                r = str_replace(&a->record.login, identity->login);
        if (r < 0)
                return r;

        strv_free(a->record.scopes);
        a->record.scopes = TAKE_PTR(copy);

        account_announce(a, ACCOUNT_CHANGED_IDENTITY);
        return account_take_token(a, token, NULL, obtained_at);
}

static void account_take_identity(Account *a, const OauthIdentity *identity) {
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

static void account_on_identity(const OauthAnswer *answer, void *userdata) {
        Account *a = userdata;

        a->identity = oauth_call_free(a->identity);
        if (answer->r == 0)
                account_take_identity(a, answer->identity);
}

void account_learn_identity(Account *a) {
        if (a->record.uid || a->identity || a->world->stopping || !a->record.current->access_token)
                return;

        (void) oauth_identity(a->world->oauth, a->record.current->access_token, account_on_identity,
                              a, &a->identity);
}

static int account_start_refresh(Account *a);

void account_serve_waiters(Account *a) {
        if (a->record.current->access_token) {
                wait_list_move(&a->lenient_waits, &a->waits);
                wait_list_serve(&a->waits, a->record.current);
        } else if (!a->refresh)
                (void) account_start_refresh(a);
}

void account_publish_grant(Account *a) {
        if (!a->publishing)
                return;

        a->publishing = false;
        if (!a->refresh)
                account_resume_timer(a);
        account_announce(a, ACCOUNT_CHANGED_GRANT | ACCOUNT_CHANGED_NEXT_REFRESH |
                                    ACCOUNT_CHANGED_REFRESHING);
        account_announce_saved(a);
        account_serve_waiters(a);
}

static void account_take_newer(Account *a, const AccountRecord *newer) {
        log_event(LOG_NOTICE, &(LogContext){ .account = a->record.id },
                  "The keyring held a newer grant, which is used from now on.");

        /* A grant that is still on its way to the keyring is older. */
        save_forget(a->save);
        a->publishing = false;
        account_replace_grant(a, grant_ref(newer->current));
        account_use_grant(a);
        account_announce_saved(a);
        account_announce(a, ACCOUNT_CHANGED_GRANT | ACCOUNT_CHANGED_NEXT_REFRESH |
                                    ACCOUNT_CHANGED_REFRESHING);
        (void) account_start_refresh(a);
}

/* A sign-in or the keyring brought another grant meanwhile, so it does not matter that the old one
 * was not renewed. */
static void account_refresh_outdated(Account *a) {
        account_resume_timer(a);
        account_announce(a, ACCOUNT_CHANGED_REFRESHING | ACCOUNT_CHANGED_NEXT_REFRESH);
        if (!a->publishing)
                account_serve_waiters(a);
}

static void account_on_asking(void *userdata) {
        Account *a = userdata;

        refresh_timer_attempt(a->timer);
}

static void account_on_refreshed(const RefreshResult *result, void *userdata) {
        _cleanup_(refresh_freep) Refresh *refresh = NULL;
        RefreshResult end = *result;
        Account *a = userdata;

        refresh = TAKE_PTR(a->refresh);
        if (result->asked && (condition_is_valid(result->r) || result->r == 0))
                world_reached(a->world, result->r != CONDITION_OFFLINE);
        if (result->accepted_secret)
                applications_accept(a->world->applications, a->record.client_id,
                                    result->accepted_secret, result->refused_secret);

        if (result->token)
                end.r = account_take_token(a, result->token, result->grant->refresh_token,
                                           clock_now());
        else if (result->grant != a->record.current)
                return account_refresh_outdated(a);
        else if (result->newer)
                return account_take_newer(a, result->newer);

        if (end.r != 0)
                account_refresh_failed(a, &end);
        else
                account_learn_identity(a);
}

static const RefreshEvents refresh_events = {
        .on_asking = account_on_asking,
        .on_end = account_on_refreshed,
};

int account_find_client_secret(const Account *a, Secret **ret) {
        Application *application = applications_find(a->world->applications, a->record.client_id);
        Secret *secret = application ? application_client_secret(application) : NULL;
        int r = 0;

        if (!application)
                r = loader_verdict(a->world->loader);
        else if (application_is_locked(application))
                r = CONDITION_KEYRING_LOCKED;
        if (r == 0 && !secret && a->record.needs_secret)
                r = applications_missing(a->world->applications, a->record.client_id);
        if (r != 0)
                return r;

        *ret = secret;
        return 0;
}

static int account_try_refresh(Account *a) {
        RefreshRequest request = {
                .oauth = a->world->oauth,
                .vault = a->world->vault,
                .key = { VAULT_ACCOUNT, a->record.id, a->record.client_id },
                .grant = a->record.current,
                .previous = a->record.previous,
                .previous_secret =
                        applications_previous_secret(a->world->applications, a->record.client_id),
                .urgent = refresh_timer_is_last_call(a->timer),
                .due = refresh_timer_is_due(a->timer),
        };
        int r;

        assert(!a->refresh);

        if (a->signing_out || a->world->stopping)
                return CONDITION_CANCELLED;

        /* A grant that is about to die is renewed even if the keyring cannot keep the new one. */
        r = request.urgent ? 0 : vault_condition(a->world->vault);
        if (r == 0)
                r = account_find_client_secret(a, &request.client_secret);
        if (r != 0)
                return r;

        refresh_timer_pause(a->timer);
        return refresh_start(&request, &refresh_events, a, &a->refresh);
}

/* If the refresh cannot be started, it has failed: then those who wait are answered, and the reason
 * is returned. */
static int account_start_refresh(Account *a) {
        int r;

        r = account_try_refresh(a);
        if (r == 0)
                account_announce(a, ACCOUNT_CHANGED_REFRESHING | ACCOUNT_CHANGED_NEXT_REFRESH);
        else
                account_refresh_failed(
                        a, &(RefreshResult){ .r = r, .retry_after = HTTP_NO_RETRY_AFTER });
        return r;
}

void account_on_timer(void *userdata) {
        Account *a = userdata;

        if (a->state != ACCOUNT_LOCKED)
                account_follow_record(a);

        if (a->refresh || a->publishing || a->signing_out || a->world->stopping)
                refresh_timer_pause(a->timer);
        else if (refresh_timer_is_due(a->timer))
                (void) account_start_refresh(a);
        else
                refresh_timer_rearm(a->timer);
}

/* Waits for the refresh that is under way, or starts one. */
static int account_wait_for_token(Account *a, bool lenient, WaitFn fn, void *userdata,
                                  Wait **ret_wait) {
        int r = 0;

        if (!account_is_refreshing(a))
                r = account_start_refresh(a);
        if (r != 0)
                return r;

        return wait_new(lenient ? &a->lenient_waits : &a->waits, fn, userdata, ret_wait);
}

int account_refresh(Account *a, WaitFn fn, void *userdata, Wait **ret_wait) {
        int r;

        *ret_wait = NULL;
        r = account_refusal(a);
        if (r != 0)
                return r;
        if (!a->record.current->refresh_token)
                return CONDITION_SIGN_IN_NEEDED;

        if (!account_is_refreshing(a) && !refresh_timer_may_run_on_demand(a->timer)) {
                if (refresh_timer_is_told_to_wait(a->timer))
                        return CONDITION_RATE_LIMITED;
                if (refresh_timer_failures(a->timer) > 0)
                        return refresh_timer_condition(a->timer);
                /* A refresh that was cancelled may have left a refresh token alone. */
                if (a->record.current->access_token)
                        return 0;
        }
        return account_wait_for_token(a, false, fn, userdata, ret_wait);
}

int account_get_token(Account *a, const TokenQuery *query, WaitFn fn, void *userdata,
                      Wait **ret_wait) {
        bool lenient = !query->has_min_valid && !query->force, alive, can_refresh, backing_off;
        int64_t now = clock_now(), min_valid;
        GrantTimes times;
        int r;

        *ret_wait = NULL;
        r = account_refusal(a);
        if (r != 0)
                return r;
        if (a->publishing)
                return account_wait_for_token(a, lenient, fn, userdata, ret_wait);
        if (query->force)
                return account_refresh(a, fn, userdata, ret_wait);

        times = a->record.current->times;
        min_valid = query->has_min_valid ? query->min_valid : schedule_default_min_valid(times);
        if (schedule_is_good_for(times, now, min_valid))
                return 0;
        if (a->refresh)
                return account_wait_for_token(a, lenient, fn, userdata, ret_wait);

        alive = grant_remaining(a->record.current, now) > 0;
        can_refresh = a->record.current->refresh_token;
        backing_off = refresh_timer_is_backing_off(a->timer);
        if (alive && (!can_refresh || !refresh_timer_may_extend(a->timer)))
                return 0;
        if (alive && lenient && backing_off)
                return 0;
        if (!can_refresh)
                return CONDITION_SIGN_IN_NEEDED;
        if (backing_off)
                return refresh_timer_condition(a->timer);
        return account_wait_for_token(a, lenient, fn, userdata, ret_wait);
}

static void account_on_probed(int r, const char *reason, void *userdata) {
        Account *a = userdata;

        a->probe = token_probe_free(a->probe);
        if (r != CONDITION_ACCESS_DENIED || account_is_refreshing(a) || account_refusal(a) != 0)
                return;
        if (!a->record.current->refresh_token || !refresh_timer_may_run_on_demand(a->timer))
                return;

        (void) account_start_refresh(a);
}

void account_report_refused(Account *a, uint32_t generation) {
        int64_t now = clock_monotonic_ms();

        if (generation != account_generation(a) || account_refusal(a) != 0 || a->refresh ||
            a->probe || !a->record.current->access_token)
                return;
        if (now - a->reported_at_ms < REPORT_INTERVAL_MS)
                return;

        a->reported_at_ms = now;
        (void) token_probe_start(a->world->event, a->world->oauth, a->record.current->access_token,
                                 account_on_probed, a, &a->probe);
}

void account_retry_refused(Account *a) {
        if (!a->refresh && (a->state == ACCOUNT_APP_REFUSED ||
                            condition_is_of_client_secret(refresh_timer_condition(a->timer))))
                (void) account_start_refresh(a);
}

void account_stop(Account *a) {
        account_retry_save(a);
        if (a->refresh && !refresh_has_asked(a->refresh)) {
                a->refresh = refresh_free(a->refresh);
                account_refuse_waiters(a, CONDITION_CANCELLED, false);
        }
}
