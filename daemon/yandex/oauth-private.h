/* SPDX-License-Identifier: MIT */
#pragma once

/* Shared by oauth.c, which asks, and authorization.c, which has the user's browser ask. */

#include "yandex/oauth.h"

struct Oauth {
        Http *http;
        char *oauth_url;
        char *login_url;
        char *disk_url;
        char *device_id;
        char *device_name;
};
