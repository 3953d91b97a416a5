/* SPDX-License-Identifier: MIT */
#pragma once

/* Names that other programs rely on. The digit is the version of the interface. */

#define TOKENS_BUS_NAME "io.github.yadiskctl.Tokens1"
#define TOKENS_PATH     "/io/github/yadiskctl/Tokens1"

/* The daemon that owns this name is the only one on its bus. It is taken before the daemon can be
 * called, and it is not called itself. */
#define TOKENS_LOCK_NAME TOKENS_BUS_NAME ".Lock"

#define TOKENS_ACCOUNT_PATH TOKENS_PATH "/account"
#define TOKENS_REQUEST_PATH TOKENS_PATH "/request"

#define TOKENS_MANAGER_INTERFACE TOKENS_BUS_NAME ".Manager"
#define TOKENS_ACCOUNT_INTERFACE TOKENS_BUS_NAME ".Account"
#define TOKENS_REQUEST_INTERFACE TOKENS_BUS_NAME ".Request"

#define TOKENS_ERROR(name) TOKENS_BUS_NAME ".Error." name

#define TOKENS_KEYRING_SCHEMA TOKENS_BUS_NAME
#define TOKENS_API_VERSION    1U

/* The page on which a user sees and ends what an application may do (Yandex ID docs,
 * token-invalidate page). */
#define YANDEX_DATA_ACCESS_URL "https://id.yandex.ru/personal/data-access"

/* The bus itself. */
#define DBUS_NAME "org.freedesktop.DBus"
#define DBUS_PATH "/org/freedesktop/DBus"

/* The user's service manager (org.freedesktop.systemd1(5)). */
#define SYSTEMD_NAME    "org.freedesktop.systemd1"
#define SYSTEMD_PATH    "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER SYSTEMD_NAME ".Manager"
