/* SPDX-License-Identifier: MIT */
#pragma once

/* Disks that are full or cannot be written to, which nobody else sees. */

#include <sched.h>
#include <sys/mount.h>

#include "check.h"

/* Mounts an empty file system, from now on only for this process. Returns false if we may not. */
static inline bool own_mount(const char *path, const char *options) {
        if (unshare(CLONE_NEWNS) < 0)
                return false;
        return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
               mount("own", path, "tmpfs", 0, options) == 0;
}

static inline void own_mount_make_read_only(const char *path) {
        CHECK(mount(NULL, path, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
}

static inline void own_mount_end(const char *path) {
        CHECK(umount(path) == 0);
}
