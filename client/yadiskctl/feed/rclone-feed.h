/* SPDX-License-Identifier: MIT */
#pragma once

/* Feeds a remote of rclone: makes a feed for it, which takes the place of the one that it had
 * before, and writes it into rclone.conf if that is wanted. */

#include "feed/feed.h"
#include "yadiskctl/daemon/snapshot.h"
#include "yadiskctl/feed/rclone-conf.h"

#define RCLONE_PROGRAM "rclone"

/* What a remote is called unless the user calls it something else. */
#define RCLONE_REMOTE_DEFAULT "yandex"

typedef struct RcloneFeed {
        Feed *feed;
        char *token; /* see rclone_conf_print_token() */
        bool is_replacement;
} RcloneFeed;

/* Makes the feed. c may be NULL, and else is the file into which it is written. If this fails,
 * neither the feeds nor the file have changed. A remark is made if there is no token at present. */
bool rclone_feed_add(sd_bus *bus, const Account *account, const char *remote, RcloneConf *c,
                     RcloneFeed *ret, Problem *p);
void rclone_feed_done(RcloneFeed *f);

/* Says the section of rclone.conf on stdout. */
void rclone_feed_say(const RcloneFeed *f);
