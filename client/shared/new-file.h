/* SPDX-License-Identifier: MIT */
#pragma once

/* A file that takes the place of another in one step: others see the old one or the new one, whole,
 * and so does the next boot after a power cut. */

#include "common/util.h"

typedef struct NewFile {
        char *target;
        char *path; /* beside the target; NULL if there is none */
        int fd;
        bool is_hint; /* a power cut may lose it: we do not wait for the disk */
} NewFile;

/* A file that new_file_done() need not end, but may. */
#define NEW_FILE_NONE                                                                              \
        { .fd = -EBADF }

/* These return 0 or a negative errno. The new file is of mode 0600. flags: O_CLOEXEC or 0. */
int new_file_create(NewFile *f, const char *target, int flags);

/* Returns when all of it is on the disk, unless it is a hint. */
int new_file_write(NewFile *f, const char *data, size_t size);

/* Renames it to the target. f->fd stays open. */
int new_file_publish(NewFile *f);

/* Removes the file, unless it is published. */
void new_file_done(NewFile *f);
