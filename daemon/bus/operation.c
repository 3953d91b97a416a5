/* SPDX-License-Identifier: MIT */

#include "bus/operation.h"

#include <assert.h>
#include <stdarg.h>

#include "bus/message.h"
#include "common/condition.h"
#include "common/deadlines.h"
#include "common/log.h"

static void operation_answer_error(Operation *o, int r, sd_bus_error *error) {
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

/* Its sender may have more under way from now on. */
static void operation_let_go_of_sender(Operation *o) {
        if (!o->sender)
                return;

        sender_release(o->sender, o->size);
        if (o->diagnosing)
                sender_give_back(o->sender, SHARE_DIAGNOSES);
        o->sender = NULL;
}

static void operation_free(Operation *o) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        operation_answer_error(o, CONDITION_CANCELLED, &error);
        operation_let_go_of_sender(o);
        diagnosis_free(o->diagnosis);
        vault_call_free(o->vault_call);
        sign_out_free(o->sign_out);
        wait_free(o->wait);
        unlock_free(o->unlock);
        alarm_free(o->deadline);
        LIST_REMOVE(o, entry);
        free(o->subject);
        free(o);
}

/* If fn ends the operation, it is freed when fn returns. */
static void operation_end(Operation *o) {
        o->ended = true;
        if (!o->running)
                operation_free(o);
}

void operation_fail_with(Operation *o, int r, sd_bus_error *error) {
        operation_answer_error(o, r, error);
        operation_end(o);
}

void operation_send(Operation *o, sd_bus_message *reply) {
        if (o->message)
                (void) sd_bus_send(NULL, reply, NULL);
        o->message = sd_bus_message_unref(o->message);
        operation_end(o);
}

int operation_reply(Operation *o, const char *types, ...) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        va_list ap;
        int r;

        r = o->message ? sd_bus_message_new_method_return(o->message, &reply) : 0;
        va_start(ap, types);
        if (r >= 0 && reply && types)
                r = sd_bus_message_appendv(reply, types, ap);
        va_end(ap);
        if (r < 0)
                return r;

        operation_send(o, reply);
        return 0;
}

static int operation_reason_for_delay(const Operation *o) {
        if (o->unlock)
                return vault_condition(o->world->vault) ?: CONDITION_KEYRING_FAILED;
        if (o->vault_call)
                return CONDITION_KEYRING_FAILED;
        return oauth_is_over_budget(o->world->oauth) ? CONDITION_OVER_BUDGET
                                                     : CONDITION_SERVER_TROUBLE;
}

/* Only the caller stops waiting. A refresh goes on for the account, and a sign-out, a write or a
 * prompt is carried through by the operation, which ends after it. */
static void operation_on_deadline(void *userdata) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        Operation *o = userdata;

        if (o->message && o->explain_delay)
                (void) o->explain_delay(o, &error);
        operation_answer_error(o, operation_reason_for_delay(o), &error);
        if (o->wait || o->diagnosis)
                operation_free(o);
}

/* If fn has not said that it needs the keyring, it runs even though unlocking failed: it may do
 * without, and otherwise says what is missing. */
static void operation_on_unlocked(int r, void *userdata) {
        Operation *o = userdata;

        o->unlock = unlock_free(o->unlock);
        if (r != 0 && o->keyring_required)
                operation_fail(o, r);
        else if (!o->message)
                operation_end(o);
        else
                operation_work(o);
}

/* What runs in a sandbox must not put windows on the screen. */
static bool operation_may_prompt(const Operation *o) {
        return o->message && sender_process(o->sender)->is_host &&
               sd_bus_message_get_allow_interactive_authorization(o->message) > 0;
}

static int operation_unlock(Operation *o) {
        o->keyring_examined = true;
        return loader_unlock(o->world->loader,
                             operation_may_prompt(o) ? VAULT_MAY_PROMPT : VAULT_NO_PROMPT,
                             operation_on_unlocked, o, &o->unlock);
}

int operation_require_keyring(Operation *o) {
        if (o->keyring_required)
                return 1;

        o->keyring_required = true;
        return operation_unlock(o);
}

/* A caller is only told that the keyring is in the way if the keyring was examined since the call:
 * not every service signals that it was unlocked. */
static bool operation_must_examine(const Operation *o, int r) {
        return condition_is_of_keyring_state(r) && !o->keyring_examined && o->message;
}

static int operation_examine(Operation *o) {
        if (operation_may_prompt(o))
                return operation_unlock(o);

        o->keyring_examined = true;
        return loader_check(o->world->loader, operation_on_unlocked, o, &o->unlock);
}

/* What has failed, such as a refresh, has found the keyring in the way just now. It is examined
 * again only if the user can be prompted, which what has failed could not do. */
void operation_fail(Operation *o, int r) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        if (operation_must_examine(o, r) && operation_may_prompt(o)) {
                r = operation_examine(o);
                if (r == 0)
                        return;
        }
        operation_fail_with(o, r, &error);
}

int operation_may_diagnose(Operation *o) {
        int r;

        if (o->diagnosing)
                return 0;
        if (oauth_is_over_budget(o->world->oauth))
                return CONDITION_OVER_BUDGET;

        r = sender_take(o->sender, SHARE_DIAGNOSES);
        o->diagnosing = r == 0;
        return r;
}

static int operation_begin_waiting(Operation *o) {
        int64_t left = o->heard_at_ms + DEADLINE_OPERATION_MS - clock_monotonic_ms();
        size_t size;
        int r;

        if (o->deadline)
                return 0;

        size = message_size(o->message, SENDER_BYTES_MAX);
        r = sender_keep(o->sender, size);
        if (r != 0)
                return r;

        o->size = size;
        r = alarm_new(o->world->event, "operation-deadline", operation_on_deadline, o,
                      &o->deadline);
        return r < 0 ? r : alarm_set_after(o->deadline, (uint64_t) MAX_OF(left, 0));
}

static bool operation_is_waiting(const Operation *o) {
        return o->unlock || o->wait || o->sign_out || o->vault_call || o->diagnosis;
}

void operation_work(Operation *o) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        (void) sd_bus_message_rewind(o->message, true);

        o->running = true;
        r = o->fn(o, &error);
        o->running = false;

        if (!o->ended && operation_must_examine(o, r))
                r = operation_examine(o);
        if (!o->ended && r == 0 && operation_is_waiting(o))
                r = operation_begin_waiting(o);

        if (o->ended)
                operation_free(o);
        else if (r != 0)
                operation_fail_with(o, r, &error);
        else
                assert(operation_is_waiting(o));
}

int operation_run(BusContext *context, sd_bus_message *m, OperationFn fn, const char *subject,
                  sd_bus_error *error) {
        Sender *sender = senders_current(context->senders);
        Operation *o;
        int r;

        r = sender_hold(sender);
        if (r != 0)
                return bus_error_set(error, r);

        o = malloc(sizeof(Operation));
        if (!o) {
                sender_release(sender, 0);
                return -ENOMEM;
        }

        *o = (Operation){
                .context = context,
                .world = context->world,
                .message = sd_bus_message_ref(m),
                .sender = sender,
                .heard_at_ms = senders_heard_at_ms(context->senders),
                .fn = fn,
        };
        LIST_INSERT_HEAD(&context->operations, o, entry);

        if (str_replace(&o->subject, subject) < 0)
                operation_fail(o, -ENOMEM);
        else
                operation_work(o);
        return 1;
}

void operations_forget_sender(BusContext *context, const Sender *sender) {
        Operation *o, *next;

        for (o = LIST_FIRST(&context->operations); o; o = next) {
                next = LIST_NEXT(o, entry);
                if (o->sender != sender)
                        continue;

                operation_let_go_of_sender(o);
                o->message = sd_bus_message_unref(o->message);
                if (!o->sign_out && !o->vault_call)
                        operation_free(o);
        }
}

void operations_end(BusContext *context) {
        while (!LIST_EMPTY(&context->operations))
                operation_free(LIST_FIRST(&context->operations));
}
