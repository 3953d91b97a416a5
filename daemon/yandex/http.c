/* SPDX-License-Identifier: MIT */

/*
 * The HTTPS request and its answer.
 *
 * Each request has a connection of its own: a daemon that asks a few times a year gains nothing
 * from keeping one, and libcurl never sends a request twice because a kept connection had gone
 * stale. That makes "lost" exact: libcurl tells when the handshakes are over and the request is
 * about to be sent; a failure after that may have had its effect.
 */

#include "yandex/http.h"

#include <assert.h>
#include <time.h>

#include "common/condition.h"
#include "common/deadlines.h"
#include "common/i18n.h"
#include "yandex/http-private.h"

#define USER_AGENT "yadisk-tokend/" YADISK_VERSION

struct Http {
        HttpLoop loop;
        bool curl_initialised;
        HttpTrust *trust;
        HttpLimits limits;
        unsigned n_calls;
};

struct HttpCall {
        Http *http;
        CURL *easy;
        struct curl_slist *headers;
        Secret *form;
        Secret *body;
        size_t header_length;
        bool header_ended;
        bool trusting;            /* the certificates are in use */
        bool started;             /* the loop has it */
        sd_event_source *failure; /* reports that it could not be started */
        const char *reason;
        bool sent;
        HttpFn fn;
        void *userdata;
};

/* Runs when all handshakes are done, right before the request is sent. */
static int http_call_on_request(void *userdata, char *ip, char *local_ip, int port,
                                int local_port) {
        HttpCall *c = userdata;

        c->sent = true;
        return CURL_PREREQFUNC_OK;
}

static size_t http_call_on_header(char *data, size_t size, size_t n, void *userdata) {
        HttpCall *c = userdata;

        if (n > HTTP_ANSWER_MAX - c->header_length)
                return 0;

        c->header_length += n;
        if (n >= 5 && memcmp(data, "HTTP/", 5) == 0)
                c->header_ended = false; /* if there are several (1xx), the last one counts */
        else if ((n == 1 && data[0] == '\n') || (n == 2 && data[0] == '\r'))
                c->header_ended = true;
        return n;
}

static size_t http_call_on_body(char *data, size_t size, size_t n, void *userdata) {
        HttpCall *c = userdata;

        return secret_append(c->body, data, n) < 0 ? 0 : n;
}

int64_t http_parse_date(const char *value) {
        time_t t = str_is_empty(value) ? 0 : sym_curl_getdate(value, NULL);

        return t > 0 ? (int64_t) t : 0;
}

int64_t http_parse_retry_after(const char *value, int64_t now) {
        int64_t seconds = 0, date;

        if (!str_is_empty(value) && value[strspn(value, "0123456789")] == '\0') {
                for (; *value; value++)
                        seconds = MIN_OF(seconds * 10 + (*value - '0'), HTTP_RETRY_AFTER_MAX);
                return seconds;
        }

        date = http_parse_date(value);
        if (date == 0)
                return HTTP_NO_RETRY_AFTER;
        return date <= now ? 0 : MIN_OF(date - now, HTTP_RETRY_AFTER_MAX);
}

static const char *http_call_header(HttpCall *c, const char *name) {
        struct curl_header *h;

        return sym_curl_easy_header(c->easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value
                                                                                         : NULL;
}

static void http_call_fill_answer(HttpCall *c, HttpAnswer *answer) {
        long status = 0;

        (void) sym_curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
        answer->status = (int) status;
        answer->body = c->body;
        answer->date = http_parse_date(http_call_header(c, "Date"));
        answer->retry_after = http_parse_retry_after(http_call_header(c, "Retry-After"),
                                                     answer->date ?: (int64_t) time(NULL));
}

/* A proxy that is in the way is trouble with the network: nothing of what it says comes from
 * Yandex. */
static void http_call_blame_proxy(HttpCall *c, CURLcode code, HttpAnswer *answer) {
        _cleanup_free_ char *proxy = NULL;
        const char *url = NULL, *reason;
        long connect_code = 0;

        (void) sym_curl_easy_getinfo(c->easy, CURLINFO_EFFECTIVE_URL, &url);
        (void) sym_curl_easy_getinfo(c->easy, CURLINFO_HTTP_CONNECTCODE, &connect_code);
        reason = http_proxy_reason(code, connect_code);
        if (!reason || http_proxy_find(str_or_empty(url), &proxy) < 0 || !proxy)
                return;

        answer->r = CONDITION_OFFLINE;
        answer->reason = http_reason_with_name(reason, proxy);
}

static void http_call_fill_failure(HttpCall *c, CURLcode code, HttpAnswer *answer) {
        long verify_result = 0;

        answer->r = http_error(code, &answer->reason);
        answer->lost = c->sent;
        if (code == CURLE_PEER_FAILED_VERIFICATION) {
                (void) sym_curl_easy_getinfo(c->easy, CURLINFO_SSL_VERIFYRESULT, &verify_result);
                answer->untrusted = true;
                answer->reason = http_distrust(verify_result);
        }
        if (!c->sent)
                http_call_blame_proxy(c, code, answer);
}

/* Ends the transfer and forgets what was sent. */
static void http_call_stop(HttpCall *c) {
        if (c->started)
                http_loop_remove(&c->http->loop, c->easy);
        c->started = false;
        if (c->easy)
                sym_curl_easy_cleanup(TAKE_PTR(c->easy));
        if (c->trusting)
                http_trust_end(c->http->trust);
        c->trusting = false;
        if (c->headers)
                sym_curl_slist_free_all(TAKE_PTR(c->headers));
        c->form = secret_unref(c->form);
}

void http_call_on_done(CURL *easy, CURLcode code) {
        HttpAnswer answer = { .retry_after = HTTP_NO_RETRY_AFTER };
        _cleanup_(secret_unrefp) Secret *body = NULL;
        HttpCall *c = NULL;

        (void) sym_curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **) &c);

        /* libcurl takes a header that is cut off for a whole answer without a body. */
        if (code == CURLE_OK && !c->header_ended)
                code = CURLE_PARTIAL_FILE;
        if (code == CURLE_OK)
                http_call_fill_answer(c, &answer);
        else
                http_call_fill_failure(c, code, &answer);

        http_call_stop(c);
        body = TAKE_PTR(c->body);
        c->fn(&answer, c->userdata);
        /* c may be gone. */
}

/* A line break in the value would begin a header line of its own. */
static bool http_is_header_value(const Secret *value) {
        const char *bytes = secret_string(value);

        for (size_t i = 0; i < secret_length(value); i++)
                if ((unsigned char) bytes[i] < ' ' || bytes[i] == 0x7f)
                        return false;
        return secret_length(value) > 0;
}

static int http_call_add_header(HttpCall *c, const char *line) {
        struct curl_slist *extended = sym_curl_slist_append(c->headers, line);

        if (!extended)
                return -ENOMEM;

        c->headers = extended;
        return 0;
}

static int http_call_add_headers(HttpCall *c, const Secret *authorization) {
        _cleanup_(secret_unrefp) Secret *line = NULL;
        int r;

        if (authorization && !http_is_header_value(authorization))
                return -EINVAL;

        r = http_call_add_header(c, "Accept: application/json");
        if (r == 0)
                r = http_call_add_header(c, "Expect:");
        if (r == 0 && authorization)
                r = secret_new_prefixed("Authorization: ", authorization, &line);
        if (r == 0 && line)
                r = http_call_add_header(c, secret_string(line));
        return r;
}

/* Each step is skipped if one before it has failed. */
#define SET(option, value)                                                                         \
        do {                                                                                       \
                if (code == CURLE_OK)                                                              \
                        code = easy_setopt(c->easy, option, value);                                \
        } while (false)

/* What is the same for all requests. */
static CURLcode http_call_set_policy(HttpCall *c) {
        CURLcode code = CURLE_OK;

        SET(CURLOPT_PROTOCOLS_STR, "https");
        SET(CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
        SET(CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
        SET(CURLOPT_USERAGENT, USER_AGENT);
        SET(CURLOPT_FOLLOWLOCATION, 0L);
        SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
        SET(CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
        SET(CURLOPT_VERBOSE, 0L);
        SET(CURLOPT_NOPROGRESS, 1L);
        SET(CURLOPT_NOSIGNAL, 1L);
        SET(CURLOPT_FRESH_CONNECT, 1L);
        SET(CURLOPT_FORBID_REUSE, 1L);
        /* Our header lines are for the server and never for a proxy, and the proxy's are not for
         * us. */
        SET(CURLOPT_HEADEROPT, (long) CURLHEADER_SEPARATE);
        SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
        /* Without this the end of a transfer waits, blocking, until getaddrinfo() returns in its
         * thread. With it the thread is left to end, and clean up, by itself. */
        SET(CURLOPT_QUICK_EXIT, 1L);
        return code;
}

static CURLcode http_call_set_request(HttpCall *c, const char *url) {
        CURLcode code = CURLE_OK;

        SET(CURLOPT_URL, url);
        SET(CURLOPT_HTTPHEADER, c->headers);
        SET(CURLOPT_CONNECTTIMEOUT_MS, c->http->limits.connect_ms);
        SET(CURLOPT_TIMEOUT_MS, c->http->limits.total_ms);
        SET(CURLOPT_PRIVATE, c);
        SET(CURLOPT_PREREQFUNCTION, http_call_on_request);
        SET(CURLOPT_PREREQDATA, c);
        SET(CURLOPT_HEADERFUNCTION, http_call_on_header);
        SET(CURLOPT_HEADERDATA, c);
        SET(CURLOPT_WRITEFUNCTION, http_call_on_body);
        SET(CURLOPT_WRITEDATA, c);
        if (c->form) {
                SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) secret_length(c->form));
                SET(CURLOPT_POSTFIELDS, secret_string(c->form)); /* not copied */
        }
        return code;
}

#undef SET

static int http_call_on_failure(sd_event_source *source, void *userdata) {
        HttpAnswer answer = { .r = CONDITION_LIBRARY_MISSING, .retry_after = HTTP_NO_RETRY_AFTER };
        HttpCall *c = userdata;

        c->failure = sd_event_source_disable_unref(c->failure);
        answer.reason = c->reason;
        c->fn(&answer, c->userdata);
        /* c may be gone. */
        return 0;
}

static int http_call_fail_later(HttpCall *c) {
        return MIN_OF(sd_event_add_defer(c->http->loop.event, &c->failure, http_call_on_failure, c),
                      0);
}

/* Before the first request. A failure is not remembered: what is missing may be installed. */
static int http_open(Http *h, const char **ret_reason) {
        const char *missing = NULL;
        int r;

        if (h->curl_initialised)
                return 0;

        r = http_library_load(&missing) ?: http_trust_open(&missing);
        if (r == CONDITION_LIBRARY_MISSING)
                *ret_reason =
                        missing ? http_reason_with_name(N_("a library cannot be loaded"), missing)
                                : N_("the libcurl that is loaded does not use OpenSSL, or another "
                                     "version of it than this program");
        if (r != 0)
                return r;
        if (sym_curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
                return -ENOMEM;

        h->curl_initialised = true;
        return 0;
}

static int http_call_prepare(HttpCall *c, const HttpRequest *request) {
        CURLcode code;
        int r;

        c->easy = sym_curl_easy_init();
        if (!c->easy)
                return -ENOMEM;

        c->body = secret_ref(request->body);
        r = c->body ? 0 : secret_new(HTTP_ANSWER_MAX, &c->body);
        if (r == 0)
                r = http_call_add_headers(c, request->authorization);
        if (r < 0)
                return r;

        code = http_call_set_policy(c);
        if (code == CURLE_OK)
                code = http_call_set_request(c, request->url);
        if (code == CURLE_OK)
                code = http_trust_begin(c->http->trust, c->easy);
        c->trusting = code == CURLE_OK;
        return code == CURLE_OK ? 0 : code == CURLE_OUT_OF_MEMORY ? -ENOMEM : -ENOTSUP;
}

static int http_call_begin(HttpCall *c, const HttpRequest *request) {
        int r;

        r = http_open(c->http, &c->reason);
        if (r != 0)
                return r == CONDITION_LIBRARY_MISSING ? http_call_fail_later(c) : r;

        r = http_call_prepare(c, request) ?: http_loop_add(&c->http->loop, c->easy, request->due);
        c->started = r == 0;
        return r;
}

int http_call_start(Http *h, const HttpRequest *request, HttpFn fn, void *userdata,
                    HttpCall **ret_call) {
        _cleanup_(http_call_freep) HttpCall *c = NULL;
        int r;

        if (strncasecmp(str_or_empty(request->url), "https://", strlen("https://")) != 0)
                return -EINVAL;

        c = malloc(sizeof(HttpCall));
        if (!c)
                return -ENOMEM;

        *c = (HttpCall){
                .http = h,
                .form = secret_ref((Secret *) request->form),
                .fn = fn,
                .userdata = userdata,
        };
        h->n_calls++;

        r = http_call_begin(c, request);
        if (r < 0)
                return r;

        *ret_call = TAKE_PTR(c);
        return 0;
}

bool http_call_is_sent(const HttpCall *c) {
        return c->sent;
}

bool http_is_over_budget(const Http *h) {
        return http_loop_is_over_budget(&h->loop);
}

HttpCall *http_call_free(HttpCall *c) {
        if (!c)
                return NULL;

        (void) sd_event_source_disable_unref(c->failure);
        http_call_stop(c);
        c->body = secret_unref(c->body);
        assert(c->http->n_calls > 0);
        c->http->n_calls--;
        free(c);
        return NULL;
}

int http_new(sd_event *event, const char *ca_file, Http **ret) {
        _cleanup_(http_freep) Http *h = NULL;
        int r;

        h = malloc(sizeof(Http));
        if (!h)
                return -ENOMEM;

        *h = (Http){ .limits = { DEADLINE_CONNECT_MS, DEADLINE_REQUEST_MS } };
        r = http_loop_init(&h->loop, event) ?: http_trust_new(event, ca_file, &h->trust);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(h);
        return 0;
}

void http_set_limits(Http *h, HttpLimits limits) {
        h->limits = limits;
}

HttpTrust *http_trust(Http *h) {
        return h->trust;
}

HttpLoop *http_loop(Http *h) {
        return &h->loop;
}

Http *http_free(Http *h) {
        if (!h)
                return NULL;

        assert(h->n_calls == 0);
        http_loop_done(&h->loop);
        http_trust_free(h->trust);
        if (h->curl_initialised)
                sym_curl_global_cleanup();
        free(h);
        return NULL;
}
