/* SPDX-License-Identifier: MIT */

/*
 * Nothing is decoded, and an address that can be read in two ways is refused: a browser that reads
 * it in the other way would go elsewhere.
 */

#include "common/address.h"

#include "common/util.h"

#define SCHEME         "https://"
#define MAX_BYTES      2048
#define HOST_MAX_BYTES 253
#define PORT_MAX_BYTES 5
#define PORT_MAX       65535

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Characters that an address never holds unquoted (RFC 3986, section 2). A browser takes a
 * backslash for a slash. */
#define NEVER "\"<>\\^`{|}"

static const char *const domains[] = { "ya.ru", "yandex.ru", "yandex.com" };
static const char *const loopback[] = { "localhost", "127.0.0.1", "[::1]" };

static bool address_is_clean(const char *s) {
        size_t n = 0;

        for (; s[n]; n++)
                if (n >= MAX_BYTES || s[n] <= ' ' || s[n] > '~' || strchr(NEVER, s[n]))
                        return false;
        return true;
}

/* Labels of letters, digits and hyphens: none is empty, so there is no dot at an end either. */
static bool host_is_name(const char *host) {
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

static bool host_is_at_or_below(const char *host, const char *domain) {
        size_t n = strlen(host), m = strlen(domain);

        if (n < m || strcasecmp(host + n - m, domain) != 0)
                return false;
        return n == m || host[n - m - 1] == '.';
}

static bool host_is_of_yandex(const char *host) {
        for (size_t i = 0; i < ELEMENTSOF(domains); i++)
                if (host_is_name(host) && host_is_at_or_below(host, domains[i]))
                        return true;
        return false;
}

static bool host_is_loopback(const char *host) {
        for (size_t i = 0; i < ELEMENTSOF(loopback); i++)
                if (strcasecmp(host, loopback[i]) == 0)
                        return true;
        return false;
}

/* Whether the n characters between host and path are nothing, or a port. */
static bool address_is_port(const char *s, size_t n) {
        unsigned long port;

        if (n == 0)
                return true;
        if (s[0] != ':' || n == 1 || n > 1 + PORT_MAX_BYTES || strspn(s + 1, DIGITS) < n - 1)
                return false;

        port = strtoul(s + 1, NULL, 10);
        return port > 0 && port <= PORT_MAX;
}

typedef struct Address {
        char host[HOST_MAX_BYTES + 1];
        const char *authority; /* host and port, in the text */
        size_t length;
} Address;

static bool address_parse(const char *url, Address *ret) {
        const char *authority;
        size_t all, n;

        if (!url || !address_is_clean(url) || !str_has_prefix(url, SCHEME))
                return false;

        authority = url + strlen(SCHEME);
        all = strcspn(authority, "/?#");
        n = *authority == '[' ? strcspn(authority, "]/?#") + 1 : strcspn(authority, ":/?#");
        if (n > all || n > HOST_MAX_BYTES || !address_is_port(authority + n, all - n))
                return false;

        *ret = (Address){ .authority = authority, .length = all };
        memcpy(ret->host, authority, n);
        return true;
}

bool address_is_of_server(const char *url, const char *base) {
        Address a, b;

        if (!address_parse(url, &a))
                return false;
        if (host_is_of_yandex(a.host))
                return true;
        return host_is_loopback(a.host) && address_parse(base, &b) && a.length == b.length &&
               strncasecmp(a.authority, b.authority, a.length) == 0;
}

bool address_may_be_opened(const char *url) {
        return address_is_of_server(url, url);
}
