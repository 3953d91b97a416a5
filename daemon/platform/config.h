/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The configuration file: $XDG_CONFIG_HOME/yadisk-tokend/yadisk-tokend.conf, or the same below one
 * of $XDG_CONFIG_DIRS (/etc/xdg). Only the first that exists is read. Without a file the defaults
 * hold.
 */

#include "common/util.h"

/* Every string is set, except that ca_file is NULL if none is configured. */
typedef struct Config {
        char *oauth_url; /* https, no slash at the end */
        char *login_url;
        char *disk_url;
        char *ca_file;     /* absolute path */
        char *device_name; /* at most 100 characters, no control characters */
} Config;

void config_done(Config *c);

/* Finds the file and reads it. Returns 0; a negative errno; or CONDITION_INVALID_ARGS, in which
 * case one line in the log has named the file, the group, the key and what is wrong. */
int config_load(Config *ret);

/* The same for a given file; NULL: the defaults alone. */
int config_load_file(const char *path, Config *ret);
