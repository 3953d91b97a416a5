/* SPDX-License-Identifier: MIT */

#include "bus/request-private.h"

#include <inttypes.h>

#include "bus/account.h"
#include "common/condition.h"
#include "common/format.h"
#include "common/names.h"
#include "keeper/sign-in/trial.h"

#define UNDER_WAY_MAX 16

/* The first argument of Completed. */
enum {
        RESPONSE_DONE = 0,
        RESPONSE_CANCELLED = 1,
        RESPONSE_FAILED = 2,
};

static Request *request_free(Request *q) {
        if (!q)
                return NULL;

        wait_list_answer(&q->waits, CONDITION_CANCELLED);
        creator_free(q->creator);
        sign_in_free(q->sign_in);
        free(q->kept);
        free(q->path);
        free(q);
        return NULL;
}

DEFINE_CLEANUP(Request *, request_free)

static void request_remove(Request *q) {
        LIST_REMOVE(q, entry);
        request_free(q);
}

const char *request_sentence(const Request *q) {
        return q->sentence ?: condition_sentence(q->result);
}

static int append_entry(sd_bus_message *m, const char *key, const char *type, const char *value) {
        return value ? sd_bus_message_append(m, "{sv}", key, type, value) : 0;
}

static int append_results(sd_bus_message *m, const Request *q, const SignInResult *result) {
        _cleanup_free_ char *path = NULL;
        int r = 0;

        if (result->account)
                r = account_path(result->account, &path);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0)
                r = append_entry(m, "account", "o", path);
        if (r >= 0 && q->result != 0)
                r = append_entry(m, "error", "s", condition_bus_name(q->result));
        if (r >= 0 && q->result != 0)
                r = append_entry(m, "message", "s", request_sentence(q));
        if (r >= 0)
                r = append_entry(m, "login", "s", result->login);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static uint32_t request_response(const Request *q) {
        if (q->result == 0)
                return RESPONSE_DONE;
        return q->result == CONDITION_CANCELLED ? RESPONSE_CANCELLED : RESPONSE_FAILED;
}

static int send_completed(const Request *q, const SignInResult *result) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        sd_bus *bus = bus_connection(q->all->bus);
        int r;

        r = sd_bus_message_new_signal(bus, &m, q->path, TOKENS_REQUEST_INTERFACE, "Completed");
        if (r < 0)
                return r;
        if (creator_name(q->creator)) {
                r = sd_bus_message_set_destination(m, creator_name(q->creator));
                if (r < 0)
                        return r;
        }

        r = sd_bus_message_append(m, "u", request_response(q));
        if (r < 0)
                return r;

        r = append_results(m, q, result);
        return r < 0 ? r : sd_bus_send(bus, m, NULL);
}

/* The one end. The object stays, so that its creator can still ask how it ended, and decide what becomes of
 * what somebody else was granted. */
static void complete(Request *q, const SignInResult *result) {
        if (!result->login)
                q->sign_in = sign_in_free(q->sign_in);
        q->result = result->r;
        q->sentence = result->sentence;
        (void) send_completed(q, result);
        wait_list_answer(&q->waits, q->result == 0 ? CONDITION_CANCELLED : q->result);
}

void request_cancel(Request *q) {
        if (q->result == CONDITION_PENDING)
                complete(q, &(SignInResult){ .r = CONDITION_CANCELLED });
}

static void on_end(const SignInResult *result, void *userdata) {
        complete(userdata, result);
}

static void on_prompt(void *userdata) {
        Request *q = userdata;

        wait_list_answer(&q->waits, 0);
}

static const SignInEvents sign_in_events = {
        .on_prompt = on_prompt,
        .on_end = on_end,
};

static void on_creator_gone(void *userdata) {
        request_remove(userdata);
}

/* What has completed is kept for its creator until it begins something new. */
static unsigned forget_completed(Requests *all, const char *creator) {
        Request *q, *next;
        unsigned n = 0;

        for (q = LIST_FIRST(&all->list); q; q = next) {
                next = LIST_NEXT(q, entry);
                if (q->result == CONDITION_PENDING)
                        n++;
                else if (streq(creator_name(q->creator), creator))
                        request_remove(q);
        }
        return n;
}

int requests_add(Requests *all, sd_bus_message *call, const SignInOptions *options,
                 const char **ret_path) {
        _cleanup_(request_freep) Request *q = NULL;
        const char *creator = sd_bus_message_get_sender(call);
        int r;

        /* An import that was left in the middle is under way as well. */
        if (forget_completed(all, creator) + trials_count(bus_world(all->bus)->trials) >=
            UNDER_WAY_MAX)
                return CONDITION_LIMITS_EXCEEDED;

        q = malloc(sizeof(Request));
        if (!q)
                return -ENOMEM;

        *q = (Request){
                .all = all,
                .flow = options->flow,
                .result = CONDITION_PENDING,
                .waits = TAILQ_HEAD_INITIALIZER(q->waits),
        };
        r = str_format(&q->path, TOKENS_REQUEST_PATH "/%" PRIu64, ++all->n_made);
        if (r == 0)
                r = creator_new(bus_connection(all->bus), creator, on_creator_gone, q, &q->creator);
        if (r == 0)
                r = sign_in_start(bus_world(all->bus), options, &sign_in_events, q, &q->sign_in);
        if (r != 0)
                return r;

        *ret_path = q->path;
        LIST_INSERT_HEAD(&all->list, q, entry);
        TAKE_PTR(q);
        return 0;
}

Request *request_at(const Requests *all, const char *path) {
        Request *q;

        LIST_FOREACH(q, &all->list, entry)
                if (streq(q->path, path))
                        return q;
        return NULL;
}

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

        r = requests_register(all);
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
                request_cancel(q);
                request_remove(q);
        }
        sd_bus_slot_unref(all->vtable);
        free(all);
        return NULL;
}
