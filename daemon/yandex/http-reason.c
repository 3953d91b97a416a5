/* SPDX-License-Identifier: MIT */

/*
 * What libcurl's result codes mean, and what the proxy is to blame for: libcurl reports trouble
 * with a proxy as it reports trouble with the server, or as a connection that broke.
 */

#include <openssl/x509_vfy.h>
#include <stdio.h>

#include "common/condition.h"
#include "common/i18n.h"
#include "common/utf8.h"
#include "yandex/http-private.h"

#define REASONS_MAX    16
#define NAME_MAX_BYTES 128

typedef struct HttpErrorRow {
        CURLcode code;
        int r;
        const char *reason;
} HttpErrorRow;

/* A server that does not prove its identity counts as server trouble and not as being offline:
 * something answered, only not the server that was asked. */
static const HttpErrorRow errors[] = {
        { CURLE_OK, 0, NULL },

        { CURLE_COULDNT_RESOLVE_HOST, CONDITION_OFFLINE, N_("the host name cannot be resolved") },
        { CURLE_COULDNT_RESOLVE_PROXY, CONDITION_OFFLINE,
          N_("the proxy's name cannot be resolved") },
        { CURLE_COULDNT_CONNECT, CONDITION_OFFLINE, N_("no connection") },
        { CURLE_PROXY, CONDITION_OFFLINE, N_("the proxy refused") },
        { CURLE_OPERATION_TIMEDOUT, CONDITION_OFFLINE, N_("no answer in time") },
        { CURLE_SEND_ERROR, CONDITION_OFFLINE, N_("the connection broke") },
        { CURLE_RECV_ERROR, CONDITION_OFFLINE, N_("the connection broke") },
        { CURLE_GOT_NOTHING, CONDITION_OFFLINE, N_("the connection was closed without an answer") },
        { CURLE_PARTIAL_FILE, CONDITION_OFFLINE, N_("the answer is cut off") },

        { CURLE_PEER_FAILED_VERIFICATION, CONDITION_SERVER_TROUBLE,
          N_("the server's certificate is not trusted") },
        { CURLE_SSL_CONNECT_ERROR, CONDITION_SERVER_TROUBLE, N_("the TLS handshake failed") },
        { CURLE_SSL_CACERT_BADFILE, CONDITION_SERVER_TROUBLE,
          N_("the trusted certificates cannot be read") },
        { CURLE_WRITE_ERROR, CONDITION_SERVER_TROUBLE, N_("the answer is too long") },
        /* libcurl says the same of a header line beyond its own limit. */
        { CURLE_OUT_OF_MEMORY, CONDITION_SERVER_TROUBLE,
          N_("the answer is too long, or memory is short") },

        { CURLE_URL_MALFORMAT, -EINVAL, N_("the address is not valid") },
};

int http_error(CURLcode code, const char **ret_reason) {
        for (size_t i = 0; i < ELEMENTSOF(errors); i++)
                if (errors[i].code == code) {
                        *ret_reason = errors[i].reason;
                        return errors[i].r;
                }

        *ret_reason = N_("the answer is not HTTP");
        return CONDITION_SERVER_TROUBLE;
}

const char *http_distrust(long verify_result) {
        switch (verify_result) {
        case X509_V_ERR_CERT_NOT_YET_VALID:
                return N_("the server's certificate is not valid yet by the clock of this machine");
        case X509_V_ERR_CERT_HAS_EXPIRED:
                return N_(
                        "the server's certificate is no longer valid by the clock of this machine");
        case X509_V_ERR_HOSTNAME_MISMATCH: /* see http-trust.c; libcurl's own verdict is none */
                return N_("the server's certificate has no subjectAltName with a host name, and "
                          "elsewhere in it a host name does not count");
        default:
                return N_("the server's certificate is not trusted");
        }
}

/* The variables are those of libcurl (CURLOPT_PROXY(3)): the first that is set counts, even if it
 * is empty. */
static const char *proxy_variable(const char *const *names) {
        for (; *names; names++)
                if (getenv(*names))
                        return getenv(*names);
        return NULL;
}

static const char *proxy_after_scheme(const char *url) {
        static const char scheme[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
        const char *end = url + strspn(url, scheme);

        return strncmp(end, "://", 3) == 0 ? end + 3 : url;
}

/* Whether a name in no_proxy means the host: it is the host itself, or a domain above it. */
static bool proxy_exempts(const char *name, size_t length, const char *host, size_t host_length) {
        if (length == 1 && *name == '*')
                return true;
        if (length > 0 && *name == '.') {
                name++;
                length--;
        }
        if (length == 0 || length > host_length ||
            strncasecmp(host + host_length - length, name, length) != 0)
                return false;
        return length == host_length || host[host_length - length - 1] == '.';
}

/* Networks such as "10.0.0.0/8" are not understood: Yandex is in none that a user would exempt. */
static bool proxy_is_exempt(const char *url) {
        static const char *const names[] = { "no_proxy", "NO_PROXY", NULL };
        const char *list = proxy_variable(names), *host = proxy_after_scheme(url);
        size_t length, host_length = strcspn(host, *host == '[' ? "]" : ":/?#");

        if (*host == '[') {
                host++;
                host_length--;
        }
        for (; !str_is_empty(list); list += length) {
                list += strspn(list, ", \t");
                length = strcspn(list, ", \t");
                if (proxy_exempts(list, length, host, host_length))
                        return true;
        }
        return false;
}

int http_proxy_find(const char *url, char **ret) {
        static const char *const names[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                             NULL };
        const char *proxy = proxy_variable(names), *host, *at;

        *ret = NULL;
        if (str_is_empty(proxy) || proxy_is_exempt(url))
                return 0;

        /* A password may contain any character: all that could belong to it goes. */
        host = proxy_after_scheme(proxy);
        at = strrchr(host, '@');
        at = at ? at + 1 : host;
        return str_format(ret, "%.*s%.*s", (int) (host - proxy), proxy, (int) strcspn(at, "/?#"),
                          at);
}

static const char *proxy_reason_by_answer(long status) {
        if (status == 407)
                return N_(
                        "the proxy asks for a user name and a password; put them into https_proxy");
        if (status == 403)
                return N_("the proxy does not let this machine through to Yandex; ask those who "
                          "run it");
        if (status >= 300 && status < 400)
                return N_("the proxy wants to show a page of its own first; open any page in the "
                          "browser to see it");
        if (status >= 500)
                return N_("the proxy itself cannot reach Yandex");
        return N_("the proxy refuses to connect to Yandex");
}

const char *http_proxy_reason(CURLcode code, long connect_code) {
        if (connect_code >= 200 && connect_code < 300)
                return NULL;
        if (connect_code != 0)
                return proxy_reason_by_answer(connect_code);

        switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST: /* Yandex's, which some proxies leave to us */
                return NULL;
        case CURLE_COULDNT_RESOLVE_PROXY:
                return N_("the proxy's name cannot be resolved; check https_proxy");
        case CURLE_COULDNT_CONNECT:
                return N_("the proxy cannot be reached; check https_proxy");
        case CURLE_OPERATION_TIMEDOUT:
                return N_("the proxy does not answer in time");
        case CURLE_PEER_FAILED_VERIFICATION:
                return N_("the proxy's certificate is not trusted");
        default:
                return N_("the proxy does not answer as one should; check https_proxy");
        }
}

const char *http_reason_with_name(const char *clause, const char *name) {
        static char reasons[REASONS_MAX][384];
        char text[sizeof(reasons[0])];

        if (!ascii_is_printable(name, NAME_MAX_BYTES) ||
            snprintf(text, sizeof(text), "%s (%s)", clause, name) >= (int) sizeof(text))
                return clause;

        for (size_t i = 0; i < REASONS_MAX; i++) {
                if (reasons[i][0] == '\0')
                        strcpy(reasons[i], text);
                if (streq(reasons[i], text))
                        return reasons[i];
        }
        return clause;
}
