/* SPDX-License-Identifier: MIT */

/* How an account's token is served: from memory where it is good, else by the one refresh all share. */

#include "keeper/account/account-private.h"

#include "common/condition.h"

void account_answer_waiters(Account *a) {
        int r;

        if (grant_access_token(a->record.current)) {
                wait_list_move(&a->lenient_waits, &a->waits);
                return wait_list_serve(&a->waits, a->record.current);
        }
        if (a->refresh)
                return;

        r = account_start_refresh(a);
        if (r != 0)
                account_fail(a, r);
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
        account_answer_waiters(a);
}

/* Joins the line for the refresh that is under way, or begins one. */
static int join(Account *a, bool lenient, WaitFn fn, void *userdata, Wait **ret_wait) {
        int r;

        if (!a->refresh && !a->publishing) {
                r = account_start_refresh(a);
                if (r != 0) {
                        account_fail(a, r);
                        return r;
                }
        }

        return wait_new(lenient ? &a->lenient_waits : &a->waits, fn, userdata, ret_wait);
}

/* Why no refresh can be begun by anybody. */
int account_refusal(const Account *a) {
        if (a->state == ACCOUNT_LOCKED)
                return a->unreadable ? a->last_error
                                     : vault_condition(a->world->vault) ?: CONDITION_KEYRING_LOCKED;
        if (a->state == ACCOUNT_SIGN_IN_NEEDED)
                return CONDITION_SIGN_IN_NEEDED;
        return 0;
}

int account_refresh(Account *a, WaitFn fn, void *userdata, Wait **ret_wait) {
        int r;

        *ret_wait = NULL;
        r = account_refusal(a);
        if (r != 0)
                return r;
        if (!grant_refresh_token(a->record.current))
                return CONDITION_SIGN_IN_NEEDED;
        if (a->refresh || a->publishing || refresh_timer_may_run_on_demand(a->timer))
                return join(a, false, fn, userdata, ret_wait);

        if (refresh_timer_is_told_to_wait(a->timer))
                return CONDITION_RATE_LIMITED;
        if (refresh_timer_failures(a->timer) > 0)
                return refresh_timer_condition(a->timer);

        /* A renewal that was called off has left a refresh token alone as it was. */
        return grant_access_token(a->record.current) ? 0 : join(a, false, fn, userdata, ret_wait);
}

int account_get_token(Account *a, const TokenQuery *query, WaitFn fn, void *userdata,
                      Wait **ret_wait) {
        bool lenient = !query->has_min_valid && !query->force, alive;
        int64_t now = clock_now(), min_valid;
        GrantTimes times;
        int r;

        *ret_wait = NULL;
        r = account_refusal(a);
        if (r != 0)
                return r;
        if (a->publishing)
                return join(a, lenient, fn, userdata, ret_wait);
        if (query->force)
                return account_refresh(a, fn, userdata, ret_wait);

        times = grant_get_times(a->record.current);
        min_valid = query->has_min_valid ? query->min_valid : schedule_default_min_valid(times);
        if (schedule_is_good_for(times, now, min_valid))
                return 0;
        if (a->refresh)
                return join(a, lenient, fn, userdata, ret_wait);

        alive = grant_remaining(a->record.current, now) > 0;
        if (alive &&
            (!grant_refresh_token(a->record.current) || !refresh_timer_may_extend(a->timer)))
                return 0;
        if (alive && lenient && refresh_timer_is_backing_off(a->timer))
                return 0;
        if (!grant_refresh_token(a->record.current))
                return CONDITION_SIGN_IN_NEEDED;
        if (refresh_timer_is_backing_off(a->timer))
                return refresh_timer_condition(a->timer);
        return join(a, lenient, fn, userdata, ret_wait);
}
