/* SPDX-License-Identifier: MIT */

/*
 * Everything is an event from the first call on, so Ctrl-C works at any moment:
 *
 *     SignIn ──reply──> GetPrompt ──reply──> shown ──Completed──> end
 *
 * An import has no prompt, and waits for Completed at once.
 *
 * Completed is matched before SignIn is sent, and may come at any time after its reply. A flow has
 * two ends, finish() with success or with failure. Neither exits the event loop, since sd-bus closes
 * its connection when a loop exits, and the caller still needs it.
 */

#include "yadiskctl/sign-in.h"

#include <signal.h>

#include <systemd/sd-event.h>

#include "common/i18n.h"
#include "yadiskctl/browser.h"
#include "yadiskctl/bus.h"
#include "yadiskctl/dict.h"
#include "yadiskctl/prompt.h"

#define CANCELLED_SENTENCE N_("The sign-in was cancelled; run \"yadiskctl login\" to start again.")

typedef struct SignIn {
        sd_bus *bus;
        sd_event *event;
        SignInStyle style;
        sd_bus_slot *completed_slot, *owner_slot, *disconnected_slot, *call_slot;

        char *daemon;  /* the unique name of who answered: nobody else can complete this */
        char *request; /* its object */
        char *account;

        bool finished;
        ExitStatus status;
} SignIn;

typedef struct Result {
        const char *account, *error, *message;
} Result;

static const DictField result_fields[] = {
        { "account", "o", offsetof(Result, account) },
        { "error", "s", offsetof(Result, error) },
        { "message", "s", offsetof(Result, message) },
        {},
};

/* After the end of the code: the daemon is to tell us first. */
#define GRACE_SEC    30
#define USEC_PER_SEC UINT64_C(1000000)

/* A few requests to Yandex, each with its own limit, and the keyring. */
#define IMPORT_MAX_SEC 120

enum {
        RESPONSE_DONE = 0,
        RESPONSE_CANCELLED = 1,
        RESPONSE_FAILED = 2,
};

static void sign_in_done(SignIn *s) {
        sd_bus_slot_unref(s->call_slot);
        sd_bus_slot_unref(s->disconnected_slot);
        sd_bus_slot_unref(s->owner_slot);
        sd_bus_slot_unref(s->completed_slot);
        if (s->event)
                (void) sd_bus_detach_event(s->bus);
        sd_event_unref(s->event);
        free(s->account);
        free(s->request);
        free(s->daemon);
}

static int finish(SignIn *s, ExitStatus status) {
        s->finished = true;
        s->status = status;
        return 0;
}

static ExitStatus explain_failure(const Result *result) {
        sd_bus_error error = SD_BUS_ERROR_MAKE_CONST(result->error, result->message);

        if (!result->error)
                return bus_explain_answer(-EBADMSG);
        return bus_explain(&error);
}

static ExitStatus conclude(SignIn *s, uint32_t response, const Result *result) {
        switch (response) {
        case RESPONSE_DONE:
                if (!result->account)
                        return bus_explain_answer(-EBADMSG);
                if (str_replace(&s->account, result->account) < 0)
                        return fail_errno(-ENOMEM, "note the account");
                return EXIT_STATUS_OK;
        case RESPONSE_CANCELLED:
                return fail(condition_exit_status(CONDITION_CANCELLED), CANCELLED_SENTENCE);
        case RESPONSE_FAILED:
                return explain_failure(result);
        default:
                return bus_explain_answer(-EBADMSG);
        }
}

/* Anybody of this user may send us such a signal. */
static bool is_ours(const SignIn *s, sd_bus_message *m) {
        return streq(sd_bus_message_get_path(m), s->request) &&
               streq(sd_bus_message_get_sender(m), s->daemon);
}

static int on_completed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        SignIn *s = userdata;
        Result result = {};
        uint32_t response;
        int r;

        if (!is_ours(s, m))
                return 0;

        r = sd_bus_message_read(m, "u", &response);
        if (r >= 0)
                r = dict_read(m, result_fields, &result);
        return finish(s, r < 0 ? bus_explain_answer(r) : conclude(s, response, &result));
}

static int fail_lost(SignIn *s) {
        if (s->style.asks_nothing)
                return finish(s, fail(EXIT_STATUS_NO_DAEMON,
                                      "yadisk-tokend went away during the import; run \"yadiskctl "
                                      "status\" to see whether it has the account."));
        return finish(s, fail(EXIT_STATUS_NO_DAEMON,
                              "yadisk-tokend went away during the sign-in; run \"yadiskctl login\" "
                              "to start again."));
}

static int on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        SignIn *s = userdata;
        const char *name, *before, *after;

        /* A match on the name of the bus lets everybody's signals through. */
        if (!streq(sd_bus_message_get_sender(m), "org.freedesktop.DBus"))
                return 0;
        if (sd_bus_message_read(m, "sss", &name, &before, &after) < 0)
                return 0;
        return streq(before, s->daemon) ? fail_lost(s) : 0;
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return fail_lost(userdata);
}

/* The request would end with our connection in any case; this is merely sooner, and polite. */
static void cancel_request(SignIn *s) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        if (!s->request)
                return;
        if (sd_bus_message_new_method_call(s->bus, &m, s->daemon, s->request,
                                           TOKENS_REQUEST_INTERFACE, "Cancel") < 0)
                return;
        (void) sd_bus_message_set_expect_reply(m, false);
        (void) sd_bus_send(s->bus, m, NULL);
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        SignIn *s = userdata;

        if (s->style.asks_nothing) {
                remark("This ends by itself within a minute or two; what Yandex has begun to renew "
                       "would be lost otherwise.");
                return 0;
        }

        cancel_request(s);
        return finish(s, fail(EXIT_STATUS_FAILURE, CANCELLED_SENTENCE));
}

static int on_overdue(sd_event_source *source, uint64_t usec, void *userdata) {
        return finish(userdata, fail(condition_exit_status(CONDITION_EXPIRED), "%s",
                                     _(condition_sentence(CONDITION_EXPIRED))));
}

/* The daemon ends a sign-in when its code does; should we not hear of it, nobody waits for ever. */
static int watch_time(SignIn *s, const Prompt *prompt) {
        uint64_t at = MIN_OF(prompt->expires_at, (uint64_t) UINT32_MAX) + GRACE_SEC;

        if (prompt->expires_at == 0)
                return 0;
        return sd_event_add_time(s->event, NULL, CLOCK_REALTIME, at * USEC_PER_SEC, 0, on_overdue,
                                 s);
}

static int on_silence(sd_event_source *source, uint64_t usec, void *userdata) {
        return finish(userdata,
                      fail(EXIT_STATUS_NO_DAEMON,
                           "yadisk-tokend does not answer; run \"systemctl --user restart "
                           "yadisk-tokend.service\"."));
}

static int await_import(SignIn *s) {
        int r = sd_event_add_time_relative(s->event, NULL, CLOCK_BOOTTIME,
                                           IMPORT_MAX_SEC * USEC_PER_SEC, 0, on_silence, s);

        return r < 0 ? finish(s, fail_errno(r, "set a time limit")) : 0;
}

static int on_prompt(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        SignIn *s = userdata;
        ExitStatus status;
        Prompt prompt;

        s->call_slot = sd_bus_slot_unref(s->call_slot);
        if (sd_bus_message_is_method_error(m, NULL))
                return finish(s, bus_explain(sd_bus_message_get_error(m)));

        status = prompt_read(m, &prompt);
        if (status == EXIT_STATUS_OK)
                status = prompt_show(&prompt, s->style.json);
        if (status != EXIT_STATUS_OK)
                return finish(s, status);

        if (s->style.open_browser && browser_is_near())
                browser_open(prompt.verification_url);
        return watch_time(s, &prompt);
}

static int on_signed_in(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        SignIn *s = userdata;
        const char *path;
        int r;

        s->call_slot = sd_bus_slot_unref(s->call_slot);
        if (sd_bus_message_is_method_error(m, NULL))
                return finish(s, bus_explain(sd_bus_message_get_error(m)));

        r = sd_bus_message_read(m, "o", &path);
        if (r >= 0)
                r = str_replace(&s->request, path);
        if (r >= 0)
                r = str_replace(&s->daemon, sd_bus_message_get_sender(m));
        if (r < 0)
                return finish(s, bus_explain_answer(r));
        if (s->style.asks_nothing)
                return await_import(s);

        r = sd_bus_call_method_async(s->bus, &s->call_slot, s->daemon, path,
                                     TOKENS_REQUEST_INTERFACE, "GetPrompt", on_prompt, s, NULL);
        return r < 0 ? finish(s, fail_errno(r, "make a call")) : 0;
}

static int watch(SignIn *s) {
        int r;

        r = sd_bus_match_signal(s->bus, &s->completed_slot, TOKENS_BUS_NAME, NULL,
                                TOKENS_REQUEST_INTERFACE, "Completed", on_completed, s);
        if (r < 0)
                return r;
        r = sd_bus_add_match(s->bus, &s->owner_slot,
                             "type='signal',sender='org.freedesktop.DBus',"
                             "path='/org/freedesktop/DBus',interface='org.freedesktop.DBus',"
                             "member='NameOwnerChanged',arg0='" TOKENS_BUS_NAME "'",
                             on_owner_changed, s);
        if (r < 0)
                return r;
        return sd_bus_match_signal(s->bus, &s->disconnected_slot, NULL,
                                   "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local",
                                   "Disconnected", on_disconnected, s);
}

static int prepare(SignIn *s) {
        static const int signals[] = { SIGINT, SIGTERM };
        int r;

        r = sd_event_new(&s->event);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(signals); i++) {
                r = sd_event_add_signal(s->event, NULL, signals[i] | SD_EVENT_SIGNAL_PROCMASK,
                                        on_signal, s);
                if (r < 0)
                        return r;
        }
        r = watch(s);
        if (r < 0)
                return r;
        return sd_bus_attach_event(s->bus, s->event, SD_EVENT_PRIORITY_NORMAL);
}

ExitStatus sign_in(sd_bus *bus, sd_bus_message *call, const SignInStyle *style, char **ret) {
        _cleanup_(sign_in_done) SignIn s = { .bus = bus, .style = *style };
        int r;

        r = prepare(&s);
        if (r >= 0)
                r = sd_bus_call_async(bus, &s.call_slot, call, on_signed_in, &s, 0);
        while (r >= 0 && !s.finished)
                r = sd_event_run(s.event, UINT64_MAX);
        if (r < 0)
                return fail_errno(r, "wait for the sign-in");
        if (s.status == EXIT_STATUS_OK)
                *ret = TAKE_PTR(s.account);
        return s.status;
}
