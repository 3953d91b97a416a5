/* SPDX-License-Identifier: MIT */

#include "shared/directories.h"

#include <pwd.h>
#include <sys/stat.h>

const char *home_directory(void) {
        const char *home = getenv("HOME");
        const struct passwd *user = str_is_empty(home) ? getpwuid(geteuid()) : NULL;

        return user ? user->pw_dir : home ?: "/";
}

int user_path(const char *variable, const char *below_home, const char *rest, char **ret) {
        const char *base = getenv(variable);

        if (base && *base == '/')
                return str_format(ret, "%s/%s", base, rest);
        return str_format(ret, "%s/%s/%s", home_directory(), below_home, rest);
}

char *path_directory(const char *path) {
        const char *slash = strrchr(path, '/');

        if (!slash)
                return strdup(".");
        return strndup(path, slash == path ? 1 : (size_t) (slash - path));
}

int directory_make(const char *path) {
        _cleanup_free_ char *above = strdup(path);
        int r = 0;

        if (!above)
                return -ENOMEM;
        for (char *slash = strchr(above + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                if (mkdir(above, 0700) < 0 && errno != EEXIST && r == 0)
                        r = -errno;
                *slash = '/';
        }
        if (mkdir(path, 0700) >= 0 || errno == EEXIST)
                return 0;
        return r < 0 ? r : -errno;
}
