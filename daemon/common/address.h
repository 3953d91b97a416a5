/* SPDX-License-Identifier: MIT */
#pragma once

/* Addresses that users are sent to. They come from the network, so they are checked first. */

#include <stdbool.h>

/*
 * Whether url is a page of the server that base, the configured OAuthURL, names: one of Yandex; or,
 * if base is on the loopback, as that of a simulator is, one on exactly the same host and port. So
 * a server in the world cannot send a user's browser to a program on the user's machine or network.
 * base may be NULL.
 *
 * A page of Yandex: https, at most 2048 bytes of ASCII that need no quoting, no user name before
 * the host, no port or one from 1 to 65535. The host is ya.ru, yandex.ru, yandex.com, or one below
 * these. False for NULL.
 */
bool address_is_of_server(const char *url, const char *base);

/* The same for those that are handed a page which was compared with the configuration, and do not
 * know that: one of Yandex, or on the loopback. */
bool address_may_be_opened(const char *url);
