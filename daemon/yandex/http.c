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
#include <curl/curl.h>
#include <time.h>

#include "common/condition.h"
#include "common/deadlines.h"
#include "yandex/http-error.h"
#include "yandex/http-header.h"
#include "yandex/http-loop.h"
#include "yandex/http-memory.h"
#include "yandex/http-private.h"
#include "yandex/http-proxy.h"
#include "yandex/http-trust.h"
#include "yandex/reason.h"

#define USER_AGENT "yadisk-tokend/" YADISK_VERSION

struct Http {
        HttpLoop *loop;
        bool curl_initialised;
        char *extra_pem; /* NULL: the system's certificates alone */
        const char *system_bundle;
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
        bool started; /* the loop has it */
        bool sent;
        HttpFn fn;
        void *userdata;
};

typedef struct NumberOption {
        CURLoption option;
        long value;
} NumberOption;

static const NumberOption number_options[] = {
        { CURLOPT_SSL_VERIFYPEER, 1 },
        { CURLOPT_SSL_VERIFYHOST, 2 },
        { CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
        { CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
        { CURLOPT_FOLLOWLOCATION, 0 },
        { CURLOPT_DISALLOW_USERNAME_IN_URL, 1 },
        { CURLOPT_NETRC, CURL_NETRC_IGNORED },
        { CURLOPT_VERBOSE, 0 },
        { CURLOPT_NOPROGRESS, 1 },
        { CURLOPT_NOSIGNAL, 1 },
        { CURLOPT_FRESH_CONNECT, 1 },
        { CURLOPT_FORBID_REUSE, 1 },
        /* Our header lines are for the server and never for a proxy, nor are its own for us. */
        { CURLOPT_HEADEROPT, CURLHEADER_SEPARATE },
        { CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
        /* Else ending a transfer waits, blocking, until getaddrinfo() returns in its thread; with
         * this the thread is left to end, and clean up, by itself. */
        { CURLOPT_QUICK_EXIT, 1 },
};

/* Runs when all handshakes are done, right before the request is sent. */
static int on_curl_request(void *userdata, char *ip, char *local_ip, int port, int local_port) {
        HttpCall *c = userdata;

        c->sent = true;
        return CURL_PREREQFUNC_OK;
}

static size_t on_curl_header(char *data, size_t size, size_t n, void *userdata) {
        HttpCall *c = userdata;

        if (n > HTTP_ANSWER_MAX - c->header_length)
                return 0;

        c->header_length += n;
        if (n >= 5 && memcmp(data, "HTTP/", 5) == 0)
                c->header_ended = false; /* of several (1xx) the last one counts */
        else if ((n == 1 && data[0] == '\n') || (n == 2 && data[0] == '\r'))
                c->header_ended = true;
        return n;
}

static size_t on_curl_body(char *data, size_t size, size_t n, void *userdata) {
        HttpCall *c = userdata;

        return secret_append(c->body, data, n) < 0 ? 0 : n;
}

static const char *find_header(CURL *easy, const char *name) {
        struct curl_header *header;

        if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
                return NULL;
        return header->value;
}

static void fill_answer(HttpCall *c, HttpAnswer *answer) {
        long status = 0;
        int64_t date = http_parse_date(find_header(c->easy, "Date"));

        (void) curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);

        answer->status = (int) status;
        answer->body = c->body;
        answer->date = date;
        answer->retry_after = http_parse_retry_after(find_header(c->easy, "Retry-After"),
                                                     date > 0 ? date : (int64_t) time(NULL));
}

static void fill_distrust(HttpCall *c, HttpAnswer *answer) {
        long verify_result = 0;

        (void) curl_easy_getinfo(c->easy, CURLINFO_SSL_VERIFYRESULT, &verify_result);

        answer->untrusted = true;
        answer->reason = http_distrust(verify_result);
}

/* A proxy that is in the way is trouble with the network: nothing of what it says comes from Yandex. */
static void fill_proxy(HttpCall *c, CURLcode code, HttpAnswer *answer) {
        _cleanup_free_ char *proxy = NULL;
        const char *url = NULL, *reason;
        long connect_code = 0;

        (void) curl_easy_getinfo(c->easy, CURLINFO_EFFECTIVE_URL, &url);
        (void) curl_easy_getinfo(c->easy, CURLINFO_HTTP_CONNECTCODE, &connect_code);
        if (http_proxy_find(str_or_empty(url), &proxy) < 0 || !proxy)
                return;

        reason = http_proxy_reason(code, connect_code);
        if (!reason)
                return;
        answer->r = CONDITION_OFFLINE;
        answer->reason = reason_with_name(reason, proxy);
}

/* Ends the transfer and forgets what was sent. */
static void call_stop(HttpCall *c) {
        if (c->started)
                http_loop_remove(c->http->loop, c->easy);
        c->started = false;
        if (c->easy)
                curl_easy_cleanup(TAKE_PTR(c->easy));
        curl_slist_free_all(TAKE_PTR(c->headers));
        c->form = secret_unref(c->form);
}

static void on_done(CURL *easy, CURLcode code) {
        HttpAnswer answer = { .retry_after = HTTP_NO_RETRY_AFTER };
        _cleanup_(secret_unrefp) Secret *body = NULL;
        HttpCall *c = NULL;

        (void) curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **) &c);

        /* libcurl takes a header that is cut off for a whole answer without a body. */
        if (code == CURLE_OK && !c->header_ended)
                code = CURLE_PARTIAL_FILE;

        answer.r = http_error(code, &answer.reason);
        if (code == CURLE_PEER_FAILED_VERIFICATION)
                fill_distrust(c, &answer);
        if (answer.r == 0)
                fill_answer(c, &answer);
        else if (c->sent)
                answer.lost = true;
        else
                fill_proxy(c, code, &answer);

        call_stop(c);
        body = TAKE_PTR(c->body);
        c->fn(&answer, c->userdata);
        /* c may be gone. */
}

static int add_header(HttpCall *c, const char *line) {
        struct curl_slist *extended = curl_slist_append(c->headers, line);

        if (!extended)
                return -ENOMEM;

        c->headers = extended;
        return 0;
}

/* A line break in the value would be a header line of its own. */
static bool is_header_value(const Secret *value) {
        const char *bytes = secret_string(value);

        for (size_t i = 0; i < secret_length(value); i++)
                if ((unsigned char) bytes[i] < ' ' || bytes[i] == 0x7f)
                        return false;
        return secret_length(value) > 0;
}

static int add_authorization(HttpCall *c, const Secret *value) {
        static const char name[] = "Authorization: ";
        _cleanup_(secret_unrefp) Secret *line = NULL;
        int r;

        if (!is_header_value(value))
                return -EINVAL;

        r = secret_new(strlen(name) + secret_length(value), &line);
        if (r < 0)
                return r;
        r = secret_append_string(line, name);
        if (r < 0)
                return r;
        r = secret_append(line, secret_string(value), secret_length(value));
        if (r < 0)
                return r;

        return add_header(c, secret_string(line));
}

static int set_headers(HttpCall *c, const HttpRequest *request) {
        int r;

        r = add_header(c, "Accept: application/json");
        if (r < 0)
                return r;
        r = add_header(c, "Expect:");
        if (r < 0)
                return r;
        if (request->authorization) {
                r = add_authorization(c, request->authorization);
                if (r < 0)
                        return r;
        }

        return curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers) == CURLE_OK ? 0 : -ENOMEM;
}

static int set_numbers(HttpCall *c) {
        for (size_t i = 0; i < ELEMENTSOF(number_options); i++) {
                const NumberOption *o = &number_options[i];

                if (curl_easy_setopt(c->easy, o->option, o->value) != CURLE_OK)
                        return -ENOTSUP;
        }
        return 0;
}

/* Each step is skipped once one has failed. */
#define SET(option, value)                                                                         \
        do {                                                                                       \
                if (code == CURLE_OK)                                                              \
                        code = curl_easy_setopt(c->easy, option, value);                           \
        } while (false)

static int set_pointers(HttpCall *c, const HttpRequest *request) {
        CURLcode code = CURLE_OK;

        SET(CURLOPT_URL, request->url);
        SET(CURLOPT_PROTOCOLS_STR, "https");
        SET(CURLOPT_USERAGENT, USER_AGENT);
        SET(CURLOPT_CONNECTTIMEOUT_MS, c->http->limits.connect_ms);
        SET(CURLOPT_TIMEOUT_MS, c->http->limits.total_ms);
        SET(CURLOPT_PRIVATE, c);
        SET(CURLOPT_PREREQFUNCTION, on_curl_request);
        SET(CURLOPT_PREREQDATA, c);
        SET(CURLOPT_HEADERFUNCTION, on_curl_header);
        SET(CURLOPT_HEADERDATA, c);
        SET(CURLOPT_WRITEFUNCTION, on_curl_body);
        SET(CURLOPT_WRITEDATA, c);
        if (c->form) {
                SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) secret_length(c->form));
                SET(CURLOPT_POSTFIELDS, secret_string(c->form)); /* not copied */
        }

        return code == CURLE_OK ? 0 : code == CURLE_OUT_OF_MEMORY ? -ENOMEM : -ENOTSUP;
}

#undef SET

static int call_prepare(HttpCall *c, const HttpRequest *request) {
        int r;

        c->easy = curl_easy_init();
        if (!c->easy)
                return -ENOMEM;

        c->body = secret_ref(request->body);
        r = c->body ? 0 : secret_new(HTTP_ANSWER_MAX, &c->body);
        if (r < 0)
                return r;
        r = set_numbers(c);
        if (r < 0)
                return r;
        r = set_pointers(c, request);
        if (r < 0)
                return r;
        r = set_headers(c, request);
        if (r < 0)
                return r;

        return c->http->extra_pem
                       ? http_trust_apply(c->easy, c->http->system_bundle, c->http->extra_pem)
                       : 0;
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

        r = call_prepare(c, request);
        if (r < 0)
                return r;
        r = http_loop_add(h->loop, c->easy);
        if (r < 0)
                return r;
        c->started = true;

        *ret_call = TAKE_PTR(c);
        return 0;
}

HttpCall *http_call_free(HttpCall *c) {
        if (!c)
                return NULL;

        call_stop(c);
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

        *h = (Http){
                .limits = { DEADLINE_CONNECT_MS, DEADLINE_REQUEST_MS },
        };

        if (ca_file) {
                r = http_trust_read(ca_file, &h->extra_pem);
                if (r < 0)
                        return r;
        }

        if (http_memory_init() != CURLE_OK)
                return -ENOMEM;
        h->curl_initialised = true;

        r = http_loop_new(event, on_done, &h->loop);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(h);
        return 0;
}

void http_set_limits(Http *h, HttpLimits limits) {
        h->limits = limits;
}

void http_set_system_bundle(Http *h, const char *path) {
        h->system_bundle = path;
}

Http *http_free(Http *h) {
        if (!h)
                return NULL;

        assert(h->n_calls == 0);
        h->loop = http_loop_free(h->loop);
        if (h->curl_initialised)
                curl_global_cleanup();
        free(h->extra_pem);
        free(h);
        return NULL;
}
