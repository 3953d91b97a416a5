/* SPDX-License-Identifier: MIT */

#include "api/connection.h"

#include <curl/curl.h>
#include <signal.h>
#include <time.h>

#include "api/input.h"
#include "common/deadlines.h"
#include "common/i18n.h"
#include "yadiskctl/terminal/text.h"

#define USER_AGENT    "yadiskctl/" YADISK_VERSION
#define STALL_SECONDS 60
#define CA_FILE_MAX   ((size_t) 4 * 1024 * 1024)

struct Connection {
        CURL *easy;
        char *certificates; /* NULL: the system's alone */

        /* The request under way. */
        const Receiver *receiver;
        ExitStatus status; /* what its receiver returned */
        bool head_ended;
        bool begun; /* its receiver has seen the head */
        bool stalled;
        time_t moved_at; /* CLOCK_MONOTONIC: when something was sent or received */
        curl_off_t n_moved;
        struct sigaction on_pipe; /* what we do at SIGPIPE */
};

static const HttpMethod methods[] = {
        { "GET", .idempotent = true }, { "HEAD", .idempotent = true },
        { "POST", .has_body = true },  { "PUT", .has_body = true, .idempotent = true },
        { "PATCH", .has_body = true }, { "DELETE", .idempotent = true },
};

const HttpMethod *http_method_find(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(methods); i++)
                if (strcasecmp(methods[i].name, name) == 0)
                        return &methods[i];
        return NULL;
}

static time_t connection_now(void) {
        struct timespec now = {};

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec;
}

static const char *connection_header(const Connection *c, const char *name) {
        struct curl_header *h;

        return curl_easy_header(c->easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value
                                                                                     : NULL;
}

/* Reads a number of seconds, or a date, which is compared with that of the answer (RFC 9110,
 * section 10.2.3). */
static int64_t connection_retry_after(const Connection *c) {
        const char *value = connection_header(c, "Retry-After"),
                   *date = connection_header(c, "Date");
        time_t until, now;

        if (str_is_empty(value))
                return -1;
        if (value[strspn(value, "0123456789")] == '\0')
                return strtoll(value, NULL, 10);

        until = curl_getdate(value, NULL);
        now = date ? curl_getdate(date, NULL) : -1;
        if (until < 0)
                return -1;
        return MAX_OF(until - (now < 0 ? time(NULL) : now), 0);
}

static void connection_begin(Connection *c) {
        AnswerHead head = {
                .location = connection_header(c, "Location"),
                .retry_after = connection_retry_after(c),
        };

        (void) curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &head.status);
        c->begun = true;
        c->status = c->receiver->begin(&head, c->receiver->userdata);
}

static size_t connection_on_header(char *data, size_t size, size_t n, void *userdata) {
        Connection *c = userdata;

        c->head_ended = data[0] == '\r' || data[0] == '\n'; /* if there are several, the last */
        return n;
}

/* While a request runs, libcurl ignores SIGPIPE, so that a server which closes its connection does
 * not end us. But if our own reader has closed its end, we end as a program in a pipe does. */
static size_t connection_on_body(char *data, size_t size, size_t n, void *userdata) {
        Connection *c = userdata;
        struct sigaction of_libcurl;

        (void) sigaction(SIGPIPE, &c->on_pipe, &of_libcurl);
        if (!c->begun)
                connection_begin(c);
        if (c->status == EXIT_STATUS_OK)
                c->status = c->receiver->take(data, n, c->receiver->userdata);
        (void) sigaction(SIGPIPE, &of_libcurl, NULL);

        c->moved_at = connection_now(); /* that our reader is slow is no fault of the server */
        return c->status == EXIT_STATUS_OK ? n : 0;
}

/* libcurl calls this about once a second, even if nothing moves. Its own limit of speed would count
 * the time that our reader takes. */
static int connection_on_progress(void *userdata, curl_off_t down_total, curl_off_t down,
                                  curl_off_t up_total, curl_off_t up) {
        Connection *c = userdata;
        time_t now = connection_now();

        if (down + up != c->n_moved) {
                c->n_moved = down + up;
                c->moved_at = now;
        }
        c->stalled = now - c->moved_at >= STALL_SECONDS;
        return c->stalled;
}

/* Each step is skipped if one before it has failed. */
#define SET(option, value)                                                                         \
        do {                                                                                       \
                if (code == CURLE_OK)                                                              \
                        code = curl_easy_setopt(c->easy, option, value);                           \
        } while (false)

/* What is the same for all requests. CURLOPT_NOSIGNAL stays off, see connection_on_body(). */
static CURLcode connection_set_policy(Connection *c) {
        CURLcode code = CURLE_OK;

        curl_easy_reset(c->easy); /* keeps what is connected */
        SET(CURLOPT_PROTOCOLS_STR, "https");
        SET(CURLOPT_SSL_VERIFYPEER, 1L);
        SET(CURLOPT_SSL_VERIFYHOST, 2L);
        SET(CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
        SET(CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
        SET(CURLOPT_USERAGENT, USER_AGENT);
        SET(CURLOPT_FOLLOWLOCATION, 0L);
        SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
        SET(CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
        SET(CURLOPT_VERBOSE, 0L);
        SET(CURLOPT_CONNECTTIMEOUT_MS, (long) DEADLINE_CONNECT_MS);
        SET(CURLOPT_NOPROGRESS, 0L);
        SET(CURLOPT_XFERINFOFUNCTION, connection_on_progress);
        SET(CURLOPT_XFERINFODATA, c);
        SET(CURLOPT_HEADERFUNCTION, connection_on_header);
        SET(CURLOPT_HEADERDATA, c);
        SET(CURLOPT_WRITEFUNCTION, connection_on_body);
        SET(CURLOPT_WRITEDATA, c);
        /* Our header lines are for the server and never for a proxy, whose own are not for us. */
        SET(CURLOPT_HEADEROPT, (long) CURLHEADER_SEPARATE);
        SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
        if (c->certificates) {
                struct curl_blob blob = { c->certificates, strlen(c->certificates),
                                          CURL_BLOB_NOCOPY };

                SET(CURLOPT_CAINFO_BLOB, &blob);
        }
        return code;
}

static CURLcode connection_set_request(Connection *c, const Request *r,
                                       const struct curl_slist *headers) {
        const char *data = r->body ? r->body->data : "";
        size_t size = r->body ? r->body->size : 0;
        CURLcode code = connection_set_policy(c);

        SET(CURLOPT_URL, r->url);
        SET(CURLOPT_HTTPHEADER, headers);
        if (r->method->has_body || r->body) {
                SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) size);
                SET(CURLOPT_POSTFIELDS, data);
        }
        if (streq(r->method->name, "HEAD"))
                SET(CURLOPT_NOBODY, 1L);
        else
                SET(CURLOPT_CUSTOMREQUEST, r->method->name);
        return code;
}

#undef SET

/* Clauses as the daemon has them for its own requests. */
static const char *connection_reason(const Connection *c, CURLcode code) {
        long proxy_answer = 0;

        (void) curl_easy_getinfo(c->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_answer);
        if (proxy_answer >= 300)
                return N_("the proxy refused");
        if (c->stalled)
                return N_("no answer in time");

        switch ((int) code) {
        case CURLE_COULDNT_RESOLVE_HOST:
                return N_("the host name cannot be resolved");
        case CURLE_COULDNT_RESOLVE_PROXY:
                return N_("the proxy's name cannot be resolved");
        case CURLE_COULDNT_CONNECT:
                return N_("no connection");
        case CURLE_OPERATION_TIMEDOUT:
                return N_("no answer in time");
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
                return N_("the connection broke");
        case CURLE_GOT_NOTHING:
                return N_("the connection was closed without an answer");
        case CURLE_PARTIAL_FILE:
                return N_("the answer is cut off");
        case CURLE_SSL_CONNECT_ERROR:
                return N_("the TLS handshake failed");
        default:
                return curl_easy_strerror(code);
        }
}

static ExitStatus connection_fail(const Connection *c, CURLcode code) {
        if (c->status != EXIT_STATUS_OK) /* and not libcurl's failure */
                return c->status;
        if (code == CURLE_PEER_FAILED_VERIFICATION)
                return fail(EXIT_STATUS_TRY_LATER,
                            "The certificate of the Disk is not trusted, so it was not sent the "
                            "token; run \"yadiskctl doctor\" to see why.");
        return fail(EXIT_STATUS_TRY_LATER,
                    "The Disk cannot be reached: %s; check the network and try again.",
                    _(connection_reason(c, code)));
}

ExitStatus connection_request(Connection *c, const Request *request, const Receiver *receiver) {
        _cleanup_free_ char *type = NULL;
        struct curl_slist accept = { (char *) "Accept: application/json", NULL },
                          authorization = { (char *) request->authorization, &accept },
                          content_type = { NULL, &authorization },
                          expect = { (char *) "Expect:", &content_type };
        CURLcode code;

        if (str_format(&type, "Content-Type:%s%s", request->body ? " " : "",
                       request->body ? request->body->type : "") < 0)
                return fail_errno(-ENOMEM, "ask the Disk");
        content_type.data = type;

        c->receiver = receiver;
        c->status = EXIT_STATUS_OK;
        c->head_ended = c->begun = c->stalled = false;
        c->n_moved = 0;
        c->moved_at = connection_now();
        (void) sigaction(SIGPIPE, NULL, &c->on_pipe);

        code = connection_set_request(c, request, &expect);
        if (code == CURLE_OK)
                code = curl_easy_perform(c->easy);
        /* libcurl takes a head that is cut off for a whole answer without a body. */
        if (code == CURLE_OK && !c->head_ended)
                code = CURLE_PARTIAL_FILE;
        if (code == CURLE_OK && !c->begun)
                connection_begin(c);
        return code == CURLE_OK ? c->status : connection_fail(c, code);
}

void connection_print_head(Connection *c, FILE *f) {
        struct curl_header *h = NULL;
        long status = 0;

        (void) curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
        fprintf(f, "HTTP/1.1 %ld\n", status);
        while ((h = curl_easy_nextheader(c->easy, CURLH_HEADER, -1, h))) {
                text_print(f, h->name);
                fputs(": ", f);
                text_print(f, h->value);
                fputc('\n', f);
        }
        fputc('\n', f);
}

/* Trusts the system's certificates and those of the file. CURLOPT_CAINFO would replace the system's
 * bundle, so both are handed over together; libcurl's directory of certificates stays as it is. A
 * system may have a directory alone, and no bundle. */
static int connection_trust(Connection *c, const char *ca_file) {
        _cleanup_free_ char *own = NULL, *system = NULL;
        const char *bundle = NULL;
        size_t size;
        int r;

        r = input_read_file(ca_file, CA_FILE_MAX, &own, &size);
        if (r < 0)
                return r;

        (void) curl_easy_getinfo(c->easy, CURLINFO_CAINFO, &bundle);
        if (bundle)
                (void) input_read_file(bundle, CA_FILE_MAX, &system, &size);
        return str_format(&c->certificates, "%s\n%s", str_or_empty(system), own);
}

ExitStatus connection_new(const char *ca_file, Connection **ret) {
        _cleanup_(connection_freep) Connection *c = calloc(1, sizeof(Connection));
        int r;

        (void) unsetenv("SSLKEYLOGFILE"); /* into which libcurl would write the keys of TLS */
        if (!c || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
                return fail_errno(-ENOMEM, "ask the Disk");
        c->easy = curl_easy_init();
        if (!c->easy)
                return fail_errno(-ENOMEM, "ask the Disk");

        r = str_is_empty(ca_file) ? 0 : connection_trust(c, ca_file);
        if (r < 0)
                return fail(EXIT_STATUS_FAILURE,
                            "Cannot read the certificates in %s: %s; correct CAFile in "
                            "yadisk-tokend.conf.",
                            ca_file, strerror(-r));

        *ret = TAKE_PTR(c);
        return EXIT_STATUS_OK;
}

Connection *connection_free(Connection *c) {
        if (!c)
                return NULL;

        if (c->easy)
                curl_easy_cleanup(c->easy);
        free(c->certificates);
        free(c);
        curl_global_cleanup();
        return NULL;
}
