/* SPDX-License-Identifier: MIT */

#include "bus/request-private.h"

#include <inttypes.h>
#include <sys/queue.h>

#include "bus/account.h"
#include "bus/error.h"
#include "bus/operation.h"
#include "common/condition.h"
#include "common/format.h"
#include "common/names.h"

#define UNDER_WAY_MAX 16

/* The first argument of Completed. */
enum {
        RESPONSE_DONE = 0,
        RESPONSE_CANCELLED = 1,
        RESPONSE_FAILED = 2,
};

typedef struct Request {
        LIST_ENTRY(Request) entry;
        Requests *all;
        char *path;
        char *creator;        /* its unique name; NULL on a connection without a bus */
        SignIn *sign_in;      /* NULL once completed */
        int result;           /* CONDITION_PENDING until completed */
        const char *sentence; /* static; says more than that of the result; or NULL */
        WaitList waits;       /* for the prompt */
        sd_bus_slot *match;
        sd_bus_slot *lookup;
} Request;

struct Requests {
        Bus *bus;
        LIST_HEAD(, Request) list;
        uint64_t n_made;
        sd_bus_slot *vtable;
};

static Request *request_free(Request *q) {
        if (!q)
                return NULL;

        wait_list_answer(&q->waits, CONDITION_CANCELLED, NULL, NULL);
        sd_bus_slot_unref(q->lookup);
        sd_bus_slot_unref(q->match);
        sign_in_free(q->sign_in);
        free(q->creator);
        free(q->path);
        free(q);
        return NULL;
}

DEFINE_CLEANUP(Request *, request_free)

static void request_remove(Request *q) {
        LIST_REMOVE(q, entry);
        request_free(q);
}

static const char *request_sentence(const Request *q) {
        return q->sentence ?: condition_sentence(q->result);
}

static int append_results(sd_bus_message *m, const Request *q, const Account *account) {
        _cleanup_free_ char *path = NULL;
        int r;

        if (q->result == 0) {
                r = account_path(account, &path);
                return r < 0 ? r : sd_bus_message_append(m, "a{sv}", 1, "account", "o", path);
        }

        return sd_bus_message_append(m, "a{sv}", 2, "error", "s", condition_bus_name(q->result),
                                     "message", "s", request_sentence(q));
}

static uint32_t request_response(const Request *q) {
        if (q->result == 0)
                return RESPONSE_DONE;
        return q->result == CONDITION_CANCELLED ? RESPONSE_CANCELLED : RESPONSE_FAILED;
}

static int send_completed(const Request *q, const Account *account) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        sd_bus *bus = bus_connection(q->all->bus);
        int r;

        r = sd_bus_message_new_signal(bus, &m, q->path, TOKENS_REQUEST_INTERFACE, "Completed");
        if (r < 0)
                return r;
        if (q->creator) {
                r = sd_bus_message_set_destination(m, q->creator);
                if (r < 0)
                        return r;
        }

        r = sd_bus_message_append(m, "u", request_response(q));
        if (r < 0)
                return r;

        r = append_results(m, q, account);
        return r < 0 ? r : sd_bus_send(bus, m, NULL);
}

/* The one end. The object stays, so that its creator can still ask how it ended. */
static void complete(Request *q, const SignInResult *result) {
        q->sign_in = sign_in_free(q->sign_in);
        q->result = result->r;
        q->sentence = result->sentence;
        (void) send_completed(q, result->account);
        wait_list_answer(&q->waits, q->result == 0 ? CONDITION_CANCELLED : q->result, NULL, NULL);
}

static void cancel(Request *q) {
        if (q->sign_in)
                complete(q, &(SignInResult){ .r = CONDITION_CANCELLED });
}

static void on_end(const SignInResult *result, void *userdata) {
        complete(userdata, result);
}

static void on_prompt(void *userdata) {
        Request *q = userdata;

        wait_list_answer(&q->waits, 0, NULL, NULL);
}

static const SignInEvents sign_in_events = {
        .on_prompt = on_prompt,
        .on_end = on_end,
};

static int on_creator_gone(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *name, *before, *after;
        Request *q = userdata;

        /* A match on the name of the bus lets everybody's signals through. */
        if (!streq(sd_bus_message_get_sender(m), "org.freedesktop.DBus"))
                return 0;
        if (sd_bus_message_read(m, "sss", &name, &before, &after) > 0 && str_is_empty(after))
                request_remove(q);
        return 0;
}

static int on_creator_looked_up(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Request *q = userdata;
        int has_owner;

        q->lookup = sd_bus_slot_unref(q->lookup);
        if (sd_bus_message_is_method_error(m, NULL))
                return 0;
        if (sd_bus_message_read(m, "b", &has_owner) > 0 && !has_owner)
                request_remove(q);
        return 0;
}

/* It may have gone before we began to watch: then nothing would tell us. sd_bus_track would, but asks
 * the bus and waits for the answer. */
static int on_watching(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Request *q = userdata;

        return MIN_OF(sd_bus_call_method_async(sd_bus_message_get_bus(m), &q->lookup,
                                               "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                               "org.freedesktop.DBus", "NameHasOwner",
                                               on_creator_looked_up, q, "s", q->creator),
                      0);
}

static int watch_creator(Request *q) {
        _cleanup_free_ char *rule = NULL;
        int r;

        if (!q->creator)
                return 0;

        r = str_format(&rule,
                       "type='signal',sender='org.freedesktop.DBus',"
                       "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='%s'",
                       q->creator);
        if (r < 0)
                return r;

        return MIN_OF(sd_bus_add_match_async(bus_connection(q->all->bus), &q->match, rule,
                                             on_creator_gone, on_watching, q),
                      0);
}

/* What has completed is kept for its creator until it begins something new. */
static unsigned forget_completed(Requests *all, const char *creator) {
        Request *q, *next;
        unsigned n = 0;

        for (q = LIST_FIRST(&all->list); q; q = next) {
                next = LIST_NEXT(q, entry);
                if (q->sign_in)
                        n++;
                else if (streq(q->creator, creator))
                        request_remove(q);
        }
        return n;
}

int requests_add(Requests *all, sd_bus_message *call, const SignInOptions *options,
                 const char **ret_path) {
        _cleanup_(request_freep) Request *q = NULL;
        const char *creator = sd_bus_message_get_sender(call);
        int r;

        if (forget_completed(all, creator) >= UNDER_WAY_MAX)
                return CONDITION_LIMITS_EXCEEDED;

        q = malloc(sizeof(Request));
        if (!q)
                return -ENOMEM;

        *q = (Request){
                .all = all,
                .result = CONDITION_PENDING,
                .waits = TAILQ_HEAD_INITIALIZER(q->waits),
        };
        r = str_format(&q->path, TOKENS_REQUEST_PATH "/%" PRIu64, ++all->n_made);
        if (r == 0)
                r = str_replace(&q->creator, creator);
        if (r == 0)
                r = watch_creator(q);
        if (r == 0)
                r = sign_in_start(bus_keeper(all->bus), options, &sign_in_events, q, &q->sign_in);
        if (r != 0)
                return r;

        *ret_path = q->path;
        LIST_INSERT_HEAD(&all->list, q, entry);
        TAKE_PTR(q);
        return 0;
}

Bus *requests_bus(const Requests *all) {
        return all->bus;
}

static int request_find(sd_bus *bus, const char *path, const char *interface, void *userdata,
                        void **ret_found, sd_bus_error *error) {
        Requests *all = userdata;
        Request *q;

        LIST_FOREACH(q, &all->list, entry)
                if (streq(q->path, path)) {
                        *ret_found = q;
                        return 1;
                }
        return 0;
}

static int check_creator(const Request *q, sd_bus_message *m, sd_bus_error *error) {
        if (!q->creator || streq(q->creator, sd_bus_message_get_sender(m)))
                return 0;

        return bus_error_setf(error, CONDITION_ACCESS_DENIED,
                              "This sign-in belongs to another program; start one of your own.");
}

static int reply_prompt(Operation *o, const SignInPrompt *prompt) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(operation_message(o), &reply);
        if (r < 0)
                return r;

        r = sd_bus_message_append(reply, "a{sv}", 4,                                 /* */
                                  "verification_url", "s", prompt->verification_url, /* */
                                  "user_code", "s", prompt->user_code,               /* */
                                  "expires_at", "t", (uint64_t) prompt->expires_at,  /* */
                                  "interval", "u", (uint32_t) prompt->interval);
        if (r < 0)
                return r;

        operation_reply(o, reply);
        return 0;
}

static Request *find_subject(Operation *o) {
        Requests *all = operation_context(o);
        Request *q;

        LIST_FOREACH(q, &all->list, entry)
                if (streq(q->path, operation_subject(o)))
                        return q;
        return NULL;
}

static void on_prompt_there(int r, Grant *grant, void *userdata) {
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

        if (!q)
                return CONDITION_CANCELLED;
        if (!q->sign_in && q->result == 0)
                return CONDITION_CANCELLED;
        if (!q->sign_in)
                return bus_error_setf(error, q->result, "%s", request_sentence(q));

        prompt = sign_in_prompt(q->sign_in);
        if (prompt)
                return reply_prompt(o, prompt);

        return wait_new(&q->waits, false, on_prompt_there, o, operation_wait(o));
}

static int method_get_prompt(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Request *q = userdata;
        Bus *b = q->all->bus;
        OperationStart what = { .fn = do_get_prompt, .subject = q->path, .context = q->all };
        int r;

        r = check_creator(q, m, error);
        if (r < 0)
                return r;

        return operation_run(bus_operations(b), bus_keeper(b), m, &what, error);
}

static int method_submit_code(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        int r;

        r = check_creator(userdata, m, error);
        if (r < 0)
                return r;

        return bus_error_setf(
                error, CONDITION_INVALID_ARGS,
                "This sign-in takes no code; enter the one it shows on Yandex's page.");
}

static int method_cancel(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Request *q = userdata;
        int r;

        r = check_creator(q, m, error);
        if (r < 0)
                return r;

        cancel(q);
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
        SD_BUS_METHOD_WITH_ARGS("Cancel", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_cancel,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("Completed", SD_BUS_ARGS("u", response, "a{sv}", results), 0),
        SD_BUS_VTABLE_END,
};

int requests_new(Bus *b, Requests **ret) {
        _cleanup_(requests_freep) Requests *all = NULL;
        int r;

        all = malloc(sizeof(Requests));
        if (!all)
                return -ENOMEM;

        *all = (Requests){
                .bus = b,
                .list = LIST_HEAD_INITIALIZER(all->list),
        };

        r = sd_bus_add_fallback_vtable(bus_connection(b), &all->vtable, TOKENS_REQUEST_PATH,
                                       TOKENS_REQUEST_INTERFACE, request_vtable, request_find, all);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(all);
        return 0;
}

Requests *requests_free(Requests *all) {
        Request *q;

        if (!all)
                return NULL;

        while ((q = LIST_FIRST(&all->list))) {
                cancel(q);
                request_remove(q);
        }
        sd_bus_slot_unref(all->vtable);
        free(all);
        return NULL;
}
