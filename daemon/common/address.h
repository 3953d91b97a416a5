/* SPDX-License-Identifier: MIT */
#pragma once

/* Addresses that users are sent to. They come from the network, so they are checked first. */

#include <stdbool.h>

/*
 * Whether url may be shown to a user, and opened, as a page of Yandex: https, at most 2048 bytes of
 * ASCII that need no quoting, no user name before the host, any port. The host is ya.ru, yandex.ru,
 * yandex.com, one below these, or the loopback, since only programs of this machine can be there.
 * False for NULL.
 */
bool address_is_of_yandex(const char *url);
