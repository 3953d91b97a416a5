/* SPDX-License-Identifier: MIT */

#include "feed/request.h"

#include <strings.h>
#include <time.h>

#include "common/log.h"
#include "feed/answer.h"
#include "feed/connection.h"
#include "feed/feed.h"
#include "feed/message.h"
#include "shared/sealed.h"

#define TYPE_JSON "application/json"
#define TYPE_TEXT "text/plain; charset=utf-8"

/* The use of a feed is noted once in so many seconds at most. */
#define USE_INTERVAL 60

typedef struct Request {
        const RequestContext *context;
        Connection *connection;
        const Refusal *refusal; /* if it is refused, as soon as it has been read to its end */
        char body[HEAD_BODY_MAX + 1];
        size_t size;
        Form form; /* points into the body */
        Feed *feed;
        TokenWait *wait;

        /* The answer, once there is one. */
        unsigned status;
        const char *type;
        char *answer;
} Request;

static Request *request_free(Request *q) {
        if (!q)
                return NULL;

        token_wait_free(q->wait);
        feed_free(q->feed);
        secret_free(q->answer);
        explicit_bzero(q, sizeof(*q));
        free(q);
        return NULL;
}

/* The answer */

static void request_on_sent(void *answer) {
        secret_free(answer);
}

static bool request_add_headers(const Request *q, struct MHD_Response *response) {
        return MHD_add_response_header(response, "Content-Type", q->type) == MHD_YES &&
               MHD_add_response_header(response, "Cache-Control", "no-store") == MHD_YES &&
               MHD_add_response_header(response, "Connection", "close") == MHD_YES &&
               (q->status != MHD_HTTP_METHOD_NOT_ALLOWED ||
                MHD_add_response_header(response, "Allow", "POST") == MHD_YES) &&
               (q->status != MHD_HTTP_SERVICE_UNAVAILABLE ||
                MHD_add_response_header(response, "Retry-After", ANSWER_RETRY_AFTER) == MHD_YES);
}

/* If this fails, the connection is closed. */
static enum MHD_Result request_send(Request *q, struct MHD_Connection *http) {
        enum MHD_Result sent = MHD_NO;
        struct MHD_Response *response;

        if (!q->answer)
                return MHD_NO;
        response = MHD_create_response_from_buffer_with_free_callback(strlen(q->answer), q->answer,
                                                                      request_on_sent);
        if (!response)
                return MHD_NO;

        q->answer = NULL;
        if (request_add_headers(q, response))
                sent = MHD_queue_response(http, q->status, response);
        MHD_destroy_response(response);
        return sent;
}

static void request_refuse(Request *q, const Refusal *refusal) {
        q->status = refusal->status;
        q->type = TYPE_TEXT;
        (void) str_format(&q->answer, "%s\n", refusal->sentence);
}

static void request_fail(Request *q, const AnswerError *e) {
        q->status = e->status;
        q->type = TYPE_JSON;
        (void) answer_print_error(e, &q->answer);
}

static void request_answer_token(Request *q, const TokenOutcome *outcome) {
        uint32_t life =
                answer_life((uint64_t) time(NULL), outcome->expires_at, outcome->next_refresh_at);

        q->status = MHD_HTTP_OK;
        q->type = TYPE_JSON;
        (void) answer_print_token(outcome->token, life, q->form.refresh_token, &q->answer);
}

/* A program may ask again and again. */
static void request_fail_with(Request *q, const sd_bus_error *error, int r) {
        static uint64_t last;
        AnswerError e = answer_error_from_bus(error, r);

        if (log_is_due(&last))
                log_event(LOG_WARNING, &(LogContext){ .account = q->feed->account, .condition = r },
                          "No token for the feed %.*s of %s: %s", FEED_ID_LENGTH, q->feed->hash,
                          q->feed->program, e.sentence);
        request_fail(q, &e);
}

/* The token */

static void request_on_token(const TokenOutcome *outcome, void *userdata) {
        Request *q = userdata;

        q->wait = token_wait_free(q->wait);
        if (outcome->token)
                request_answer_token(q, outcome);
        else
                request_fail_with(q, outcome->error, outcome->r);
        connection_resume(q->connection);
}

/* Which program it is can only be found while it has its socket, so before it is answered; while
 * the daemon works, this costs no time. */
static void request_note_use(const Request *q) {
        const SocketOwner *peer = connection_peer(q->connection);
        FeedUse use = { .time = (uint64_t) time(NULL), .uid = peer->uid };

        if (q->feed->last_use.time <= use.time && use.time < q->feed->last_use.time + USE_INTERVAL)
                return;

        (void) socket_owner_find_process(peer, &use.pid, &use.executable);
        (void) feed_set_last_use(q->feed, &use);
        free(use.executable);
}

/* No answer tells whether there ever was a feed with this handle. */
static int request_find_feed(Request *q) {
        static const AnswerError no_feed = { 400, "invalid_grant",
                                             "No feed has this handle; run \"yadiskctl feed list\" "
                                             "to see the feeds there are, or "
                                             "\"yadiskctl feed add\" to make one." };
        static const AnswerError no_store = {
                503, "temporarily_unavailable",
                "The feeds cannot be read; look at \"journalctl --user -u yadisk-token-feed\"."
        };
        static uint64_t last;
        int r;

        r = feed_find(q->form.refresh_token, &q->feed);
        if (r < 0 && r != -ENOENT && log_is_due(&last))
                log_event(LOG_ERR, &(LogContext){ .condition = r }, "The feeds cannot be read.");
        if (r < 0)
                request_fail(q, r == -ENOENT ? &no_feed : &no_store);
        return r;
}

static int request_read_form(Request *q) {
        static const AnswerError bad_form = { 400, "invalid_request",
                                              "The form has to have a grant_type and a "
                                              "refresh_token, each once and encoded as it "
                                              "should be." };
        static const AnswerError other_grant = { 400, "unsupported_grant_type",
                                                 "The grant_type has to be refresh_token." };
        int r;

        r = form_read(q->body, q->size, &q->form);
        if (r < 0 || !q->form.grant_type)
                request_fail(q, &bad_form);
        else if (!streq(q->form.grant_type, "refresh_token"))
                request_fail(q, &other_grant);
        else if (!q->form.refresh_token)
                request_fail(q, &bad_form);
        else
                return 0;
        return -EBADMSG;
}

/* Makes the answer, or goes to sleep until there is one. */
static void request_run(Request *q, struct MHD_Connection *http) {
        int r;

        if (q->refusal) {
                request_refuse(q, q->refusal);
                return;
        }
        if (request_read_form(q) < 0 || request_find_feed(q) < 0)
                return;

        r = q->context->tokens ? tokens_ask(q->context->tokens, q->feed->account, request_on_token,
                                            q, &q->wait)
                               : -ESHUTDOWN;
        if (r < 0) {
                request_fail_with(q, NULL, r);
                return;
        }
        request_note_use(q);
        connection_suspend(q->connection, http);
}

/* The way in */

static enum MHD_Result request_on_header(void *cls, enum MHD_ValueKind kind, const char *key,
                                         const char *value) {
        Head *h = cls;

        if (strcasecmp(key, "Host") == 0) {
                h->host = value;
                h->n_hosts++;
        } else if (strcasecmp(key, "Content-Type") == 0)
                h->content_type = str_or_empty(value);
        else if (strcasecmp(key, "Content-Length") == 0)
                h->content_length = str_or_empty(value);
        h->has_origin = h->has_origin || strcasecmp(key, "Origin") == 0;
        h->has_transfer_encoding =
                h->has_transfer_encoding || strcasecmp(key, "Transfer-Encoding") == 0;
        return MHD_YES;
}

static enum MHD_Result request_begin(const RequestContext *context, struct MHD_Connection *http,
                                     const char *url, const char *method, void **request) {
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(http, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
        Request *q = calloc(1, sizeof(Request));
        Head h = { .method = method, .target = url };

        *request = q;
        if (!q || !info || !info->socket_context)
                return MHD_NO;

        (void) MHD_get_connection_values(http, MHD_HEADER_KIND, request_on_header, &h);
        h.has_query = MHD_get_connection_values(http, MHD_GET_ARGUMENT_KIND, NULL, NULL) > 0;
        q->context = context;
        q->connection = info->socket_context;
        q->refusal = head_refuse(&h, context->port);
        if (!q->refusal || head_promises_small_body(&h))
                return MHD_YES;

        request_refuse(q, q->refusal);
        return request_send(q, http);
}

/* The library passes on no more than the head has promised. */
static enum MHD_Result request_take(Request *q, const char *data, size_t *size) {
        if (*size > HEAD_BODY_MAX - q->size)
                return MHD_NO;

        memcpy(q->body + q->size, data, *size);
        q->size += *size;
        *size = 0;
        return MHD_YES;
}

enum MHD_Result request_on_access(void *cls, struct MHD_Connection *http, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **request) {
        Request *q = *request;

        if (!q)
                return request_begin(cls, http, url, method, request);
        if (*size > 0)
                return request_take(q, data, size);

        if (!q->type)
                request_run(q, http);
        return q->wait ? MHD_YES : request_send(q, http);
}

void request_on_completed(void *cls, struct MHD_Connection *http, void **request,
                          enum MHD_RequestTerminationCode code) {
        *request = request_free(*request);
}
