/* SPDX-License-Identifier: MIT */

#include "yadiskctl/doctor/configuration.h"

#include <limits.h>
#include <stdio.h>

#include "common/util.h"

#define FILE_NAME "yadisk-tokend/yadisk-tokend.conf"

static char path[PATH_MAX];

/* The directory is length bytes of what starts there. */
static bool is_in(const char *directory, size_t length, const char *below) {
        int n = snprintf(path, sizeof(path), "%.*s/%s" FILE_NAME, (int) length, directory, below);

        return n > 0 && (size_t) n < sizeof(path) && *directory == '/' && access(path, F_OK) == 0;
}

static bool is_in_any(const char *directories) {
        for (const char *d = directories; *d; d += strspn(d, ":")) {
                size_t length = strcspn(d, ":");

                if (is_in(d, length, ""))
                        return true;
                d += length;
        }
        return false;
}

const char *configuration_path(void) {
        const char *own = str_or_empty(getenv("XDG_CONFIG_HOME")),
                   *home = str_or_empty(getenv("HOME")),
                   *others = str_or_empty(getenv("XDG_CONFIG_DIRS"));

        if (*own ? is_in(own, strlen(own), "") : is_in(home, strlen(home), ".config/"))
                return path;
        return is_in_any(*others ? others : "/etc/xdg") ? path : NULL;
}
