/* SPDX-License-Identifier: MIT */

/*
 * Everything is an event from the first call on, so Ctrl-C works at any moment:
 *
 *     started ──> prompt ──> shown ──────────────────────────────────> completed ──> end
 *                              └─> question ──> code ──> refused ─┐        └─> question ──> kept
 *                                     ▲───────────────────────────┘
 *
 * An import has no prompt, and waits for its completion at once.
 *
 * What is on the stage is the line that tells the time or a question; it is left before anything is
 * said. A flow has two ends, finish() with success or with failure. Neither exits the event loop, since
 * sd-bus closes its connection when a loop exits, and the caller still needs it.
 */

#include "yadiskctl/sign-in/sign-in.h"

#include <systemd/sd-event.h>

#include "common/i18n.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/sign-in/browser.h"
#include "yadiskctl/sign-in/prompt.h"
#include "yadiskctl/sign-in/request.h"
#include "yadiskctl/sign-in/stage.h"
#include "yadiskctl/sign-in/stranger.h"
#include "yadiskctl/terminal/terminal.h"

/* After the end of the code: the daemon is to tell us first. */
#define GRACE_SEC    30
#define USEC_PER_SEC UINT64_C(1000000)

/* A few requests to Yandex, each with its own limit, and the keyring. */
#define IMPORT_MAX_SEC 120

typedef struct SignIn {
        sd_bus *bus;
        sd_event *event;
        SignInStyle style;
        Request *request;
        sd_event_source *deadline;

        Stage stage;

        char *refusal; /* why a sign-in of somebody else does not count */
        char *account;
        bool finished;
        ExitStatus status;
} SignIn;

static void sign_in_done(SignIn *s) {
        stage_done(&s->stage);
        sd_event_source_disable_unref(s->deadline);
        request_free(s->request);
        if (s->event)
                (void) sd_bus_detach_event(s->bus);
        sd_event_unref(s->event);
        free(s->refusal);
        free(s->account);
}

static void finish(SignIn *s, ExitStatus status) {
        s->finished = true;
        s->status = status;
}

static void finish_failed(SignIn *s, int r, const char *doing) {
        stage_leave(&s->stage);
        finish(s, fail_errno(r, doing));
}

static void finish_cancelled(SignIn *s, ExitStatus status) {
        stage_leave(&s->stage);
        if (s->style.asks_nothing)
                finish(s,
                       fail(status, "The import was interrupted; run \"yadiskctl list\" to see "
                                    "whether the account is here already, and import it again if "
                                    "it is not."));
        else
                finish(s,
                       fail(status, "The sign-in was cancelled; run \"yadiskctl login\" to start "
                                    "again."));
}

static void finish_with(SignIn *s, const char *account) {
        stage_leave(&s->stage);
        if (str_replace(&s->account, account) < 0)
                finish_failed(s, -ENOMEM, "note the account");
        else
                finish(s, EXIT_STATUS_OK);
}

static void on_failed(const sd_bus_error *error, void *userdata) {
        SignIn *s = userdata;

        stage_leave(&s->stage);
        finish(s, bus_explain(s->bus, error));
}

static void on_garbled(int r, void *userdata) {
        SignIn *s = userdata;

        stage_leave(&s->stage);
        finish(s, bus_explain_answer(r));
}

static void on_lost(void *userdata) {
        SignIn *s = userdata;

        stage_leave(&s->stage);
        if (s->style.asks_nothing)
                finish(s, fail(EXIT_STATUS_NO_DAEMON,
                               "yadisk-tokend went away during the import; run \"yadiskctl "
                               "status\" to see whether it has the account."));
        else
                finish(s, fail(EXIT_STATUS_NO_DAEMON,
                               "yadisk-tokend went away during the sign-in; run \"yadiskctl "
                               "login\" to start again."));
}

/* The code that the page shows. */

static void ask_code(SignIn *s);

/* The request still waits. Nobody can be asked again where there is no terminal. */
static void refuse_code(SignIn *s, const char *sentence, ExitStatus status) {
        if (terminal_can_ask()) {
                remark("%s", _(sentence));
                ask_code(s);
        } else
                finish(s, fail(status, "%s", _(sentence)));
}

static void on_code_refused(const sd_bus_error *error, void *userdata) {
        int condition = sd_bus_error_get_errno(error);

        refuse_code(userdata,
                    str_is_empty(error->message) ? condition_sentence(condition) : error->message,
                    condition_exit_status(condition));
}

static void on_end_of_input(SignIn *s) {
        request_cancel(s->request);
        if (terminal_can_ask())
                return finish_cancelled(s, EXIT_STATUS_FAILURE);
        finish(s, fail(EXIT_STATUS_USAGE,
                       "No code was given; pass it on standard input, as one line."));
}

static void on_code(int r, const char *answer, void *userdata) {
        SignIn *s = userdata;
        const char *fault = NULL;

        if (r == -ENODATA)
                return on_end_of_input(s);
        if (r == 0 || r == -EMSGSIZE) {
                fault = prompt_find_fault(r == 0 ? answer : NULL);
                r = fault ? 0 : request_submit_code(s->request, answer);
        }
        stage_leave(&s->stage);
        if (r < 0)
                finish_failed(s, r, "pass on the code");
        else if (fault)
                refuse_code(s, fault, EXIT_STATUS_USAGE);
}

static void ask_code(SignIn *s) {
        int r;

        r = stage_ask(&s->stage, _("Code, or the address of the page you were sent to:"), on_code,
                      s);
        if (r < 0)
                finish_failed(s, r, "ask for the code");
}

/* Somebody else than the account belongs to. */

static void on_keep_or_not(int r, const char *answer, void *userdata) {
        SignIn *s = userdata;
        bool keep = r == 0 && answer_is_yes(answer);

        stage_leave(&s->stage);
        if (!keep)
                return finish(s, fail(EXIT_STATUS_DENIED, "%s", _(s->refusal)));

        r = request_keep_as_new(s->request);
        if (r < 0)
                finish_failed(s, r, "make a call");
}

static void on_kept(const char *account, void *userdata) {
        finish_with(userdata, account);
}

static void on_stranger(SignIn *s, const RequestResult *result) {
        const char *account = s->style.account_name;
        char text[STRANGER_QUESTION_MAX_BYTES];
        int r;

        if (result->account)
                return finish(s, stranger_explain_renewed(result->login, account));
        if (!terminal_can_ask())
                return finish(s, fail(EXIT_STATUS_DENIED, "%s", _(result->message)));

        if (!s->style.json)
                say_gap();
        (void) output_flush();
        r = str_replace(&s->refusal, result->message);
        if (r >= 0)
                r = stage_ask(
                        &s->stage,
                        stranger_question(result->login, account, s->style.account_login, text),
                        on_keep_or_not, s);
        if (r < 0)
                finish_failed(s, r, "ask at the terminal");
}

/* The way of the request. */

static void on_refused(SignIn *s, const RequestResult *result) {
        sd_bus_error error = SD_BUS_ERROR_MAKE_CONST(result->error, result->message);

        if (!result->error || !result->message)
                return on_garbled(-EBADMSG, s);
        if (result->login && s->style.account_name)
                return on_stranger(s, result);
        on_failed(&error, s);
}

static void on_completed(uint32_t response, const RequestResult *result, void *userdata) {
        SignIn *s = userdata;

        stage_leave(&s->stage);
        s->deadline = sd_event_source_disable_unref(s->deadline);
        if (response == REQUEST_DONE && result->account)
                finish_with(s, result->account);
        else if (response == REQUEST_CANCELLED)
                finish_cancelled(s, condition_exit_status(CONDITION_CANCELLED));
        else if (response == REQUEST_FAILED)
                on_refused(s, result);
        else
                on_garbled(-EBADMSG, s);
}

static int on_overdue(sd_event_source *source, uint64_t usec, void *userdata) {
        SignIn *s = userdata;

        stage_leave(&s->stage);
        finish(s, fail(condition_exit_status(CONDITION_EXPIRED), "%s",
                       _(condition_sentence(CONDITION_EXPIRED))));
        return 0;
}

/* The daemon ends a sign-in when its code does; should we not hear of it, nobody waits for ever. */
static int watch_time(SignIn *s, const Prompt *prompt) {
        uint64_t at = MIN_OF(prompt->expires_at, (uint64_t) UINT32_MAX) + GRACE_SEC;

        if (prompt->expires_at == 0)
                return 0;
        return sd_event_add_time(s->event, &s->deadline, CLOCK_REALTIME, at * USEC_PER_SEC, 0,
                                 on_overdue, s);
}

static void on_prompt(sd_bus_message *m, void *userdata) {
        SignIn *s = userdata;
        PromptStyle style = { .json = s->style.json, .picture = s->style.picture };
        ExitStatus status;
        Prompt prompt;
        Window window;
        bool tight;
        int r;

        window_look(&window);
        style.live = window.can_redraw && !style.json;
        status = prompt_read(m, &prompt);
        if (status == EXIT_STATUS_OK)
                status = prompt_show(&prompt, &style, &tight);
        if (status != EXIT_STATUS_OK)
                return finish(s, status);

        if (s->style.open_browser && browser_is_near())
                browser_open(prompt.url);
        r = watch_time(s, &prompt);
        if (r >= 0 && prompt.user_code && style.live)
                r = stage_show_time(&s->stage, prompt.expires_at, tight);
        if (r < 0)
                finish_failed(s, r, "wait for the sign-in");
        else if (!prompt.user_code)
                ask_code(s);
}

static int on_silence(sd_event_source *source, uint64_t usec, void *userdata) {
        finish(userdata, fail(EXIT_STATUS_NO_DAEMON,
                              "yadisk-tokend does not answer; run \"systemctl --user restart "
                              "yadisk-tokend.service\"."));
        return 0;
}

static int await_import(SignIn *s) {
        return sd_event_add_time_relative(s->event, &s->deadline, CLOCK_BOOTTIME,
                                          IMPORT_MAX_SEC * USEC_PER_SEC, 0, on_silence, s);
}

static void on_started(void *userdata) {
        SignIn *s = userdata;
        int r;

        r = s->style.asks_nothing ? await_import(s) : request_get_prompt(s->request);
        if (r < 0)
                finish_failed(s, r, "make a call");
}

static const RequestEvents request_events = {
        .on_started = on_started,
        .on_prompt = on_prompt,
        .on_code_refused = on_code_refused,
        .on_completed = on_completed,
        .on_kept = on_kept,
        .on_failed = on_failed,
        .on_garbled = on_garbled,
        .on_lost = on_lost,
};

static void on_interrupt(void *userdata) {
        SignIn *s = userdata;

        request_cancel(s->request);
        finish_cancelled(s, EXIT_STATUS_FAILURE);
}

static int start(SignIn *s, sd_bus_message *call) {
        int r;

        r = sd_event_new(&s->event);
        if (r >= 0)
                r = stage_init(&s->stage, s->event, on_interrupt, s);
        if (r >= 0)
                r = request_new(s->bus, call, &request_events, s, &s->request);
        if (r >= 0)
                r = sd_bus_attach_event(s->bus, s->event, SD_EVENT_PRIORITY_NORMAL);
        return r;
}

ExitStatus sign_in(sd_bus *bus, sd_bus_message *call, const SignInStyle *style, char **ret) {
        _cleanup_(sign_in_done) SignIn s = { .bus = bus, .style = *style };
        int r;

        r = start(&s, call);
        while (r >= 0 && !s.finished)
                r = sd_event_run(s.event, UINT64_MAX);
        if (r < 0)
                return fail_errno(r, "wait for the sign-in");
        if (s.status == EXIT_STATUS_OK)
                *ret = TAKE_PTR(s.account);
        return s.status;
}
