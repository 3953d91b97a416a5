/* SPDX-License-Identifier: MIT */

/* What state an account is in, and what others are told of it. */

#include "keeper/account/account-private.h"

#include <assert.h>

#include "common/condition.h"
#include "common/log.h"

static const char *const state_names[_ACCOUNT_STATE_MAX] = {
        [ACCOUNT_ACTIVE] = "active",
        [ACCOUNT_EXPIRED] = "expired",
        [ACCOUNT_SIGN_IN_NEEDED] = "sign-in-needed",
        [ACCOUNT_APP_REFUSED] = "app-refused",
        [ACCOUNT_LOCKED] = "locked",
};

const char *account_state_to_string(AccountState state) {
        assert(state >= 0 && state < _ACCOUNT_STATE_MAX);

        return state_names[state];
}

void account_announce(Account *a, AccountChange changes) {
        a->on_changed(a, changes, a->userdata);
}

void account_announce_saved(Account *a) {
        bool saved = account_is_saved(a);

        if (saved == a->told_saved)
                return;

        a->told_saved = saved;
        account_announce(a, ACCOUNT_CHANGED_SAVED);
}

void account_set_state(Account *a, AccountState state) {
        if (a->state == state)
                return;

        a->state = state;
        log_event(LOG_INFO, &(LogContext){ .account = a->record.id }, "The account is %s.",
                  account_state_to_string(state));
        account_announce(a, ACCOUNT_CHANGED_STATE);
}

void account_set_last_error(Account *a, int r) {
        if (a->last_error == r)
                return;

        a->last_error = r;
        account_announce(a, ACCOUNT_CHANGED_LAST_ERROR);
}

AccountState account_state_by_record(const Account *a) {
        bool over = refresh_timer_is_over(a->timer);

        switch (a->record.verdict) {
        case RECORD_REFUSED:
                return ACCOUNT_SIGN_IN_NEEDED;
        case RECORD_APP_REFUSED:
                return ACCOUNT_APP_REFUSED;
        case RECORD_ACCEPTED:
        case _RECORD_VERDICT_MAX:
        case _RECORD_VERDICT_INVALID:
                break;
        }

        if (over && !grant_refresh_token(a->record.current))
                return ACCOUNT_SIGN_IN_NEEDED;
        return over ? ACCOUNT_EXPIRED : ACCOUNT_ACTIVE;
}

void account_follow_record(Account *a) {
        account_set_state(a, account_state_by_record(a));
        if (a->state == ACCOUNT_SIGN_IN_NEEDED)
                account_set_last_error(a, CONDITION_SIGN_IN_NEEDED);
}

bool account_is_hidden(const Account *a) {
        return a->state == ACCOUNT_LOCKED && !a->unreadable;
}

bool account_is_signing_out(const Account *a) {
        return a->signing_out;
}

bool account_is_on_trial(const Account *a) {
        return a->on_trial;
}

const AccountRecord *account_record(const Account *a) {
        return &a->record;
}

const char *account_id(const Account *a) {
        return a->record.id;
}

AccountState account_state(const Account *a) {
        return a->state;
}

bool account_is_refreshing(const Account *a) {
        return a->refresh || a->publishing;
}

bool account_awaits_yandex(const Account *a) {
        return a->refresh && refresh_has_asked(a->refresh);
}

bool account_awaits_keyring(const Account *a) {
        return account_is_hidden(a) || !save_is_done(a->save) ||
               condition_is_of_keyring_state(refresh_timer_condition(a->timer));
}

/* A grant that nobody was told of yet is not missed. */
bool account_is_saved(const Account *a) {
        return a->publishing || save_is_done(a->save);
}

/* What everybody was told: not yet the grant that is on its way to the keyring. */
Grant *account_grant(const Account *a) {
        return a->publishing && a->record.previous ? a->record.previous : a->record.current;
}

uint32_t account_generation(const Account *a) {
        const Grant *grant = account_grant(a);

        return grant ? grant_generation(grant) : 0;
}

GrantTimes account_times(const Account *a) {
        const Grant *grant = account_grant(a);

        return grant ? grant_get_times(grant) : (GrantTimes){};
}

int64_t account_last_refresh_at(const Account *a) {
        return a->publishing ? a->told_refresh_at : a->record.last_refresh_at;
}

int64_t account_next_refresh_at(const Account *a) {
        return refresh_timer_next(a->timer);
}

int account_last_error(const Account *a) {
        return a->state == ACCOUNT_LOCKED ? account_refusal(a) : a->last_error;
}

void account_keyring_changed(Account *a) {
        if (account_is_hidden(a))
                account_announce(a, ACCOUNT_CHANGED_LAST_ERROR);
}

void account_log_unsaved(Account *a) {
        if (!save_is_done(a->save))
                log_event(LOG_WARNING,
                          &(LogContext){ .account = a->record.id, .condition = a->last_error },
                          "The newest token of \"%s\" is not in the keyring; only the service "
                          "manager may still hold it.",
                          a->record.label);
}
