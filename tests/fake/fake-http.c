/* SPDX-License-Identifier: MIT */

#include "fake-http.h"

#include <stdio.h>

#include "common/condition.h"

#define REQUESTS_MAX     4096U
#define EXPECTATIONS_MAX 256U
#define FIELDS_MAX       4096U

struct Http {
        sd_event *event;
        unsigned n_calls;
};

struct HttpCall {
        Http *http;
        HttpFn fn;
        void *userdata;
        Secret *body;            /* that was lent for the answer, or NULL */
        sd_event_source *source; /* set once it is answered */
        bool sent;
        HttpAnswer answer;
};

typedef struct Request {
        char *url;
        Secret *form;
        Secret *authorization;
        bool due;
        HttpCall *call; /* NULL once it is over */
} Request;

typedef struct Expectation {
        char *path;
        HttpAnswer answer;
        bool used;
} Expectation;

static Request requests[REQUESTS_MAX];
static unsigned n_requests;
static Expectation expectations[EXPECTATIONS_MAX];
static unsigned n_expectations;
static char *fields[FIELDS_MAX];
static unsigned n_fields;
static int looked_at = -1; /* -1: the latest */
static int refusal;
static bool holding_back;
static bool is_over_budget;
static int64_t next_retry_after = HTTP_NO_RETRY_AFTER;
static int64_t next_date;

static void insist(bool so, const char *what) {
        if (so)
                return;

        fprintf(stderr, "fake-http: %s\n", what);
        abort();
}

static HttpAnswer make_answer(int status, const void *bytes, size_t length) {
        HttpAnswer answer = {
                .status = status,
                .retry_after = next_retry_after,
                .date = next_date,
        };

        insist(secret_new_from(bytes, length, &answer.body) == 0, "no memory");
        return answer;
}

static HttpAnswer make_failure(int r, bool lost) {
        return (HttpAnswer){
                .r = r,
                .reason = "the test wants it so",
                .lost = lost,
                .retry_after = HTTP_NO_RETRY_AFTER,
        };
}

static void forget_call(HttpCall *c) {
        for (unsigned i = 0; i < n_requests; i++)
                if (requests[i].call == c)
                        requests[i].call = NULL;
}

static int on_deliver(sd_event_source *source, void *userdata) {
        _cleanup_(secret_unrefp) Secret *body = NULL;
        HttpCall *c = userdata;
        HttpAnswer answer = c->answer;

        body = TAKE_PTR(c->answer.body);
        c->source = sd_event_source_disable_unref(c->source);
        forget_call(c);
        c->fn(&answer, c->userdata);
        return 0;
}

static void arrive(HttpCall *c, const Secret *body) {
        insist(secret_length(c->body) == 0, "the lent body is not empty");
        insist(secret_append(c->body, secret_string(body), secret_length(body)) == 0,
               "the lent body is too small");
}

/* Takes the answer's body. */
static void deliver(HttpCall *c, HttpAnswer answer) {
        if (c->body && answer.body) {
                arrive(c, answer.body);
                secret_unref(answer.body);
                answer.body = secret_ref(c->body);
        }
        c->answer = answer;
        insist(sd_event_add_defer(c->http->event, &c->source, on_deliver, c) >= 0, "no memory");
}

static HttpCall *oldest_waiting(void) {
        for (unsigned i = 0; i < n_requests; i++)
                if (requests[i].call && !requests[i].call->source)
                        return requests[i].call;

        insist(false, "there is no request to answer");
        return NULL;
}

static const char *find_path(const char *url, size_t *ret_length) {
        const char *host = strstr(url, "://");
        const char *path = host ? strchr(host + strlen("://"), '/') : NULL;

        path = path ?: "/";
        *ret_length = strcspn(path, "?#");
        return path;
}

static bool has_path(const char *url, const char *path) {
        size_t length;
        const char *found = find_path(url, &length);

        return strlen(path) == length && strncmp(found, path, length) == 0;
}

static Expectation *find_expectation(const char *url) {
        for (unsigned i = 0; i < n_expectations; i++)
                if (!expectations[i].used && has_path(url, expectations[i].path))
                        return &expectations[i];
        return NULL;
}

static const Request *request(void) {
        insist(n_requests > 0, "there was no request to look at");
        return &requests[looked_at < 0 ? n_requests - 1 : (unsigned) looked_at];
}

static int hex(char c) {
        static const char digits[] = "0123456789ABCDEF0123456789abcdef";
        const char *found = c ? strchr(digits, c) : NULL;

        insist(found, "the form holds a % without two digits");
        return (int) (found - digits) % 16;
}

static const char *decode(const char *text, size_t length) {
        char *value = calloc(1, length + 1), *end = value;

        insist(value && n_fields < FIELDS_MAX, "no room for another field");
        for (size_t i = 0; i < length; i++) {
                if (text[i] == '%') {
                        *end++ = (char) (hex(text[i + 1]) * 16 + hex(text[i + 2]));
                        i += 2;
                } else
                        *end++ = text[i] == '+' ? ' ' : text[i];
        }

        fields[n_fields++] = value;
        return value;
}

void fake_http_reset(void) {
        for (unsigned i = 0; i < n_requests; i++) {
                insist(!requests[i].call, "a call is left");
                free(requests[i].url);
                secret_unref(requests[i].form);
                secret_unref(requests[i].authorization);
        }
        for (unsigned i = 0; i < n_expectations; i++) {
                free(expectations[i].path);
                secret_unref(expectations[i].answer.body);
        }
        for (unsigned i = 0; i < n_fields; i++)
                free(fields[i]);

        n_requests = n_expectations = n_fields = 0;
        looked_at = -1;
        holding_back = false;
        refusal = 0;
        is_over_budget = false;
        next_retry_after = HTTP_NO_RETRY_AFTER;
        next_date = 0;
}

unsigned fake_http_count(const char *path) {
        unsigned n = 0;

        for (unsigned i = 0; i < n_requests; i++)
                n += !path || has_path(requests[i].url, path);
        return n;
}

unsigned fake_http_waiting(void) {
        unsigned n = 0;

        for (unsigned i = 0; i < n_requests; i++)
                n += requests[i].call && !requests[i].call->source;
        return n;
}

void fake_http_look_at(unsigned n) {
        insist(n < n_requests, "there was no such request");
        looked_at = (int) n;
}

void fake_http_look_at_latest(void) {
        looked_at = -1;
        holding_back = false;
}

const char *fake_http_url(void) {
        return request()->url;
}

const char *fake_http_form(void) {
        return secret_string(request()->form);
}

const char *fake_http_authorization(void) {
        return secret_string(request()->authorization);
}

bool fake_http_is_due(void) {
        return request()->due;
}

const char *fake_http_field(const char *name) {
        const char *found = NULL;

        for (const char *p = str_or_empty(fake_http_form()); *p;) {
                size_t length = strcspn(p, "&"), name_length = strcspn(p, "=&");

                if (name_length == strlen(name) && strncmp(p, name, name_length) == 0) {
                        insist(!found, "a field was sent twice");
                        insist(p[name_length] == '=', "a field has no value");
                        found = decode(p + name_length + 1, length - name_length - 1);
                }
                p += length;
                p += *p == '&';
        }
        return found;
}

void fake_http_answer_bytes(int status, const void *bytes, size_t length) {
        deliver(oldest_waiting(), make_answer(status, bytes, length));
}

void fake_http_answer(int status, const char *body) {
        fake_http_answer_bytes(status, body, strlen(body));
}

void fake_http_arrive(const char *body) {
        _cleanup_(secret_unrefp) Secret *s = NULL;
        HttpCall *c = oldest_waiting();

        insist(c->body != NULL, "no body was lent");
        insist(secret_new_from(body, strlen(body), &s) == 0, "no memory");
        arrive(c, s);
}

void fake_http_fail(int r, bool lost) {
        deliver(oldest_waiting(), make_failure(r, lost));
}

void fake_http_distrust(void) {
        HttpAnswer answer = make_failure(CONDITION_SERVER_TROUBLE, false);

        answer.untrusted = true;
        deliver(oldest_waiting(), answer);
}

static void expect(const char *path, HttpAnswer answer) {
        insist(n_expectations < EXPECTATIONS_MAX, "too many expectations");
        expectations[n_expectations++] = (Expectation){ strdup(path), answer, false };
}

void fake_http_expect(const char *path, int status, const char *body) {
        expect(path, make_answer(status, body, strlen(body)));
}

void fake_http_expect_failure(const char *path, int r, bool lost) {
        expect(path, make_failure(r, lost));
}

void fake_http_set_retry_after(int64_t seconds) {
        next_retry_after = seconds;
}

void fake_http_set_date(int64_t date) {
        next_date = date;
}

void fake_http_refuse(int r) {
        refusal = r;
}

void fake_http_set_over_budget(bool over) {
        is_over_budget = over;
}

bool http_is_over_budget(const Http *h) {
        return is_over_budget;
}

int http_new(sd_event *event, const char *ca_file, Http **ret) {
        Http *h = calloc(1, sizeof(Http));

        if (!h)
                return -ENOMEM;

        h->event = sd_event_ref(event);
        *ret = h;
        return 0;
}

Http *http_free(Http *h) {
        if (!h)
                return NULL;

        insist(h->n_calls == 0, "a call is left");
        sd_event_unref(h->event);
        free(h);
        return NULL;
}

int http_call_start(Http *h, const HttpRequest *asked, HttpFn fn, void *userdata,
                    HttpCall **ret_call) {
        Expectation *expected;
        HttpCall *c;
        int r = refusal;

        refusal = 0;
        if (r < 0)
                return r;

        insist(n_requests < REQUESTS_MAX, "too many requests");
        c = calloc(1, sizeof(HttpCall));
        if (!c)
                return -ENOMEM;

        *c = (HttpCall){ .http = h, .fn = fn, .userdata = userdata, .sent = !holding_back };
        c->body = secret_ref(asked->body);
        h->n_calls++;
        requests[n_requests++] = (Request){
                .url = strdup(asked->url),
                .form = secret_ref((Secret *) asked->form),
                .authorization = secret_ref((Secret *) asked->authorization),
                .due = asked->due,
                .call = c,
        };

        expected = find_expectation(asked->url);
        if (expected) {
                expected->used = true;
                deliver(c, expected->answer);
                expected->answer.body = NULL;
        }

        *ret_call = c;
        return 0;
}

void fake_http_hold_back(bool hold) {
        holding_back = hold;
}

bool http_call_is_sent(const HttpCall *c) {
        return c->sent;
}

HttpCall *http_call_free(HttpCall *c) {
        if (!c)
                return NULL;

        forget_call(c);
        sd_event_source_disable_unref(c->source);
        secret_unref(c->answer.body);
        secret_unref(c->body);
        c->http->n_calls--;
        free(c);
        return NULL;
}
