/* SPDX-License-Identifier: MIT */

/* What the creator of a request may call. */

#include "bus/account.h"
#include "bus/error.h"
#include "bus/operation.h"
#include "bus/request-private.h"
#include "common/condition.h"
#include "common/i18n.h"
#include "common/names.h"

static int request_find(sd_bus *bus, const char *path, const char *interface, void *userdata,
                        void **ret_found, sd_bus_error *error) {
        *ret_found = request_at(userdata, path);

        return *ret_found != NULL;
}

static int check_creator(const Request *q, sd_bus_message *m, sd_bus_error *error) {
        if (creator_is_sender(q->creator, m))
                return 0;

        return bus_error_setf(
                error, CONDITION_ACCESS_DENIED,
                N_("This sign-in belongs to another program; start one of your own."));
}

static int append_device_prompt(sd_bus_message *m, const SignInPrompt *prompt) {
        return sd_bus_message_append(m, "a{sv}", 4,                                     /* */
                                     "verification_url", "s", prompt->verification_url, /* */
                                     "user_code", "s", prompt->user_code,               /* */
                                     "expires_at", "t", (uint64_t) prompt->expires_at,  /* */
                                     "interval", "u", (uint32_t) prompt->interval);
}

static int append_code_prompt(sd_bus_message *m, const SignInPrompt *prompt) {
        return sd_bus_message_append(m, "a{sv}", 2,                                       /* */
                                     "authorization_url", "s", prompt->authorization_url, /* */
                                     "expires_at", "t", (uint64_t) prompt->expires_at);
}

static int reply_prompt(Operation *o, const SignInPrompt *prompt) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(operation_message(o), &reply);
        if (r < 0)
                return r;

        r = prompt->authorization_url ? append_code_prompt(reply, prompt)
                                      : append_device_prompt(reply, prompt);
        if (r < 0)
                return r;

        operation_reply(o, reply);
        return 0;
}

static Request *find_subject(Operation *o) {
        return request_at(operation_context(o), operation_subject(o));
}

static void on_prompt_there(int r, void *userdata) {
        Operation *o = userdata;
        Wait **wait = operation_wait(o);
        Request *q = find_subject(o);

        *wait = wait_free(*wait);
        if (r == 0)
                r = q ? reply_prompt(o, sign_in_prompt(q->sign_in)) : CONDITION_CANCELLED;
        if (r != 0)
                operation_fail(o, r);
}

static int do_get_prompt(Operation *o, sd_bus_error *error) {
        Request *q = find_subject(o);
        const SignInPrompt *prompt;

        if (!q || q->result == 0)
                return CONDITION_CANCELLED;
        if (q->result != CONDITION_PENDING)
                return bus_error_setf(error, q->result, "%s", request_sentence(q));
        if (q->flow == SIGN_IN_IMPORT)
                return bus_error_setf(
                        error, CONDITION_INVALID_ARGS,
                        N_("An import asks nothing of the user; wait for Completed."));

        prompt = sign_in_prompt(q->sign_in);
        if (prompt)
                return reply_prompt(o, prompt);

        return wait_new(&q->waits, on_prompt_there, o, operation_wait(o));
}

static int run_for_creator(Request *q, sd_bus_message *m, OperationFn fn, sd_bus_error *error) {
        OperationStart what = { .fn = fn, .subject = q->path, .context = q->all };
        Bus *b = q->all->bus;
        int r;

        r = check_creator(q, m, error);
        if (r < 0)
                return r;

        return operation_run(bus_operations(b), bus_world(b), m, &what, error);
}

static int method_get_prompt(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return run_for_creator(userdata, m, do_get_prompt, error);
}

static int method_submit_code(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *code, *sentence;
        Request *q = userdata;
        int r;

        r = check_creator(q, m, error);
        if (r < 0)
                return r;
        if (q->result != CONDITION_PENDING)
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      N_("This sign-in has ended; start another one."));

        r = sd_bus_message_read(m, "s", &code);
        if (r < 0)
                return r;

        r = sign_in_submit(q->sign_in, code, &sentence);
        if (r > 0)
                return bus_error_setf(error, r, "%s", sentence);
        return r < 0 ? r : sd_bus_reply_method_return(m, NULL);
}

static int reply_kept(Operation *o) {
        const Request *q = find_subject(o);

        return q && q->kept ? operation_reply_path(o, q->kept) : CONDITION_CANCELLED;
}

/* The grant is in the keyring, or on its way. */
static void on_kept(int r, void *userdata) {
        Operation *o = userdata;
        Wait **wait = operation_wait(o);

        *wait = wait_free(*wait);
        if (r != CONDITION_CANCELLED)
                r = reply_kept(o);
        if (r != 0)
                operation_fail(o, r);
}

static int do_keep_as_new(Operation *o, sd_bus_error *error) {
        Request *q = find_subject(o);
        Account *account;
        int r;

        if (!q)
                return CONDITION_CANCELLED;
        if (!q->sign_in || q->result == CONDITION_PENDING)
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      N_("There is nothing to keep: nobody else has signed in."));

        r = operation_require_keyring(o);
        if (r <= 0)
                return r;

        r = sign_in_keep_as_new(q->sign_in, &account);
        if (r == CONDITION_INVALID_ARGS)
                return bus_error_setf(error, r,
                                      N_("What was granted is kept already; there is nothing more "
                                         "to do."));
        if (r == 0)
                r = account_path(account, &q->kept);
        if (r != 0)
                return r;

        /* That it cannot be used now does not undo that it is ours. */
        r = account_get_token(account, &(TokenQuery){}, on_kept, o, operation_wait(o));
        return r == 0 && *operation_wait(o) ? 0 : reply_kept(o);
}

static int method_keep_as_new(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return run_for_creator(userdata, m, do_keep_as_new, error);
}

static int method_cancel(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Request *q = userdata;
        int r;

        r = check_creator(q, m, error);
        if (r < 0)
                return r;

        request_cancel(q);
        return sd_bus_reply_method_return(m, NULL);
}

static const sd_bus_vtable request_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("GetPrompt", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sv}", prompt),
                                method_get_prompt,
                                SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
        SD_BUS_METHOD_WITH_ARGS("SubmitCode", SD_BUS_ARGS("s", code), SD_BUS_NO_RESULT,
                                method_submit_code,
                                SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
        SD_BUS_METHOD_WITH_ARGS("KeepAsNew", SD_BUS_NO_ARGS, SD_BUS_RESULT("o", account),
                                method_keep_as_new, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Cancel", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_cancel,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("Completed", SD_BUS_ARGS("u", response, "a{sv}", results), 0),
        SD_BUS_VTABLE_END,
};

int requests_register(Requests *all) {
        return MIN_OF(sd_bus_add_fallback_vtable(bus_connection(all->bus), &all->vtable,
                                                 TOKENS_REQUEST_PATH, TOKENS_REQUEST_INTERFACE,
                                                 request_vtable, request_find, all),
                      0);
}
