/* SPDX-License-Identifier: MIT */

/*
 * Everything is an event from the first call on, so that Ctrl-C works at any moment:
 *
 *     SignIn ──> GetPrompt ──> shown ─────────────────────────────────> Completed ──> end
 *                                └─> question ──> code ──> refused ─┐
 *                                       ▲───────────────────────────┘
 *
 * An import has no prompt and waits for Completed at once. Completed is matched before SignIn is
 * sent, and may come at any time after its reply. One call to the daemon is under way at a time.
 *
 * The dialog is cleared before anything is said. A sign-in ends with sign_in_finish(), which does
 * not exit the event loop: sd-bus closes its connection when a loop exits, and the caller still
 * needs it.
 */

#include "yadiskctl/sign-in/sign-in.h"

#include <systemd/sd-event.h>

#include "common/i18n.h"
#include "common/names.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/daemon.h"
#include "yadiskctl/daemon/dict.h"
#include "yadiskctl/sign-in/dialog.h"
#include "yadiskctl/sign-in/prompt.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/terminal/terminal.h"

/* How long we wait after the code has expired: the daemon should tell us first. */
#define GRACE_SEC 30

/* A few requests to Yandex, each with its own limit, and the keyring. */
#define IMPORT_MAX_SEC 120

/* The first argument of Completed. */
enum {
        RESPONSE_DONE = 0,
        RESPONSE_CANCELLED = 1,
        RESPONSE_FAILED = 2,
};

/* The second argument of Completed. Strings may be NULL, and live as long as the message. */
typedef struct SignInResult {
        const char *account; /* its path */
        const char *error, *message;
        const char *login; /* of the other user who signed in */
} SignInResult;

typedef struct SignIn {
        sd_bus *bus;
        sd_event *event;
        SignInStyle style;
        Dialog *dialog;
        sd_event_source *deadline;

        sd_bus_slot *completed_slot, *owner_slot, *disconnected_slot;
        sd_bus_slot *call_slot; /* the call that is under way */
        char *daemon;  /* the unique name of who answered: nothing else completes the request */
        char *request; /* its path, after SignIn was answered */

        char *account;
        bool finished;
        ExitStatus status;
} SignIn;

static const DictField result_fields[] = {
        { "account", "o", offsetof(SignInResult, account) },
        { "error", "s", offsetof(SignInResult, error) },
        { "message", "s", offsetof(SignInResult, message) },
        { "login", "s", offsetof(SignInResult, login) },
        {},
};

static void sign_in_done(SignIn *s) {
        dialog_free(s->dialog);
        sd_event_source_disable_unref(s->deadline);
        sd_bus_slot_unref(s->call_slot);
        sd_bus_slot_unref(s->disconnected_slot);
        sd_bus_slot_unref(s->owner_slot);
        sd_bus_slot_unref(s->completed_slot);
        if (s->event)
                (void) sd_bus_detach_event(s->bus);
        sd_event_unref(s->event);
        free(s->daemon);
        free(s->request);
        free(s->account);
}

static void sign_in_finish(SignIn *s, ExitStatus status) {
        s->finished = true;
        s->status = status;
}

static void sign_in_fail_errno(SignIn *s, int r, const char *doing) {
        dialog_clear(s->dialog);
        sign_in_finish(s, fail_errno(r, doing));
}

/* An answer of the daemon cannot be read. */
static void sign_in_fail_garbled(SignIn *s, int r) {
        dialog_clear(s->dialog);
        sign_in_finish(s, bus_explain_answer(r));
}

static void sign_in_fail_cancelled(SignIn *s, ExitStatus status) {
        const char *sentence =
                s->style.asks_nothing
                        ? N_("The import was interrupted; run \"yadiskctl list\" to see whether "
                             "the account is here already, and import it again if it is not.")
                        : N_("The sign-in was cancelled; run \"yadiskctl login\" to start again.");

        dialog_clear(s->dialog);
        sign_in_finish(s, fail(status, "%s", _(sentence)));
}

/* The daemon has gone, or the bus. */
static void sign_in_fail_lost(SignIn *s) {
        const char *sentence =
                s->style.asks_nothing
                        ? N_("yadisk-tokend went away during the import; run \"yadiskctl status\" "
                             "to see whether it has the account.")
                        : N_("yadisk-tokend went away during the sign-in; run \"yadiskctl login\" "
                             "to start again.");

        dialog_clear(s->dialog);
        sign_in_finish(s, fail(EXIT_STATUS_NO_DAEMON, "%s", _(sentence)));
}

static void sign_in_succeed(SignIn *s, const char *account) {
        dialog_clear(s->dialog);
        if (str_replace(&s->account, account) < 0)
                sign_in_fail_errno(s, -ENOMEM, "note the account");
        else
                sign_in_finish(s, EXIT_STATUS_OK);
}

/* Calls of the request, and their answers. */

/* Ends the call. If it failed, the sign-in has, too, and this returns false. */
static bool sign_in_take_answer(SignIn *s, sd_bus_message *m) {
        s->call_slot = sd_bus_slot_unref(s->call_slot);
        if (!sd_bus_message_is_method_error(m, NULL))
                return true;

        dialog_clear(s->dialog);
        sign_in_finish(s, bus_explain(s->bus, sd_bus_message_get_error(m)));
        return false;
}

/* A courtesy: the request would end with our connection in any case. */
static void sign_in_cancel_request(SignIn *s) {
        if (s->request)
                (void) sd_bus_call_method_async(s->bus, NULL, s->daemon, s->request,
                                                TOKENS_REQUEST_INTERFACE, "Cancel", NULL, NULL,
                                                NULL);
}

/* The code that the page shows. */

static void sign_in_ask_code(SignIn *s);

/* The request still waits, but without a terminal there is nothing more to ask. */
static void sign_in_refuse_code(SignIn *s, const char *sentence, ExitStatus status) {
        if (terminal_can_ask()) {
                remark("%s", _(sentence));
                sign_in_ask_code(s);
        } else
                sign_in_finish(s, fail(status, "%s", _(sentence)));
}

/* After these two refusals the request waits for another code. */
static int sign_in_on_submitted(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const sd_bus_error *refusal = sd_bus_message_get_error(m);
        int condition = sd_bus_error_get_errno(refusal);
        SignIn *s = userdata;

        if (!sd_bus_error_has_names(refusal, SD_BUS_ERROR_INVALID_ARGS,
                                    TOKENS_ERROR("AccessDenied"))) {
                (void) sign_in_take_answer(s, m);
                return 0;
        }
        s->call_slot = sd_bus_slot_unref(s->call_slot);
        sign_in_refuse_code(s,
                            str_is_empty(refusal->message) ? condition_sentence(condition)
                                                           : refusal->message,
                            condition_exit_status(condition));
        return 0;
}

static int sign_in_submit_code(SignIn *s, const char *code) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r;

        r = sd_bus_message_new_method_call(s->bus, &call, s->daemon, s->request,
                                           TOKENS_REQUEST_INTERFACE, "SubmitCode");
        if (r >= 0)
                r = sd_bus_message_sensitive(call);
        if (r >= 0)
                r = sd_bus_message_append(call, "s", code);
        if (r >= 0)
                r = sd_bus_call_async(s->bus, &s->call_slot, call, sign_in_on_submitted, s, 0);
        return r;
}

static void sign_in_on_end_of_input(SignIn *s) {
        sign_in_cancel_request(s);
        if (terminal_can_ask())
                return sign_in_fail_cancelled(s, EXIT_STATUS_FAILURE);
        sign_in_finish(s, fail_usage("No code was given; pass it on standard input, as one line."));
}

static void sign_in_on_code(int r, const char *answer, void *userdata) {
        SignIn *s = userdata;
        const char *fault = NULL;

        if (r == -ENODATA)
                return sign_in_on_end_of_input(s);
        if (r == 0 || r == -EMSGSIZE) {
                fault = prompt_find_fault(r == 0 ? answer : NULL);
                r = fault ? 0 : sign_in_submit_code(s, answer);
        }
        dialog_clear(s->dialog);
        if (r < 0)
                sign_in_fail_errno(s, r, "pass on the code");
        else if (fault)
                sign_in_refuse_code(s, fault, EXIT_STATUS_USAGE);
}

static void sign_in_ask_code(SignIn *s) {
        int r;

        r = dialog_ask(s->dialog, _("Code, or the address of the page you were sent to:"),
                       sign_in_on_code, s);
        if (r < 0)
                sign_in_fail_errno(s, r, "ask for the code");
}

/* What the daemon tells. */

/* If another user signed in than the one the account belongs to, the daemon made or renewed the
 * account of the user who came. */
static void sign_in_fail_refused(SignIn *s, const SignInResult *result) {
        sd_bus_error error = SD_BUS_ERROR_MAKE_CONST(result->error, result->message);

        if (!result->error || !result->message)
                sign_in_fail_garbled(s, -EBADMSG);
        else if (result->login && s->style.account_name)
                sign_in_finish(s, fail(EXIT_STATUS_DENIED,
                                       "You signed in as %s, whose own account is here now; \"%s\" "
                                       "still needs a sign-in, by its own user.",
                                       result->login, s->style.account_name));
        else
                sign_in_finish(s, bus_explain(s->bus, &error));
}

static int sign_in_on_completed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        SignIn *s = userdata;
        SignInResult result = {};
        uint32_t response;
        int r;

        /* Every program of this user can send us such a signal. */
        if (!streq(sd_bus_message_get_path(m), s->request) ||
            !streq(sd_bus_message_get_sender(m), s->daemon))
                return 0;

        r = sd_bus_message_read(m, "u", &response);
        if (r >= 0)
                r = dict_read(m, result_fields, &result);
        dialog_clear(s->dialog);
        s->deadline = sd_event_source_disable_unref(s->deadline);
        if (r < 0)
                sign_in_fail_garbled(s, r);
        else if (response == RESPONSE_DONE && result.account)
                sign_in_succeed(s, result.account);
        else if (response == RESPONSE_CANCELLED)
                sign_in_fail_cancelled(s, condition_exit_status(CONDITION_CANCELLED));
        else if (response == RESPONSE_FAILED)
                sign_in_fail_refused(s, &result);
        else
                sign_in_fail_garbled(s, -EBADMSG);
        return 0;
}

static int sign_in_on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *name, *before, *after;
        SignIn *s = userdata;

        /* A match on the name of the bus lets everybody's signals through. */
        if (!streq(sd_bus_message_get_sender(m), DBUS_NAME))
                return 0;
        if (sd_bus_message_read(m, "sss", &name, &before, &after) >= 0 && streq(before, s->daemon))
                sign_in_fail_lost(s);
        return 0;
}

static int sign_in_on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        sign_in_fail_lost(userdata);
        return 0;
}

/* Waiting for the user. */

static int sign_in_on_expired(sd_event_source *source, uint64_t usec, void *userdata) {
        SignIn *s = userdata;

        dialog_clear(s->dialog);
        sign_in_finish(s, fail(condition_exit_status(CONDITION_EXPIRED), "%s",
                               _(condition_sentence(CONDITION_EXPIRED))));
        return 0;
}

/* The daemon ends a sign-in when its code expires. If we do not hear of that, the user must not
 * wait for ever. */
static int sign_in_watch_time(SignIn *s, const Prompt *prompt) {
        uint64_t at = MIN_OF(prompt->expires_at, (uint64_t) UINT32_MAX) + GRACE_SEC;

        if (prompt->expires_at == 0)
                return 0;
        return sd_event_add_time(s->event, &s->deadline, CLOCK_REALTIME, at * USEC_PER_SEC, 0,
                                 sign_in_on_expired, s);
}

static void sign_in_show_prompt(SignIn *s, const Prompt *prompt) {
        ExitStatus status;
        PromptView view;
        int r;

        status = prompt_show(prompt, s->style.json, s->style.picture, &view);
        if (status != EXIT_STATUS_OK)
                return sign_in_finish(s, status);

        if (s->style.open_browser && browser_is_near())
                browser_open(prompt->url);
        r = sign_in_watch_time(s, prompt);
        if (r >= 0 && view.can_count_down)
                r = dialog_count_down(s->dialog, prompt->expires_at, view.is_tight);
        if (r < 0)
                sign_in_fail_errno(s, r, "wait for the sign-in");
        else if (!prompt->user_code)
                sign_in_ask_code(s);
}

static int sign_in_on_prompt(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        SignIn *s = userdata;
        ExitStatus status;
        Prompt prompt;

        if (!sign_in_take_answer(s, m))
                return 0;

        status = prompt_read(m, &prompt);
        if (status == EXIT_STATUS_OK)
                sign_in_show_prompt(s, &prompt);
        else
                sign_in_finish(s, status);
        return 0;
}

static int sign_in_on_silence(sd_event_source *source, uint64_t usec, void *userdata) {
        sign_in_finish(userdata,
                       fail(EXIT_STATUS_NO_DAEMON, "yadisk-tokend does not answer; run \"systemctl "
                                                   "--user restart yadisk-tokend.service\"."));
        return 0;
}

/* The beginning. */

static int sign_in_on_started(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        SignIn *s = userdata;
        const char *request;
        int r;

        if (!sign_in_take_answer(s, m))
                return 0;

        r = sd_bus_message_read(m, "o", &request);
        if (r >= 0)
                r = str_replace(&s->request, request);
        if (r >= 0)
                r = str_replace(&s->daemon, sd_bus_message_get_sender(m));
        if (r < 0) {
                sign_in_fail_garbled(s, r);
                return 0;
        }

        if (s->style.asks_nothing)
                r = sd_event_add_time_relative(s->event, &s->deadline, CLOCK_BOOTTIME,
                                               IMPORT_MAX_SEC * USEC_PER_SEC, 0, sign_in_on_silence,
                                               s);
        else
                r = sd_bus_call_method_async(s->bus, &s->call_slot, s->daemon, s->request,
                                             TOKENS_REQUEST_INTERFACE, "GetPrompt",
                                             sign_in_on_prompt, s, NULL);
        if (r < 0)
                sign_in_fail_errno(s, r, "make a call");
        return 0;
}

static void sign_in_on_interrupt(void *userdata) {
        SignIn *s = userdata;

        sign_in_cancel_request(s);
        sign_in_fail_cancelled(s, EXIT_STATUS_FAILURE);
}

static int sign_in_watch_bus(SignIn *s) {
        int r;

        r = sd_bus_match_signal(s->bus, &s->completed_slot, TOKENS_BUS_NAME, NULL,
                                TOKENS_REQUEST_INTERFACE, "Completed", sign_in_on_completed, s);
        if (r < 0)
                return r;
        r = sd_bus_add_match(s->bus, &s->owner_slot,
                             "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/"
                             "DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged',"
                             "arg0='" TOKENS_BUS_NAME "'",
                             sign_in_on_owner_changed, s);
        if (r < 0)
                return r;
        return sd_bus_match_signal(s->bus, &s->disconnected_slot, NULL,
                                   "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local",
                                   "Disconnected", sign_in_on_disconnected, s);
}

static int sign_in_start(SignIn *s, sd_bus_message *call) {
        int r;

        r = sd_event_new(&s->event);
        if (r >= 0)
                r = dialog_new(s->event, sign_in_on_interrupt, s, &s->dialog);
        if (r >= 0)
                r = sign_in_watch_bus(s);
        if (r >= 0) {
                daemon_meet(s->bus);
                r = sd_bus_call_async(s->bus, &s->call_slot, call, sign_in_on_started, s, 0);
        }
        if (r >= 0)
                r = sd_bus_attach_event(s->bus, s->event, SD_EVENT_PRIORITY_NORMAL);
        return r;
}

ExitStatus sign_in(sd_bus *bus, sd_bus_message *call, const SignInStyle *style, char **ret) {
        _cleanup_(sign_in_done) SignIn s = { .bus = bus, .style = *style };
        int r;

        r = sign_in_start(&s, call);
        while (r >= 0 && !s.finished)
                r = sd_event_run(s.event, UINT64_MAX);
        if (r < 0)
                return fail_errno(r, "wait for the sign-in");
        if (s.status == EXIT_STATUS_OK)
                *ret = TAKE_PTR(s.account);
        return s.status;
}
