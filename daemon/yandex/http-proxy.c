/* SPDX-License-Identifier: MIT */

#include "yandex/http-proxy.h"

#include "common/i18n.h"

/* As libcurl has it (CURLOPT_PROXY(3)): the first that is set counts, and nothing in it means no proxy. */
static const char *const variables[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" };

static const char *first_set(const char *const *names, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (getenv(names[i]))
                        return getenv(names[i]);
        return NULL;
}

static const char *after_scheme(const char *url) {
        static const char scheme[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
        const char *end = url + strspn(url, scheme);

        return strncmp(end, "://", 3) == 0 ? end + 3 : url;
}

/* One name of the list: it means the host, and those below it. */
static bool covers(const char *name, size_t length, const char *host, size_t host_length) {
        if (length > 0 && *name == '.') {
                name++;
                length--;
        }
        if (length == 0 || length > host_length ||
            strncasecmp(host + host_length - length, name, length) != 0)
                return false;
        return length == host_length || host[host_length - length - 1] == '.';
}

/* Networks, as in "10.0.0.0/8", are left out: nobody has Yandex in one. */
static bool is_exempt(const char *url) {
        static const char *const names[] = { "no_proxy", "NO_PROXY" };
        const char *list = first_set(names, ELEMENTSOF(names)), *host = after_scheme(url);
        size_t length, host_length = strcspn(host, *host == '[' ? "]" : ":/?#");

        if (*host == '[') {
                host++;
                host_length--;
        }
        for (; !str_is_empty(list); list += length) {
                list += strspn(list, ", \t");
                length = strcspn(list, ", \t");
                if ((length == 1 && *list == '*') || covers(list, length, host, host_length))
                        return true;
        }
        return false;
}

int http_proxy_find(const char *url, char **ret) {
        const char *proxy = first_set(variables, ELEMENTSOF(variables)), *host, *at;
        char *name;
        size_t scheme, length;

        *ret = NULL;
        if (str_is_empty(proxy) || is_exempt(url))
                return 0;

        /* A password may hold anything: all that could belong to it goes. */
        host = after_scheme(proxy);
        scheme = (size_t) (host - proxy);
        at = strrchr(host, '@');
        host = at ? at + 1 : host;
        length = strcspn(host, "/?#");

        name = malloc(scheme + length + 1);
        if (!name)
                return -ENOMEM;

        memcpy(name, proxy, scheme);
        memcpy(name + scheme, host, length);
        name[scheme + length] = '\0';
        *ret = name;
        return 0;
}

static const char *reason_of_answer(long status) {
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
                return reason_of_answer(connect_code);

        switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST: /* of Yandex, which some proxies leave to us */
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
