/* SPDX-License-Identifier: MIT */

/* An account's life, and what is kept of it. */

#include "keeper/account/account-private.h"

#include <assert.h>
#include <stdio.h>

#include "common/condition.h"
#include "common/log.h"
#include "common/utf8.h"
#include "platform/fdstore.h"

#define STORE_NAME_MAX 128

bool label_is_valid(const char *label) {
        return utf8_is_text(label, LABEL_MAX);
}

static bool can_refresh(const Account *a) {
        return grant_refresh_token(a->record.current) && a->state != ACCOUNT_SIGN_IN_NEEDED;
}

/* An answer that came late or rounded does not move the end. */
static bool end_moved(const AccountRecord *record) {
        GrantTimes current = grant_get_times(record->current), previous;

        if (!record->previous)
                return true;

        previous = grant_get_times(record->previous);
        return current.expires_at > previous.expires_at + schedule_default_min_valid(current);
}

void account_plan_on(Account *a) {
        if (can_refresh(a))
                planner_resume(a->planner);
}

void account_adopt(Account *a) {
        /* Whatever is being found out is about another token. */
        a->check = check_free(a->check);

        planner_set_grant(a->planner, grant_get_times(a->record.current), end_moved(&a->record));
        if (a->record.verdict == RECORD_APP_REFUSED)
                planner_fail(a->planner, CONDITION_APP_REFUSED, SCHEDULE_NO_RETRY_AFTER, true);

        account_set_trouble(a, planner_condition(a->planner));
        account_follow_record(a);
        if (!can_refresh(a))
                planner_pause(a->planner);
}

int account_put(Account *a, bool into_store) {
        _cleanup_(secret_unrefp) Secret *document = NULL;
        _cleanup_free_ char *label = NULL;
        char store_name[STORE_NAME_MAX];
        int r;

        if (a->leaving || !a->record.current)
                return 0;

        r = account_record_print(&a->record, &document);
        if (r < 0)
                return r;

        r = str_format(&label, "Yandex Disk access of %s", a->record.label);
        if (r < 0)
                return r;

        (void) snprintf(store_name, sizeof(store_name), "account-%s-%u", a->record.id,
                        grant_generation(a->record.current));
        r = save_put(a->save, label, document, into_store ? store_name : NULL);
        if (r < 0)
                return r;

        account_announce_saved(a);
        return 0;
}

static void on_saved(int r, void *userdata) {
        Account *a = userdata;

        /* An import must not go on before its pair is safe. */
        if (r == CONDITION_PENDING && a->on_trial)
                return;

        if (r == 0 && condition_is_of_keyring(a->trouble))
                account_set_trouble(a, planner_condition(a->planner));
        else if (r != 0 && r != CONDITION_PENDING)
                account_set_trouble(a, r);
        account_announce_saved(a);
        account_settle(a); /* which may free it */
}

static int account_new_empty(const AccountWorld *world, const char *id, const char *client_id,
                             Account **ret) {
        VaultKey key = { .kind = VAULT_ACCOUNT, .id = id, .client_id = client_id };
        _cleanup_(account_freep) Account *a = NULL;
        int r;

        a = malloc(sizeof(Account));
        if (!a)
                return -ENOMEM;

        *a = (Account){
                .world = world,
                .state = ACCOUNT_LOCKED,
                .told_saved = true,
                .doubted_at_ms = INT64_MIN / 2,
                .waits = TAILQ_HEAD_INITIALIZER(a->waits),
                .askers = TAILQ_HEAD_INITIALIZER(a->askers),
        };

        r = planner_new(world->event, id, account_on_planned, a, &a->planner);
        if (r < 0)
                return r;

        r = save_new(world->event, world->vault, &key, on_saved, a, &a->save);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(a);
        return 0;
}

int account_new(const AccountWorld *world, AccountRecord *record, Account **ret) {
        Account *a;
        int r;

        r = account_new_empty(world, record->id, record->client_id, &a);
        if (r < 0)
                return r;

        a->record = *record;
        *record = (AccountRecord){};
        planner_set_grant(a->planner, grant_get_times(a->record.current), end_moved(&a->record));
        planner_pause(a->planner);
        a->state = account_state_by_record(a);
        *ret = a;
        return 0;
}

int account_new_locked(const AccountWorld *world, const char *id, const char *client_id,
                       Account **ret) {
        _cleanup_(account_freep) Account *a = NULL;
        int r;

        r = account_new_empty(world, id, client_id, &a);
        if (r < 0)
                return r;

        r = str_replace(&a->record.id, id);
        if (r == 0)
                r = str_replace(&a->record.client_id, client_id);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(a);
        return 0;
}

void account_mark_unreadable(Account *a, int why) {
        if (a->state != ACCOUNT_LOCKED || (a->unreadable && a->trouble == why))
                return;

        log_event(LOG_WARNING, &(LogContext){ .account = a->record.id, .condition = why },
                  "The keyring item of the account %s; it is left as it is.",
                  why == CONDITION_RECORD_NEWER ? "was written by a newer yadisk-tokend"
                                                : "cannot be read");
        a->unreadable = true;
        account_set_trouble(a, why);
}

void account_rewrite(Account *a) {
        if (a->state == ACCOUNT_LOCKED || a->leaving || !save_is_done(a->save))
                return;

        log_event(LOG_WARNING, &(LogContext){ .account = a->record.id },
                  "The keyring no longer holds the newest grant; it is written again.");
        (void) account_put(a, true);
}

Account *account_free(Account *a) {
        if (!a)
                return NULL;

        wait_list_answer(&a->waits, CONDITION_CANCELLED, NULL, NULL);
        wait_list_answer(&a->askers, CONDITION_CANCELLED, NULL, NULL);
        oauth_call_free(a->identity);
        check_free(a->check);
        refresh_free(a->refresh);
        save_free(a->save);
        planner_free(a->planner);
        account_record_done(&a->record);
        free(a);
        return NULL;
}

static void begin(Account *a) {
        a->told_refresh_at = a->record.last_refresh_at;
        account_adopt(a);
        account_announce(a, ACCOUNT_CHANGED_PLAN);
}

void account_start(Account *a) {
        if (!a->record.current)
                return;

        begin(a);
        account_learn_identity(a);
}

int account_keep(Account *a) {
        int r;

        begin(a);
        a->settling = true;
        r = account_put(a, true);
        if (r < 0)
                a->settling = false;
        return r;
}

/* A refresh under way is not called back: it may have rotated, and then its answer is the newest there
 * is. That it fails says nothing about the new grant. */
int account_renew(Account *a, const OauthToken *token, const OauthIdentity *identity,
                  char *const *scopes) {
        _cleanup_(strv_freep) char **copy = NULL;
        int r;

        r = strv_copy(token->scopes ?: scopes, &copy);
        if (r == 0 && identity)
                r = str_replace(&a->record.uid, identity->uid);
        if (r == 0 && identity)
                r = str_replace(&a->record.login, identity->login);
        if (r < 0)
                return r;

        strv_free(a->record.scopes);
        a->record.scopes = TAKE_PTR(copy);

        account_announce(a, ACCOUNT_CHANGED_IDENTITY);
        return account_take_token(a, token, NULL);
}

static bool is_news(const Account *a, const AccountRecord *record) {
        return a->state == ACCOUNT_LOCKED ||
               grant_generation(record->current) > grant_generation(a->record.current);
}

void account_learn(Account *a, AccountRecord *record) {
        if (!is_news(a, record)) {
                account_record_done(record);
                return;
        }

        account_record_done(&a->record);
        a->record = *record;
        *record = (AccountRecord){};

        /* What was on its way is older than what is there. */
        save_forget(a->save);
        a->settling = false;
        a->unreadable = false;
        account_start(a);
        account_announce_saved(a);
        account_announce(a, ACCOUNT_CHANGED_LABEL | ACCOUNT_CHANGED_IDENTITY |
                                    ACCOUNT_CHANGED_GRANT | ACCOUNT_CHANGED_REFRESHING);
        if (!a->refresh)
                account_answer_waiters(a);
}

int account_inherit(Account *a, AccountRecord *record, const char *store_name) {
        if (!is_news(a, record)) {
                account_record_done(record);
                return fdstore_remove(store_name);
        }

        account_learn(a, record);
        (void) save_inherit(a->save, store_name);
        return account_put(a, false);
}

/* Of a record that is not known nothing can be changed. */
static int change_refusal(const Account *a) {
        return a->state == ACCOUNT_LOCKED ? account_refusal(a) : 0;
}

int account_set_label(Account *a, const char *label) {
        int r = change_refusal(a);

        if (r == 0)
                r = str_replace(&a->record.label, label);
        if (r != 0)
                return r;

        account_announce(a, ACCOUNT_CHANGED_LABEL);
        return account_put(a, false);
}

int account_make_default(Account *a) {
        int r = change_refusal(a);

        if (r != 0)
                return r;

        a->record.default_since = MAX_OF(clock_now(), INT64_C(1));
        return account_put(a, false);
}

void account_replan(Account *a) {
        if (a->state == ACCOUNT_LOCKED)
                return;

        account_follow_record(a);
        planner_replan(a->planner);
        account_announce(a, ACCOUNT_CHANGED_PLAN);
}

void account_hurry(Account *a) {
        int64_t next = planner_next(a->planner);

        planner_hurry(a->planner);
        if (planner_next(a->planner) != next)
                account_announce(a, ACCOUNT_CHANGED_PLAN);
        if (a->state != ACCOUNT_LOCKED)
                account_learn_identity(a);
}

void account_retry_save(Account *a) {
        save_retry(a->save);
}

bool account_is_busy(const Account *a) {
        return a->refresh || a->settling || save_is_under_way(a->save);
}

void account_forget(Account *a) {
        a->leaving = true;
        a->refresh = refresh_free(a->refresh);
        a->check = check_free(a->check);
        planner_pause(a->planner);
        save_forget(a->save);
}

void account_resume(Account *a) {
        if (!a->leaving)
                return;

        a->leaving = false;
        account_plan_on(a);
        (void) account_put(a, true);
        account_announce(a, ACCOUNT_CHANGED_PLAN | ACCOUNT_CHANGED_REFRESHING);
        if (!a->settling && !TAILQ_EMPTY(&a->waits))
                account_answer_waiters(a);
}

void account_set_on_trial(Account *a, bool on_trial) {
        if (a->on_trial == on_trial)
                return;

        a->on_trial = on_trial;
        account_announce(a, ACCOUNT_CHANGED_TROUBLE);
}
