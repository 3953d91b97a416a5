/* SPDX-License-Identifier: MIT */

#include "bus/token.h"

#include "bus/error.h"
#include "bus/options.h"
#include "common/condition.h"
#include "platform/memfd.h"

_Static_assert(MIN_VALID_MAX == 31536000, "a sentence says so");

/* Builds the reply to a call out of the grant. */
typedef int (*TokenReplyFn)(sd_bus_message *call, Grant *grant, sd_bus_message **ret);

static int new_reply(sd_bus_message *call, sd_bus_message **ret) {
        int r;

        r = sd_bus_message_new_method_return(call, ret);
        return r < 0 ? r : sd_bus_message_sensitive(*ret);
}

static int append_rest(sd_bus_message *reply, Grant *grant) {
        return sd_bus_message_append(reply, "tu", (uint64_t) grant_get_times(grant).expires_at,
                                     grant_generation(grant));
}

static int reply_with_string(sd_bus_message *call, Grant *grant, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = new_reply(call, &reply);
        if (r < 0)
                return r;

        r = sd_bus_message_append(reply, "s", secret_string(grant_access_token(grant)));
        if (r < 0)
                return r;

        r = append_rest(reply, grant);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(reply);
        return 0;
}

static int reply_with_fd(sd_bus_message *call, Grant *grant, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_fd_ int fd = -EBADF;
        int r;

        r = memfd_from_secret("yadisk-access-token", grant_access_token(grant), &fd);
        if (r < 0)
                return r;

        r = new_reply(call, &reply);
        if (r < 0)
                return r;

        /* The message takes a duplicate. */
        r = sd_bus_message_append(reply, "h", fd);
        if (r < 0)
                return r;

        r = append_rest(reply, grant);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(reply);
        return 0;
}

static int answer(Operation *o, Grant *grant, TokenReplyFn fn) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = fn(operation_message(o), grant, &reply);
        if (r < 0)
                return r;

        operation_reply(o, reply);
        return 0;
}

static void answer_waiter(Operation *o, int r, TokenReplyFn fn) {
        Wait **wait = operation_wait(o);
        _cleanup_(grant_unrefp) Grant *grant = grant_ref(wait_grant(*wait));

        *wait = wait_free(*wait);
        if (r == 0)
                r = answer(o, grant, fn);
        if (r != 0)
                operation_fail(o, r);
}

static void on_token(int r, void *userdata) {
        answer_waiter(userdata, r, reply_with_string);
}

static void on_token_fd(int r, void *userdata) {
        answer_waiter(userdata, r, reply_with_fd);
}

static int read_query(sd_bus_message *m, const char **ret_account, TokenQuery *ret,
                      sd_bus_error *error) {
        TokenQuery query = {};
        int force = false, r;
        const Option options[] = {
                { "min_valid", "u", &query.min_valid, &query.has_min_valid },
                { "force", "b", &force, NULL },
        };

        r = sd_bus_message_read(m, "s", ret_account);
        if (r < 0)
                return r;

        r = options_read(m, options, ELEMENTSOF(options), error);
        if (r < 0)
                return r;

        if (query.min_valid > MIN_VALID_MAX)
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      "No token lives that long; ask for at most 31536000 "
                                      "seconds.");

        query.force = force;
        *ret = query;
        return 0;
}

static int get(Operation *o, WaitFn on_wait, TokenReplyFn fn, sd_bus_error *error) {
        const char *name;
        TokenQuery query;
        Account *account;
        int r;

        r = read_query(operation_message(o), &name, &query, error);
        if (r < 0)
                return r;

        r = accounts_find(operation_world(o)->accounts, name, &account);
        if (r != 0)
                return r;

        r = account_get_token(account, &query, on_wait, o, operation_wait(o));
        if (r != 0 || *operation_wait(o))
                return r;

        return answer(o, account_grant(account), fn);
}

int token_get(Operation *o, sd_bus_error *error) {
        return get(o, on_token, reply_with_string, error);
}

int token_get_fd(Operation *o, sd_bus_error *error) {
        return get(o, on_token_fd, reply_with_fd, error);
}
