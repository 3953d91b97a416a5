/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The configuration file: $XDG_CONFIG_HOME/yadisk-tokend/yadisk-tokend.conf, else the same below each
 * of $XDG_CONFIG_DIRS (/etc/xdg). The first that exists counts, whole. None is needed.
 */

#include "common/util.h"

/* Every string is set but ca_file, which is NULL where none is given. */
typedef struct Config {
        char *oauth_url; /* https, no slash at the end */
        char *login_url;
        char *disk_url;
        char *ca_file;     /* absolute path */
        char *device_name; /* at most 100 bytes, no control characters */
} Config;

void config_done(Config *c);

/* Looks for the file and reads it. 0; a negative errno; CONDITION_INVALID_ARGS after one line on the
 * log has named file, group, key and what is wrong. */
int config_load(Config *ret);

/* The same for one file. */
int config_load_file(const char *path, Config *ret);
