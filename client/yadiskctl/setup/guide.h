/* SPDX-License-Identifier: MIT */
#pragma once

/* The way through the form of Yandex in which an application is registered (Yandex ID docs). It is in
 * Russian, so its words are shown as they stand there, in any language of ours. */

#include "yadiskctl/setup/permission.h"

#define GUIDE_FORM_URL "https://oauth.yandex.ru/client/new"

/* Numbered steps on stdout, from the address to the ClientID; no line has more than 80 columns. */
void guide_show(const PermissionSet *wanted);
