/* SPDX-License-Identifier: MIT */
#pragma once

/* Addresses which a person is sent to. They come from the network, so they are looked at first. */

#include <stdbool.h>

/*
 * Whether url can be shown to a person, and opened, as a page of Yandex: https, at most 2048 bytes of
 * ASCII that need no quoting, and the host is ya.ru, yandex.ru, yandex.com, one below these, or the
 * loopback, where nobody else can be. Any port, but nobody's name or password before the host.
 */
bool address_is_of_yandex(const char *url);
