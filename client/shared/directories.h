/* SPDX-License-Identifier: MIT */
#pragma once

/* Where files of the user are, and the directories that they are in. */

#include "common/util.h"

/* $HOME or, if that is not set, what the user database says. */
const char *home_directory(void);

/* Prints a path below the directory that an XDG variable names or, if that is not set or not an
 * absolute path, which is to be ignored (XDG Base Directory Specification), below the home
 * directory: user_path("XDG_DATA_HOME", ".local/share", "a/b", ret). Returns 0 or -ENOMEM. */
int user_path(const char *variable, const char *below_home, const char *rest, char **ret);

/* The directory that holds the file, or NULL if there is no memory. The caller frees it. */
char *path_directory(const char *path);

/* Makes the directory, mode 0700, and those above it, if they are missing. Returns 0 or a negative
 * errno. */
int directory_make(const char *path);
