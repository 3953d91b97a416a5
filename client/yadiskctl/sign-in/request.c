/* SPDX-License-Identifier: MIT */

/*
 *     SignIn ──reply──> started ──Completed──> end
 *
 * Completed is matched before SignIn is sent, and may come at any time after its reply. There is one
 * call of ours at a time, in call_slot.
 */

#include "yadiskctl/sign-in/request.h"

#include "common/names.h"
#include "yadiskctl/daemon/dict.h"

struct Request {
        sd_bus *bus;
        const RequestEvents *events;
        void *userdata;
        sd_bus_slot *completed_slot, *owner_slot, *disconnected_slot, *call_slot;

        char *daemon; /* the unique name of who answered: nobody else can complete this */
        char *path;
};

static const DictField result_fields[] = {
        { "account", "o", offsetof(RequestResult, account) },
        { "error", "s", offsetof(RequestResult, error) },
        { "message", "s", offsetof(RequestResult, message) },
        { "login", "s", offsetof(RequestResult, login) },
        {},
};

/* Anybody of this user may send us such a signal. */
static bool is_ours(const Request *q, sd_bus_message *m) {
        return streq(sd_bus_message_get_path(m), q->path) &&
               streq(sd_bus_message_get_sender(m), q->daemon);
}

static int on_completed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Request *q = userdata;
        RequestResult result = {};
        uint32_t response;
        int r;

        if (!is_ours(q, m))
                return 0;

        r = sd_bus_message_read(m, "u", &response);
        if (r >= 0)
                r = dict_read(m, result_fields, &result);
        if (r < 0)
                q->events->on_garbled(r, q->userdata);
        else
                q->events->on_completed(response, &result, q->userdata);
        return 0;
}

static int on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *name, *before, *after;
        Request *q = userdata;

        /* A match on the name of the bus lets everybody's signals through. */
        if (!streq(sd_bus_message_get_sender(m), "org.freedesktop.DBus"))
                return 0;
        if (sd_bus_message_read(m, "sss", &name, &before, &after) >= 0 && streq(before, q->daemon))
                q->events->on_lost(q->userdata);
        return 0;
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Request *q = userdata;

        q->events->on_lost(q->userdata);
        return 0;
}

/* Ends the call. False where it has failed, which has been told. */
static bool take_answer(Request *q, sd_bus_message *m) {
        q->call_slot = sd_bus_slot_unref(q->call_slot);
        if (!sd_bus_message_is_method_error(m, NULL))
                return true;

        q->events->on_failed(sd_bus_message_get_error(m), q->userdata);
        return false;
}

static int on_signed_in(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Request *q = userdata;
        const char *path;
        int r;

        if (!take_answer(q, m))
                return 0;

        r = sd_bus_message_read(m, "o", &path);
        if (r >= 0)
                r = str_replace(&q->path, path);
        if (r >= 0)
                r = str_replace(&q->daemon, sd_bus_message_get_sender(m));
        if (r < 0)
                q->events->on_garbled(r, q->userdata);
        else
                q->events->on_started(q->userdata);
        return 0;
}

static int on_prompt(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Request *q = userdata;

        if (take_answer(q, m))
                q->events->on_prompt(m, q->userdata);
        return 0;
}

/* These two refusals leave it waiting. */
static int on_submitted(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const sd_bus_error *refusal = sd_bus_message_get_error(m);
        Request *q = userdata;

        if (sd_bus_error_has_names(refusal, SD_BUS_ERROR_INVALID_ARGS,
                                   TOKENS_ERROR("AccessDenied"))) {
                q->call_slot = sd_bus_slot_unref(q->call_slot);
                q->events->on_code_refused(refusal, q->userdata);
        } else
                (void) take_answer(q, m);
        return 0;
}

static int on_kept(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Request *q = userdata;
        const char *path;
        int r;

        if (!take_answer(q, m))
                return 0;

        r = sd_bus_message_read(m, "o", &path);
        if (r < 0)
                q->events->on_garbled(r, q->userdata);
        else
                q->events->on_kept(path, q->userdata);
        return 0;
}

static int watch(Request *q) {
        int r;

        r = sd_bus_match_signal(q->bus, &q->completed_slot, TOKENS_BUS_NAME, NULL,
                                TOKENS_REQUEST_INTERFACE, "Completed", on_completed, q);
        if (r < 0)
                return r;
        r = sd_bus_add_match(q->bus, &q->owner_slot,
                             "type='signal',sender='org.freedesktop.DBus',"
                             "path='/org/freedesktop/DBus',interface='org.freedesktop.DBus',"
                             "member='NameOwnerChanged',arg0='" TOKENS_BUS_NAME "'",
                             on_owner_changed, q);
        if (r < 0)
                return r;
        return sd_bus_match_signal(q->bus, &q->disconnected_slot, NULL,
                                   "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local",
                                   "Disconnected", on_disconnected, q);
}

int request_new(sd_bus *bus, sd_bus_message *call, const RequestEvents *events, void *userdata,
                Request **ret) {
        _cleanup_(request_freep) Request *q = malloc(sizeof(Request));
        int r;

        if (!q)
                return -ENOMEM;

        *q = (Request){ .bus = bus, .events = events, .userdata = userdata };
        r = watch(q);
        if (r >= 0)
                r = sd_bus_call_async(bus, &q->call_slot, call, on_signed_in, q, 0);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(q);
        return 0;
}

/* A call to the object, empty. */
static int call_new(Request *q, const char *member, sd_bus_message **ret) {
        return sd_bus_message_new_method_call(q->bus, ret, q->daemon, q->path,
                                              TOKENS_REQUEST_INTERFACE, member);
}

static int call_member(Request *q, const char *member, sd_bus_message_handler_t fn) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = call_new(q, member, &m);
        return r < 0 ? r : sd_bus_call_async(q->bus, &q->call_slot, m, fn, q, 0);
}

int request_get_prompt(Request *q) {
        return call_member(q, "GetPrompt", on_prompt);
}

int request_keep_as_new(Request *q) {
        return call_member(q, "KeepAsNew", on_kept);
}

int request_submit_code(Request *q, const char *code) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = call_new(q, "SubmitCode", &m);
        if (r >= 0)
                r = sd_bus_message_sensitive(m);
        if (r >= 0)
                r = sd_bus_message_append(m, "s", code);
        return r < 0 ? r : sd_bus_call_async(q->bus, &q->call_slot, m, on_submitted, q, 0);
}

void request_cancel(Request *q) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;

        if (!q->path || call_new(q, "Cancel", &m) < 0)
                return;
        (void) sd_bus_message_set_expect_reply(m, false);
        (void) sd_bus_send(q->bus, m, NULL);
}

Request *request_free(Request *q) {
        if (!q)
                return NULL;

        sd_bus_slot_unref(q->call_slot);
        sd_bus_slot_unref(q->disconnected_slot);
        sd_bus_slot_unref(q->owner_slot);
        sd_bus_slot_unref(q->completed_slot);
        free(q->path);
        free(q->daemon);
        free(q);
        return NULL;
}
