/* SPDX-License-Identifier: MIT */

#include "feed/tokens.h"

#include <sys/queue.h>

#include "common/deadlines.h"
#include "common/harden.h"
#include "common/names.h"
#include "shared/session-bus.h"
#include "shared/token-answer.h"

#define OWNER_CHANGED                                                                              \
        "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"            \
        "member='NameOwnerChanged',arg0='" TOKENS_BUS_NAME "'"

typedef struct TokenCall TokenCall;

struct TokenWait {
        LIST_ENTRY(TokenWait) entry;
        TokenCall *call; /* NULL once fn has run */
        TokenFn fn;
        void *userdata;
};

/* What is asked for one account, on behalf of all programs that want its token now. */
struct TokenCall {
        LIST_ENTRY(TokenCall) entry;
        LIST_HEAD(, TokenWait) waits;
        Tokens *tokens;
        sd_bus_slot *slot;
        char *account;
};

struct Tokens {
        sd_event *event;
        sd_bus *bus; /* NULL before it is needed */
        bool must_reconnect;
        LIST_HEAD(, TokenCall) calls;
};

static void token_call_free(TokenCall *c) {
        LIST_REMOVE(c, entry);
        sd_bus_slot_unref(c->slot);
        free(c->account);
        free(c);
}

static void token_call_end(TokenCall *c, const TokenOutcome *outcome) {
        TokenWait *w;

        while ((w = LIST_FIRST(&c->waits))) {
                LIST_REMOVE(w, entry);
                w->call = NULL;
                w->fn(outcome, w->userdata);
        }
        token_call_free(c);
}

static void token_call_fail(TokenCall *c, const sd_bus_error *error, int r) {
        token_call_end(c, &(TokenOutcome){ .error = error, .r = r });
}

/* If the daemon could not look at us, it takes this connection for that of a program in a sandbox
 * as long as it runs. */
static void tokens_note_refusal(Tokens *t, const sd_bus_error *error) {
        if (sd_bus_error_has_names(error, TOKENS_ERROR("AccessDenied"), SD_BUS_ERROR_ACCESS_DENIED))
                t->must_reconnect = true;
}

static int token_call_on_token(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        TokenAnswer answer = {};
        TokenCall *c = userdata;
        int r;

        if (sd_bus_message_is_method_error(m, NULL)) {
                tokens_note_refusal(c->tokens, sd_bus_message_get_error(m));
                token_call_fail(c, sd_bus_message_get_error(m), 0);
                return 0;
        }

        memory_hide();
        r = token_answer_read(m, "", &answer);
        if (r < 0) {
                token_call_fail(c, NULL, r);
                return 0;
        }

        token_call_end(c, &(TokenOutcome){
                                  .token = answer.token,
                                  .expires_at = answer.expires_at,
                                  .next_refresh_at = answer.next_refresh_at,
                          });
        secret_free(answer.token);
        return 0;
}

static int token_call_ask_token(TokenCall *c) {
        int r;

        r = sd_bus_call_method_async(c->tokens->bus, &c->slot, TOKENS_BUS_NAME, TOKENS_PATH,
                                     TOKENS_MANAGER_INTERFACE, "GetTokenFD", token_call_on_token, c,
                                     "sa{sv}", c->account, 0);
        return MIN_OF(r, 0);
}

static void tokens_fail_all(Tokens *t, int r) {
        while (!LIST_EMPTY(&t->calls))
                token_call_fail(LIST_FIRST(&t->calls), NULL, r);
}

/* The daemon ends long before another one starts, which does not know us yet. By then what we have
 * handed out is erased. */
static int tokens_on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        memory_show();
        return 0;
}

/* Blocks until the bus has greeted us, which it does at once. What was asked on a connection that
 * broke stays without an answer. */
static int tokens_connect(Tokens *t) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        int r;

        if (t->bus && sd_bus_is_open(t->bus) > 0 && !t->must_reconnect)
                return 0;

        tokens_fail_all(t, -ENOTCONN);
        t->bus = sd_bus_close_unref(t->bus);
        t->must_reconnect = false;
        memory_show();
        r = session_bus_open("yadisk-token-feed", &bus);
        if (r >= 0)
                r = sd_bus_set_method_call_timeout(bus, DEADLINE_CLIENT_MS * UINT64_C(1000));
        if (r >= 0)
                r = sd_bus_add_match(bus, NULL, OWNER_CHANGED, tokens_on_owner_changed, NULL);
        if (r >= 0)
                r = sd_bus_attach_event(bus, t->event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return r;

        t->bus = TAKE_PTR(bus);
        return 0;
}

static TokenCall *tokens_find_call(const Tokens *t, const char *account) {
        TokenCall *c;

        LIST_FOREACH(c, &t->calls, entry)
                if (streq(c->account, account))
                        return c;
        return NULL;
}

static int tokens_begin_call(Tokens *t, const char *account, TokenCall **ret) {
        TokenCall *c = calloc(1, sizeof(TokenCall));
        int r;

        if (!c)
                return -ENOMEM;

        c->tokens = t;
        LIST_INIT(&c->waits);
        LIST_INSERT_HEAD(&t->calls, c, entry);
        r = str_replace(&c->account, account);
        if (r >= 0)
                r = token_call_ask_token(c);
        if (r < 0) {
                token_call_free(c);
                return r;
        }

        *ret = c;
        return 0;
}

int tokens_ask(Tokens *t, const char *account, TokenFn fn, void *userdata, TokenWait **ret) {
        _cleanup_free_ TokenWait *w = malloc(sizeof(TokenWait));
        TokenCall *c;
        int r;

        if (!w)
                return -ENOMEM;

        r = tokens_connect(t);
        if (r < 0)
                return r;
        c = tokens_find_call(t, account);
        r = c ? 0 : tokens_begin_call(t, account, &c);
        if (r < 0)
                return r;

        *w = (TokenWait){ .call = c, .fn = fn, .userdata = userdata };
        LIST_INSERT_HEAD(&c->waits, w, entry);
        *ret = TAKE_PTR(w);
        return 0;
}

TokenWait *token_wait_free(TokenWait *w) {
        if (w && w->call)
                LIST_REMOVE(w, entry);
        free(w);
        return NULL;
}

int tokens_new(sd_event *event, Tokens **ret) {
        Tokens *t = calloc(1, sizeof(Tokens));

        if (!t)
                return -ENOMEM;

        t->event = sd_event_ref(event);
        LIST_INIT(&t->calls);
        *ret = t;
        return 0;
}

Tokens *tokens_free(Tokens *t) {
        if (!t)
                return NULL;

        tokens_fail_all(t, -ECANCELED);
        sd_bus_close_unref(t->bus);
        sd_event_unref(t->event);
        free(t);
        return NULL;
}
