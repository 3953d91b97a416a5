/* SPDX-License-Identifier: MIT */

/* An account's life, its state, and what is kept of it. */

#include "keeper/account/account-private.h"

#include <assert.h>
#include <stdio.h>

#include "common/condition.h"
#include "common/log.h"
#include "common/utf8.h"
#include "platform/fdstore.h"

#define STORE_NAME_MAX 128

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

bool label_is_valid(const char *label) {
        bool can_be_seen = false;
        size_t n = 0;
        uint32_t c;

        if (!utf8_is_text(label, LABEL_MAX * UTF8_MAX_BYTES))
                return false;

        for (; *label; n++) {
                label += utf8_decode(label, &c);
                can_be_seen = can_be_seen || !(utf8_is_blank(c) || utf8_is_invisible(c));
        }
        return can_be_seen && n <= LABEL_MAX;
}

void account_announce(Account *a, AccountChange changes) {
        a->on_changed(a, changes, a->userdata);
}

void account_announce_saved(Account *a) {
        bool saved = account_is_saved(a);

        if (saved == a->announced_saved)
                return;

        a->announced_saved = saved;
        account_announce(a, ACCOUNT_CHANGED_SAVED);
}

void account_set_last_error(Account *a, int r) {
        if (a->last_error == r)
                return;

        a->last_error = r;
        account_announce(a, ACCOUNT_CHANGED_LAST_ERROR);
}

static AccountState account_state_by_record(const Account *a) {
        bool over = refresh_timer_is_over(a->timer);

        switch (a->record.verdict) {
        case RECORD_REFUSED:
                return ACCOUNT_SIGN_IN_NEEDED;
        case RECORD_APP_REFUSED:
        case RECORD_APP_NOT_ALLOWED:
                return ACCOUNT_APP_REFUSED;
        case RECORD_ACCEPTED:
        case _RECORD_VERDICT_MAX:
        case _RECORD_VERDICT_INVALID:
                break;
        }

        if (over && !a->record.current->refresh_token)
                return ACCOUNT_SIGN_IN_NEEDED;
        return over ? ACCOUNT_EXPIRED : ACCOUNT_ACTIVE;
}

void account_follow_record(Account *a) {
        AccountState state = account_state_by_record(a);

        if (a->state != state) {
                a->state = state;
                log_event(LOG_INFO, &(LogContext){ .account = a->record.id }, "The account is %s.",
                          account_state_to_string(state));
                account_announce(a, ACCOUNT_CHANGED_STATE);
        }
        if (state == ACCOUNT_SIGN_IN_NEEDED)
                account_set_last_error(a, CONDITION_SIGN_IN_NEEDED);
}

static bool account_can_refresh(const Account *a) {
        return a->record.current->refresh_token && a->state != ACCOUNT_SIGN_IN_NEEDED;
}

void account_resume_timer(Account *a) {
        if (account_can_refresh(a))
                refresh_timer_resume(a->timer);
}

/* An answer that came late or with rounded times does not move the end of life. */
static bool account_end_moved(const Account *a) {
        GrantTimes current = a->record.current->times, previous;

        if (!a->record.previous)
                return true;

        previous = a->record.previous->times;
        return current.expires_at > previous.expires_at + schedule_default_min_valid(current);
}

void account_use_grant(Account *a) {
        /* A probe that is under way is about another token. */
        a->probe = token_probe_free(a->probe);

        refresh_timer_set_grant(a->timer, a->record.current->times, account_end_moved(a));
        if (a->record.verdict == RECORD_APP_REFUSED)
                refresh_timer_fail(a->timer, CONDITION_APP_REFUSED, BACKOFF_NO_RETRY_AFTER, true);
        else if (a->record.verdict == RECORD_APP_NOT_ALLOWED)
                refresh_timer_fail(a->timer, CONDITION_APP_NOT_ALLOWED, BACKOFF_NO_RETRY_AFTER,
                                   true);

        account_set_last_error(a, refresh_timer_condition(a->timer));
        account_follow_record(a);
        if (!account_can_refresh(a))
                refresh_timer_pause(a->timer);
}

int account_save(Account *a, bool into_store) {
        _cleanup_(secret_unrefp) Secret *document = NULL;
        _cleanup_free_ char *label = NULL;
        char store_name[STORE_NAME_MAX];
        int r;

        if (a->signing_out || !a->record.current)
                return 0;

        r = account_record_print(&a->record, &document);
        if (r == 0)
                r = str_format(&label, "Yandex Disk access of %s", a->record.label);
        if (r < 0)
                return r;

        (void) snprintf(store_name, sizeof(store_name), "account-%s-%u", a->record.id,
                        a->record.current->generation);
        r = save_put(a->save, label, document, into_store ? store_name : NULL);
        if (r == 0)
                account_announce_saved(a);
        return r;
}

static void account_on_saved(int r, void *userdata) {
        Account *a = userdata;

        if (r == 0 && condition_is_of_keyring(a->last_error))
                account_set_last_error(a, refresh_timer_condition(a->timer));
        else if (r != 0 && r != CONDITION_PENDING)
                account_set_last_error(a, r);
        account_announce_saved(a);
        account_publish_grant(a);
}

static int account_new_empty(World *world, const char *id, const char *client_id,
                             AccountFn on_changed, void *userdata, Account **ret) {
        VaultKey key = { .kind = VAULT_ACCOUNT, .id = id, .client_id = client_id };
        _cleanup_(account_freep) Account *a = NULL;
        int r;

        a = malloc(sizeof(Account));
        if (!a)
                return -ENOMEM;

        *a = (Account){
                .world = world,
                .on_changed = on_changed,
                .userdata = userdata,
                .state = ACCOUNT_LOCKED,
                .announced_saved = true,
                .reported_at_ms = INT64_MIN / 2,
                .waits = TAILQ_HEAD_INITIALIZER(a->waits),
                .lenient_waits = TAILQ_HEAD_INITIALIZER(a->lenient_waits),
        };

        r = refresh_timer_new(world->event, id, account_on_timer, a, &a->timer);
        if (r == 0)
                r = save_new(world->event, world->vault, &key, account_on_saved, a, &a->save);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(a);
        return 0;
}

int account_new(World *world, AccountRecord *record, AccountFn on_changed, void *userdata,
                Account **ret) {
        Account *a;
        int r;

        r = account_new_empty(world, record->id, record->client_id, on_changed, userdata, &a);
        if (r < 0)
                return r;

        a->record = *record;
        *record = (AccountRecord){};
        refresh_timer_set_grant(a->timer, a->record.current->times, account_end_moved(a));
        refresh_timer_pause(a->timer);
        a->state = account_state_by_record(a);
        *ret = a;
        return 0;
}

int account_new_locked(World *world, const char *id, const char *client_id, AccountFn on_changed,
                       void *userdata, Account **ret) {
        _cleanup_(account_freep) Account *a = NULL;
        int r;

        r = account_new_empty(world, id, client_id, on_changed, userdata, &a);
        if (r == 0)
                r = str_replace(&a->record.id, id);
        if (r == 0)
                r = str_replace(&a->record.client_id, client_id);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(a);
        return 0;
}

Account *account_free(Account *a) {
        if (!a)
                return NULL;

        wait_list_move(&a->lenient_waits, &a->waits);
        wait_list_answer(&a->waits, CONDITION_CANCELLED);
        oauth_call_free(a->identity);
        token_probe_free(a->probe);
        refresh_free(a->refresh);
        save_free(a->save);
        refresh_timer_free(a->timer);
        account_record_done(&a->record);
        free(a);
        return NULL;
}

static void account_begin(Account *a) {
        a->announced_refresh_at = a->record.last_refresh_at;
        account_use_grant(a);
        account_announce(a, ACCOUNT_CHANGED_NEXT_REFRESH);
}

void account_start(Account *a) {
        if (!a->record.current)
                return;

        account_begin(a);
        account_learn_identity(a);
}

int account_keep(Account *a) {
        int r;

        account_begin(a);
        a->publishing = true;
        r = account_save(a, true);
        if (r < 0)
                a->publishing = false;
        return r;
}

static bool account_is_news(const Account *a, const AccountRecord *record) {
        return a->state == ACCOUNT_LOCKED ||
               record->current->generation > a->record.current->generation;
}

void account_learn(Account *a, AccountRecord *record) {
        if (!account_is_news(a, record)) {
                account_record_done(record);
                return;
        }

        account_record_done(&a->record);
        a->record = *record;
        *record = (AccountRecord){};

        /* A grant that was on its way to the keyring is older than this one. */
        save_forget(a->save);
        a->publishing = false;
        a->unreadable = false;
        account_start(a);
        account_announce_saved(a);
        account_announce(a, ACCOUNT_CHANGED_LABEL | ACCOUNT_CHANGED_IDENTITY |
                                    ACCOUNT_CHANGED_GRANT | ACCOUNT_CHANGED_REFRESHING |
                                    ACCOUNT_CHANGED_ALLOWED);
        if (!a->refresh)
                account_serve_waiters(a);
}

void account_mark_unreadable(Account *a, int why) {
        if (a->state != ACCOUNT_LOCKED || (a->unreadable && a->last_error == why))
                return;

        log_event(LOG_WARNING, &(LogContext){ .account = a->record.id, .condition = why },
                  "The keyring item of the account %s; it is left as it is.",
                  why == CONDITION_RECORD_NEWER ? "was written by a newer yadisk-tokend"
                                                : "cannot be read");
        a->unreadable = true;
        account_set_last_error(a, why);
}

int account_restore(Account *a, AccountRecord *record, const char *store_name) {
        if (!account_is_news(a, record)) {
                account_record_done(record);
                return fdstore_remove(store_name);
        }

        account_learn(a, record);
        (void) save_restore(a->save, store_name);
        return account_save(a, false);
}

void account_rewrite(Account *a) {
        if (a->state == ACCOUNT_LOCKED || a->signing_out || !save_is_done(a->save))
                return;

        log_event(LOG_WARNING, &(LogContext){ .account = a->record.id },
                  "The keyring no longer holds the newest grant; it is written again.");
        (void) account_save(a, true);
}

int account_set_label(Account *a, const char *label) {
        int r;

        if (a->state == ACCOUNT_LOCKED)
                return account_refusal(a);

        r = str_replace(&a->record.label, label);
        if (r < 0)
                return r;

        account_announce(a, ACCOUNT_CHANGED_LABEL);
        return account_save(a, false);
}

int account_allow(Account *a, const char *app) {
        int r;

        if (a->state == ACCOUNT_LOCKED)
                return account_refusal(a);
        if (account_allows(a, app))
                return 0;
        if (strv_length(a->record.allowed) >= ALLOWED_APPS_MAX)
                return CONDITION_LIMITS_EXCEEDED;

        r = strv_extend(&a->record.allowed, app);
        if (r < 0)
                return r;

        log_event(LOG_NOTICE, &(LogContext){ .account = a->record.id, .app = app },
                  "A sandboxed app is allowed to have the tokens of the account.");
        r = account_save(a, false);
        account_announce(a, ACCOUNT_CHANGED_ALLOWED); /* which serves those who asked the user */
        return r;
}

int account_deny(Account *a, const char *app) {
        if (a->state == ACCOUNT_LOCKED)
                return account_refusal(a);
        if (!account_allows(a, app))
                return 0;

        strv_remove(&a->record.allowed, app);
        log_event(LOG_NOTICE, &(LogContext){ .account = a->record.id, .app = app },
                  "A sandboxed app is no longer allowed to have the tokens of the account.");
        account_announce(a, ACCOUNT_CHANGED_ALLOWED);
        return account_save(a, false);
}

bool account_allows(const Account *a, const char *app) {
        return strv_contains(a->record.allowed, app);
}

char *const *account_allowed(const Account *a) {
        return a->record.allowed;
}

int account_make_default(Account *a) {
        if (a->state == ACCOUNT_LOCKED)
                return account_refusal(a);

        a->record.default_since = MAX_OF(clock_now(), INT64_C(1));
        return account_save(a, false);
}

void account_reschedule(Account *a) {
        if (a->state == ACCOUNT_LOCKED)
                return;

        account_follow_record(a);
        refresh_timer_rearm(a->timer);
        account_announce(a, ACCOUNT_CHANGED_NEXT_REFRESH);
}

void account_retry_now(Account *a) {
        int64_t next = refresh_timer_next(a->timer);

        refresh_timer_retry_now(a->timer);
        if (refresh_timer_next(a->timer) != next)
                account_announce(a, ACCOUNT_CHANGED_NEXT_REFRESH);
        if (a->state != ACCOUNT_LOCKED)
                account_learn_identity(a);
}

void account_retry_save(Account *a) {
        save_retry(a->save);
}

void account_keyring_changed(Account *a) {
        if (account_is_hidden(a))
                account_announce(a, ACCOUNT_CHANGED_LAST_ERROR);
}

void account_begin_sign_out(Account *a) {
        a->signing_out = true;
        a->refresh = refresh_free(a->refresh);
        a->probe = token_probe_free(a->probe);
        refresh_timer_pause(a->timer);
        save_forget(a->save);
}

void account_cancel_sign_out(Account *a, bool revoked) {
        if (!a->signing_out)
                return;

        a->signing_out = false;
        if (revoked)
                account_lose_grant(a);
        account_resume_timer(a);
        (void) account_save(a, true);
        account_announce(a, ACCOUNT_CHANGED_NEXT_REFRESH | ACCOUNT_CHANGED_REFRESHING);
        if (revoked)
                account_refuse_waiters(a, CONDITION_SIGN_IN_NEEDED, false);
        else if (!a->publishing && !(TAILQ_EMPTY(&a->waits) && TAILQ_EMPTY(&a->lenient_waits)))
                account_serve_waiters(a);
}

void account_log_unsaved(Account *a) {
        if (!save_is_done(a->save))
                log_event(LOG_WARNING,
                          &(LogContext){ .account = a->record.id, .condition = a->last_error },
                          "The newest token of \"%s\" is not in the keyring; only the service "
                          "manager may still hold it.",
                          a->record.label);
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

bool account_is_hidden(const Account *a) {
        return a->state == ACCOUNT_LOCKED && !a->unreadable;
}

bool account_is_signing_out(const Account *a) {
        return a->signing_out;
}

bool account_is_refreshing(const Account *a) {
        return a->refresh || a->publishing;
}

bool account_is_busy(const Account *a) {
        return account_is_refreshing(a) || save_is_under_way(a->save);
}

/* A grant that is not announced yet is not missed. */
bool account_is_saved(const Account *a) {
        return a->publishing || save_is_done(a->save);
}

bool account_awaits_keyring(const Account *a) {
        return account_is_hidden(a) || !save_is_done(a->save) ||
               condition_is_of_keyring_state(refresh_timer_condition(a->timer));
}

Grant *account_grant(const Account *a) {
        return a->publishing && a->record.previous ? a->record.previous : a->record.current;
}

uint32_t account_generation(const Account *a) {
        Grant *grant = account_grant(a);

        return grant ? grant->generation : 0;
}

GrantTimes account_times(const Account *a) {
        Grant *grant = account_grant(a);

        return grant ? grant->times : (GrantTimes){};
}

int64_t account_last_refresh_at(const Account *a) {
        return a->publishing ? a->announced_refresh_at : a->record.last_refresh_at;
}

int64_t account_next_refresh_at(const Account *a) {
        return refresh_timer_next(a->timer);
}

int account_refusal(const Account *a) {
        if (a->state == ACCOUNT_LOCKED)
                return a->unreadable ? a->last_error
                                     : vault_condition(a->world->vault) ?: CONDITION_KEYRING_LOCKED;
        if (a->state == ACCOUNT_SIGN_IN_NEEDED)
                return CONDITION_SIGN_IN_NEEDED;
        return 0;
}

int account_last_error(const Account *a) {
        return a->state == ACCOUNT_LOCKED ? account_refusal(a) : a->last_error;
}
