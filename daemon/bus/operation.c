/* SPDX-License-Identifier: MIT */

#include "bus/operation.h"

#include <assert.h>
#include <sys/queue.h>

#include "bus/error.h"
#include "common/condition.h"
#include "common/deadlines.h"
#include "common/log.h"
#include "platform/clock.h"

/* A program that asks without end must not use up our memory. */
#define OPERATIONS_MAX 2048

/* Each looks by way of some requests. */
#define KEPT_MAX 16

struct Operations {
        LIST_HEAD(, Operation) list;
        unsigned n;
        unsigned n_kept;
};

struct Operation {
        LIST_ENTRY(Operation) entry;
        Operations *all;
        Keeper *keeper;
        sd_bus_message *message; /* NULL once answered */
        char *subject;
        OperationFn fn;
        void *context;
        bool running;
        bool ended;
        bool keyring_required; /* the work needs it open */
        bool keyring_examined; /* that was seen to */

        Alarm *deadline;
        Unlock *unlock;
        Wait *wait;
        SignOut *sign_out;
        VaultCall *vault_call;
        void *kept;
        OperationDropFn drop;
};

int operations_new(Operations **ret) {
        Operations *all;

        all = malloc(sizeof(Operations));
        if (!all)
                return -ENOMEM;

        *all = (Operations){ .list = LIST_HEAD_INITIALIZER(all->list) };
        *ret = all;
        return 0;
}

static void answer_error(Operation *o, int r, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = TAKE_PTR(o->message);

        if (!m)
                return;

        if (!sd_bus_error_is_set(error)) {
                if (r < 0)
                        log_event(LOG_ERR, &(LogContext){ .condition = r }, "%s failed.",
                                  sd_bus_message_get_member(m));
                (void) bus_error_set(error, r);
        }
        (void) sd_bus_reply_method_error(m, error);
}

static void drop_kept(Operation *o) {
        if (!o->kept)
                return;

        o->drop(TAKE_PTR(o->kept));
        o->all->n_kept--;
}

int operation_keep(Operation *o, void *handle, OperationDropFn drop) {
        if (o->all->n_kept >= KEPT_MAX) {
                drop(handle);
                return CONDITION_LIMITS_EXCEEDED;
        }

        o->all->n_kept++;
        o->kept = handle;
        o->drop = drop;
        return 0;
}

static Operation *operation_free(Operation *o) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        answer_error(o, CONDITION_CANCELLED, &error);
        drop_kept(o);
        vault_call_free(o->vault_call);
        sign_out_free(o->sign_out);
        wait_free(o->wait);
        unlock_free(o->unlock);
        alarm_free(o->deadline);
        LIST_REMOVE(o, entry);
        o->all->n--;
        free(o->subject);
        free(o);
        return NULL;
}

Operations *operations_free(Operations *all) {
        if (!all)
                return NULL;

        while (!LIST_EMPTY(&all->list))
                operation_free(LIST_FIRST(&all->list));
        free(all);
        return NULL;
}

/* The work may end the operation while it still runs: then it is freed when the work returns. */
static void end(Operation *o) {
        o->ended = true;
        if (!o->running)
                operation_free(o);
}

void operation_fail_with(Operation *o, int r, sd_bus_error *error) {
        answer_error(o, r, error);
        end(o);
}

void operation_reply(Operation *o, sd_bus_message *reply) {
        if (o->message)
                (void) sd_bus_send(NULL, reply, NULL);
        o->message = sd_bus_message_unref(o->message);
        end(o);
}

int operation_reply_empty(Operation *o) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        if (o->message) {
                r = sd_bus_message_new_method_return(o->message, &reply);
                if (r < 0)
                        return r;
        }

        operation_reply(o, reply);
        return 0;
}

int operation_reply_path(Operation *o, const char *path) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(o->message, &reply);
        if (r < 0)
                return r;

        r = sd_bus_message_append(reply, "o", path);
        if (r < 0)
                return r;

        operation_reply(o, reply);
        return 0;
}

static int reason_for_delay(const Operation *o) {
        if (o->unlock)
                return vault_condition(keeper_vault(o->keeper)) ?: CONDITION_KEYRING_FAILED;
        return o->vault_call ? CONDITION_KEYRING_FAILED : CONDITION_SERVER_TROUBLE;
}

/* What is under way goes on, for others or to its end; only this caller waits no longer. */
static void on_deadline(void *userdata) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        Operation *o = userdata;

        answer_error(o, reason_for_delay(o), &error);
        if (o->wait || o->kept)
                operation_free(o);
}

static bool is_waiting(const Operation *o) {
        return o->unlock || o->wait || o->sign_out || o->vault_call || o->kept;
}

static void run(Operation *o);

/* Unless the work needs the keyring itself, it says by itself what is missing, if anything still is. */
static void on_unlocked(int r, void *userdata) {
        Operation *o = userdata;

        o->unlock = unlock_free(o->unlock);
        if (r != 0 && o->keyring_required)
                return operation_fail(o, r);
        if (!o->message)
                return end(o);

        run(o);
}

static VaultPrompt allowed_prompt(const Operation *o) {
        return o->message && sd_bus_message_get_allow_interactive_authorization(o->message) > 0
                       ? VAULT_MAY_PROMPT
                       : VAULT_NO_PROMPT;
}

static int open_keyring(Operation *o) {
        o->keyring_examined = true;
        return loader_unlock(keeper_loader(o->keeper), allowed_prompt(o), on_unlocked, o,
                             &o->unlock);
}

int operation_require_keyring(Operation *o) {
        if (o->keyring_required)
                return 1;

        o->keyring_required = true;
        return open_keyring(o);
}

/* Nobody is told that the keyring is in the way unless it was looked at since he asked: not every service
 * says when it was unlocked. */
static bool may_look_again(const Operation *o, int r) {
        return condition_is_of_keyring_state(r) && !o->keyring_examined && o->message;
}

static int look_again(Operation *o) {
        if (allowed_prompt(o) == VAULT_MAY_PROMPT)
                return open_keyring(o);

        o->keyring_examined = true;
        return loader_check(keeper_loader(o->keeper), on_unlocked, o, &o->unlock);
}

/* A refresh under way has looked at the keyring itself, but could not ask the user. */
void operation_fail(Operation *o, int r) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        if (may_look_again(o, r) && allowed_prompt(o) == VAULT_MAY_PROMPT) {
                r = look_again(o);
                if (r == 0)
                        return;
        }
        operation_fail_with(o, r, &error);
}

static int wait_until_deadline(Operation *o) {
        int r;

        if (o->deadline)
                return 0;

        r = alarm_new(keeper_event(o->keeper), "operation-deadline", on_deadline, o, &o->deadline);
        return r < 0 ? r : alarm_set_after(o->deadline, DEADLINE_OPERATION_MS);
}

static void run(Operation *o) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        (void) sd_bus_message_rewind(o->message, true);

        o->running = true;
        r = o->fn(o, &error);
        o->running = false;

        if (!o->ended && may_look_again(o, r))
                r = look_again(o);
        if (!o->ended && r == 0 && is_waiting(o))
                r = wait_until_deadline(o);

        if (o->ended)
                operation_free(o);
        else if (r != 0)
                operation_fail_with(o, r, &error);
        else
                assert(is_waiting(o));
}

int operation_run(Operations *all, Keeper *keeper, sd_bus_message *m, const OperationStart *what,
                  sd_bus_error *error) {
        Operation *o;

        if (all->n >= OPERATIONS_MAX)
                return bus_error_set(error, CONDITION_LIMITS_EXCEEDED);

        o = malloc(sizeof(Operation));
        if (!o)
                return -ENOMEM;

        *o = (Operation){
                .all = all,
                .keeper = keeper,
                .message = sd_bus_message_ref(m),
                .fn = what->fn,
                .context = what->context,
        };
        LIST_INSERT_HEAD(&all->list, o, entry);
        all->n++;

        if (str_replace(&o->subject, what->subject) < 0)
                operation_fail(o, -ENOMEM);
        else
                run(o);
        return 1;
}

sd_bus_message *operation_message(Operation *o) {
        return o->message;
}

Keeper *operation_keeper(Operation *o) {
        return o->keeper;
}

const char *operation_subject(Operation *o) {
        return o->subject;
}

void *operation_context(Operation *o) {
        return o->context;
}

int operation_account(Operation *o, Account **ret) {
        *ret = keeper_account_by_id(o->keeper, o->subject);

        return *ret ? 0 : CONDITION_NO_SUCH_ACCOUNT;
}

Wait **operation_wait(Operation *o) {
        return &o->wait;
}

SignOut **operation_sign_out(Operation *o) {
        return &o->sign_out;
}

VaultCall **operation_vault_call(Operation *o) {
        return &o->vault_call;
}
