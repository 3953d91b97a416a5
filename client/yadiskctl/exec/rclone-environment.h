/* SPDX-License-Identifier: MIT */
#pragma once

/* A remote of rclone that is defined by the environment, where each option of the remote "disk" is
 * a variable RCLONE_CONFIG_DISK_... (rclone.org/docs, "Environment variables"). */

#include <stdint.h>

#include "common/util.h"

/* Whether rclone takes the name, and its variables have names that every shell passes on. rclone
 * itself would also take dots, spaces and letters of other alphabets. */
bool rclone_remote_is_valid(const char *remote);

/*
 * Define the remote in our own environment, for the program that we become. It keeps the options
 * that the user has given it in the same way. rclone.conf is not used, since rclone would write the
 * token into it, unless $RCLONE_CONFIG names the file.
 *
 * Return 0 or a negative errno.
 */

/* With an access token, for as long as that lives (expires_at: UTC seconds, 0 if unknown). */
int rclone_environment_set_token(const char *remote, const char *token, uint64_t expires_at);

/* With the handle of a feed, for which the token endpoint on that port gives access tokens. */
int rclone_environment_set_feed(const char *remote, const char *handle, uint16_t port);
