/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A feed: the right of one program to get access tokens of one account from the token endpoint. The
 * program proves it with a handle, which is worth an access token on this machine and nothing else.
 * Only the handle's hash is kept.
 *
 * Feeds are files, one each, named after the hash: lasting ones below
 * $XDG_DATA_HOME/yadisk-tokend/feeds; temporary ones below $XDG_RUNTIME_DIR/yadisk-token-feeds,
 * each of which is valid as long as a process holds the lock on its file.
 *
 * Functions return 0 or a negative errno: -ENOENT if there is no such feed.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/util.h"

/* Hexadecimal digits of a SHA-256 hash; as many of them make the id that people see. */
#define FEED_HASH_LENGTH 64
#define FEED_ID_LENGTH   8

/* This tells a handle from a refresh token. */
#define FEED_HANDLE_PREFIX "yadisk-feed-"

/* Which program has used a feed. All but the time is a hint: what was found in /proc at that
 * time. */
typedef struct FeedUse {
        uint64_t time; /* UTC seconds; 0 if the feed was never used */
        uid_t uid;
        pid_t pid;        /* 0 if it was not found */
        char *executable; /* or NULL */
} FeedUse;

typedef struct Feed {
        char hash[FEED_HASH_LENGTH + 1]; /* its first FEED_ID_LENGTH digits are the id */
        char *program;                   /* "rclone" */
        char *remote;        /* what the program calls it; "" if it has no name for it */
        char *account;       /* the account's id */
        uint64_t created_at; /* UTC seconds */
        bool temporary;
        FeedUse last_use;
} Feed;

/* Makes a lasting feed, on the disk when this returns, and its handle: printable ASCII without
 * quotes and blanks. The caller erases and frees *ret_handle with secret_free(). */
int feed_create(const char *program, const char *remote, const char *account, Feed **ret,
                char **ret_handle);

/* The same for a feed that is valid until the last copy of the file descriptor *ret_lock is closed.
 * It is inherited by programs that are executed. */
int feed_create_temporary(const char *program, const char *remote, const char *account,
                          char **ret_handle, int *ret_lock);

/* Where lasting feeds are. */
int feeds_folder(char **ret);

/* Finds the feed of a handle that a program has sent: any string. */
int feed_find(const char *handle, Feed **ret);

/* Reads all feeds, the oldest first, and removes the files of temporary ones that have ended. */
int feeds_read(Feed ***ret, size_t *ret_n);
void feeds_free(Feed **feeds, size_t n);

/* Remembers who has used it, for feeds_read(). */
int feed_set_last_use(const Feed *f, const FeedUse *use);

/* Ends the feed. */
int feed_remove(const Feed *f);

Feed *feed_free(Feed *f);
DEFINE_CLEANUP(Feed *, feed_free)
