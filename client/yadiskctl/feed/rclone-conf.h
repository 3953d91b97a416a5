/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * rclone.conf: a remote in it that is fed by the token endpoint. Only those lines of the remote are
 * written which say where its token comes from; every other byte of the file stays as it is.
 *
 * A function that returns false has described in *p what is wrong, and what to do.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "yadiskctl/daemon/problem.h"

/* Find the file that rclone reads, or, if there is none yet and *ret has stayed NULL, the place
 * where rclone would make it. Both return 0 or -ENOMEM. */
int rclone_conf_find(char **ret);
int rclone_conf_find_place(char **ret);

/* Whether rclone accepts this as the name of a remote. */
bool rclone_conf_is_remote(const char *name);

/* The lines with which a remote gets its token: *ret is "token_url = ..." and "token = ...", each
 * with a newline at its end. The caller frees it with secret_free(). Returns 0 or -ENOMEM. */
int rclone_conf_print_token(uint16_t port, const char *handle, char **ret);

/* What is in the file, and what must not have changed when it is replaced. */
typedef struct RcloneConf {
        char *path; /* links are followed, so that they stay; ends the file, even if it is missing */
        char *data;
        size_t size;
        bool is_missing;
        struct stat st; /* unless it is missing */
} RcloneConf;

/* Reads the file of that path, or the one of rclone_conf_find(), or finds out where it would be.
 * Fails if a feed of this remote could not be written into it. rclone_conf_done() ends *ret. */
bool rclone_conf_read(const char *path, const char *remote, RcloneConf *ret, Problem *p);
void rclone_conf_done(RcloneConf *c);

typedef enum RcloneRemote {
        RCLONE_REMOTE_MISSING,
        RCLONE_REMOTE_YANDEX,
        RCLONE_REMOTE_OTHER, /* it is of another type */
} RcloneRemote;

/* What the file has under that name. */
RcloneRemote rclone_conf_look(const RcloneConf *c, const char *remote);

/* Whether rclone has encrypted the file. */
bool rclone_conf_is_encrypted(const char *data, size_t size);

/* Puts the lines of rclone_conf_print_token() into the remote, which is added if it is missing.
 * Reads the file anew if another program changes it meanwhile. */
bool rclone_conf_write(RcloneConf *c, const char *remote, const char *token, Problem *p);

/* For tests: makes the new content. Returns 0 or -ENOMEM. */
int rclone_conf_edit(const char *data, size_t size, const char *remote, const char *token,
                     char **ret, size_t *ret_size);
