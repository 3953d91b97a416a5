/* SPDX-License-Identifier: MIT */

/*
 * Nothing is decoded, and what has two readings is refused: a browser that reads an address in
 * another way than this file would go elsewhere.
 */

#include "common/address.h"

#include "common/util.h"

#define SCHEME         "https://"
#define MAX_BYTES      2048
#define HOST_MAX_BYTES 253
#define PORT_MAX_BYTES 5

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* What no address holds unquoted (RFC 3986, section 2). The backslash is a slash to browsers. */
#define NEVER "\"<>\\^`{|}"

static const char *const domains[] = { "ya.ru", "yandex.ru", "yandex.com" };
static const char *const loopback[] = { "localhost", "127.0.0.1", "[::1]" };

static bool is_clean(const char *s) {
        size_t n = 0;

        for (; s[n]; n++)
                if (n >= MAX_BYTES || s[n] <= ' ' || s[n] > '~' || strchr(NEVER, s[n]))
                        return false;
        return true;
}

/* Labels of letters, digits and hyphens: none is empty, so there is no dot at an end either. */
static bool is_name(const char *host) {
        for (;;) {
                size_t label = strspn(host, LETTERS DIGITS "-");

                if (label == 0)
                        return false;
                host += label;
                if (*host == '\0')
                        return true;
                if (*host++ != '.')
                        return false;
        }
}

static bool is_at_or_below(const char *host, const char *domain) {
        size_t n = strlen(host), m = strlen(domain);

        if (n < m || strcasecmp(host + n - m, domain) != 0)
                return false;
        return n == m || host[n - m - 1] == '.';
}

static bool is_of_yandex(const char *host) {
        for (size_t i = 0; i < ELEMENTSOF(loopback); i++)
                if (strcasecmp(host, loopback[i]) == 0)
                        return true;
        for (size_t i = 0; i < ELEMENTSOF(domains); i++)
                if (is_name(host) && is_at_or_below(host, domains[i]))
                        return true;
        return false;
}

/* What stands between the host and the path. */
static bool is_port(const char *s, size_t n) {
        if (n == 0)
                return true;
        return s[0] == ':' && n > 1 && n <= 1 + PORT_MAX_BYTES && strspn(s + 1, DIGITS) >= n - 1;
}

bool address_is_of_yandex(const char *url) {
        char host[HOST_MAX_BYTES + 1];
        const char *authority;
        size_t all, n;

        if (!url || !is_clean(url) || strncmp(url, SCHEME, strlen(SCHEME)) != 0)
                return false;

        authority = url + strlen(SCHEME);
        all = strcspn(authority, "/?#");
        n = *authority == '[' ? strcspn(authority, "]/?#") + 1 : strcspn(authority, ":/?#");
        if (n > all || n > HOST_MAX_BYTES || !is_port(authority + n, all - n))
                return false;

        memcpy(host, authority, n);
        host[n] = '\0';
        return is_of_yandex(host);
}
