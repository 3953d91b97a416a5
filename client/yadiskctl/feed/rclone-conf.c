/* SPDX-License-Identifier: MIT */

#include "yadiskctl/feed/rclone-conf.h"

#include <fcntl.h>

#include "common/i18n.h"
#include "common/shell.h"
#include "common/utf8.h"
#include "shared/directories.h"
#include "shared/glib-library.h"
#include "shared/new-file.h"
#include "shared/sealed.h"
#include "yadiskctl/terminal/text.h"

#define CONF_MAX_BYTES  ((off_t) 1024 * 1024)
#define REMOTE_MAX      128
#define REMOTE_OTHERS   "_-.+@ "
#define ATTEMPTS_MAX    5
#define MODE_OF_SECRETS 0600

static int rclone_conf_look_in(const char *directory, const char *rest, char **ret) {
        _cleanup_free_ char *path = NULL;
        int r;

        if (*ret || str_is_empty(directory))
                return 0;
        r = str_format(&path, "%s/%s", directory, rest);
        if (r >= 0 && access(path, F_OK) == 0)
                *ret = TAKE_PTR(path);
        return r;
}

/* rclone itself reads $RCLONE_CONFIG if it is set, otherwise the first of the others that
 * exists. */
int rclone_conf_find(char **ret) {
        const char *named = getenv("RCLONE_CONFIG"), *home = home_directory();
        char *path = NULL;
        int r;

        if (!str_is_empty(named))
                return str_replace(ret, named);

        r = rclone_conf_look_in(getenv("XDG_CONFIG_HOME"), "rclone/rclone.conf", &path);
        if (r >= 0)
                r = rclone_conf_look_in(home, ".config/rclone/rclone.conf", &path);
        if (r >= 0)
                r = rclone_conf_look_in(home, ".rclone.conf", &path);
        if (r >= 0)
                *ret = path;
        return r;
}

int rclone_conf_find_place(char **ret) {
        const char *config = getenv("XDG_CONFIG_HOME");
        char *path = NULL;
        int r;

        r = rclone_conf_find(&path);
        if (r >= 0 && !path)
                r = str_is_empty(config)
                            ? str_format(&path, "%s/.config/rclone/rclone.conf", home_directory())
                            : str_format(&path, "%s/rclone/rclone.conf", config);
        if (r >= 0)
                *ret = path;
        return r;
}

/* https://rclone.org/docs/#valid-remote-names */
bool rclone_conf_is_remote(const char *name) {
        uint32_t c;

        if (!utf8_is_text(name, REMOTE_MAX) || *name == '-' || *name == ' ' ||
            name[strlen(name) - 1] == ' ' || glib_load() < 0)
                return false;
        for (; *name; name += utf8_decode(name, &c))
                if (utf8_decode(name, &c) == 0 ||
                    (!glib.unichar_isalnum(c) && !strchr(REMOTE_OTHERS, *name)))
                        return false;
        return true;
}

int rclone_conf_print_token(uint16_t port, const char *handle, char **ret) {
        return str_format(ret,
                          "token_url = http://127.0.0.1:%u/token\n"
                          "token = {\"access_token\":\"-\",\"token_type\":\"OAuth\","
                          "\"refresh_token\":\"%s\",\"expiry\":\"2000-01-01T00:00:00Z\"}\n",
                          port, handle);
}

void rclone_conf_done(RcloneConf *c) {
        if (c->data)
                explicit_bzero(c->data, c->size);
        free(c->data);
        free(c->path);
        *c = (RcloneConf){};
}

static bool rclone_conf_judge_errno(const char *path, int error, Problem *p) {
        p->status = EXIT_STATUS_FAILURE;
        problem_set(p, "%s cannot be written (%s), so that nothing was changed.", path,
                    p->english ? strerrordesc_np(error) : strerror(error));
        problem_advise(p, "Make that possible, or run \"yadiskctl feed add rclone\" without "
                          "--write, which prints what belongs there.");
        return false;
}

static bool rclone_conf_judge_kind(const char *path, Problem *p) {
        p->status = EXIT_STATUS_USAGE;
        problem_set(p, "%s is not a file that rclone could write.", path);
        problem_advise(p, "Name the right one in RCLONE_CONFIG.");
        return false;
}

/* Opens it, or finds out that it is missing. A link that leads nowhere is not replaced. */
static int rclone_conf_open(RcloneConf *c, const char *path, int *ret) {
        struct stat st;

        c->path = realpath(path, NULL);
        if (!c->path && (errno != ENOENT || lstat(path, &st) == 0))
                return -errno ?: -ENOENT;
        if (!c->path) {
                c->is_missing = true;
                return str_replace(&c->path, path);
        }
        *ret = open(c->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        return *ret < 0 || fstat(*ret, &c->st) < 0 ? -errno : 0;
}

static int rclone_conf_fill(RcloneConf *c, int fd) {
        size_t size = (size_t) c->st.st_size;
        ssize_t n = 1;

        c->data = malloc(size + 1);
        if (!c->data)
                return -ENOMEM;
        while (c->size < size && n > 0) {
                n = read(fd, c->data + c->size, size - c->size);
                if (n < 0 && errno != EINTR)
                        return -errno;
                c->size += (size_t) MAX_OF(n, 0);
        }
        c->data[c->size] = '\0';
        return 0;
}

static bool rclone_conf_load(RcloneConf *c, const char *path, Problem *p) {
        _cleanup_fd_ int fd = -EBADF;
        int r;

        r = rclone_conf_open(c, path, &fd);
        if (r >= 0 && !c->is_missing) {
                if (!S_ISREG(c->st.st_mode) || c->st.st_size > CONF_MAX_BYTES)
                        return rclone_conf_judge_kind(path, p);
                r = rclone_conf_fill(c, fd);
        }
        return r < 0 ? rclone_conf_judge_errno(path, -r, p) : true;
}

static bool rclone_conf_judge_encrypted(const RcloneConf *c, const char *remote, Problem *p) {
        _cleanup_free_ char *word = NULL;

        (void) shell_quote_word(remote, &word);
        p->status = EXIT_STATUS_USAGE;
        problem_set(p, "%s is encrypted, so that only rclone can write it.", c->path);
        problem_advise(p,
                       "Run \"yadiskctl feed add rclone --remote %s\" without --write, and pass "
                       "both values that it prints to rclone: \"rclone config create %s yandex "
                       "token_url=URL token=TOKEN config_refresh_token=false\".",
                       str_or_empty(word), str_or_empty(word));
        return false;
}

/* The new file is made beside the old one. A directory that is missing can be made if the one above
 * it can be written. */
static int rclone_conf_check_folder(const RcloneConf *c) {
        _cleanup_free_ char *folder = path_directory(c->path);

        while (folder && c->is_missing && access(folder, F_OK) < 0 && errno == ENOENT &&
               !streq(folder, "/")) {
                char *above = path_directory(folder);

                free(folder);
                folder = above;
        }
        if (!folder)
                return -ENOMEM;
        return access(folder, W_OK | X_OK) < 0 ? -errno : 0;
}

/* The new file gets the owner of the old one, which only root can give away. */
static int rclone_conf_check_owner(const RcloneConf *c) {
        return !c->is_missing && c->st.st_uid != geteuid() && geteuid() != 0 ? -EPERM : 0;
}

bool rclone_conf_read(const char *path, const char *remote, RcloneConf *ret, Problem *p) {
        _cleanup_(rclone_conf_done) RcloneConf c = {};
        _cleanup_free_ char *found = NULL;
        int r = 0;

        if (!path)
                r = rclone_conf_find_place(&found);
        if (r < 0)
                return rclone_conf_judge_errno("rclone.conf", -r, p);
        if (!rclone_conf_load(&c, path ?: found, p))
                return false;
        if (rclone_conf_is_encrypted(str_or_empty(c.data), c.size))
                return rclone_conf_judge_encrypted(&c, remote, p);
        if (rclone_conf_look(&c, remote) == RCLONE_REMOTE_OTHER) {
                p->status = EXIT_STATUS_USAGE;
                problem_set(p, "The remote \"%s\" in %s is not of the type \"yandex\".", remote,
                            c.path);
                problem_advise(p, "Choose another name with --remote.");
                return false;
        }

        r = rclone_conf_check_owner(&c);
        if (r >= 0)
                r = rclone_conf_check_folder(&c);
        if (r < 0)
                return rclone_conf_judge_errno(c.path, -r, p);

        *ret = c;
        c = (RcloneConf){};
        return true;
}

static bool rclone_conf_is_unchanged(const RcloneConf *c) {
        struct stat now;

        if (lstat(c->path, &now) < 0)
                return c->is_missing && errno == ENOENT;
        return !c->is_missing && now.st_dev == c->st.st_dev && now.st_ino == c->st.st_ino &&
               now.st_size == c->st.st_size && now.st_mtim.tv_sec == c->st.st_mtim.tv_sec &&
               now.st_mtim.tv_nsec == c->st.st_mtim.tv_nsec &&
               now.st_ctim.tv_sec == c->st.st_ctim.tv_sec &&
               now.st_ctim.tv_nsec == c->st.st_ctim.tv_nsec;
}

/* Gives the new file the owner of the old one. No other user may read the token, so it does not
 * matter if we may not give the file to the group. */
static int rclone_conf_dress(const RcloneConf *c, int fd) {
        if (c->is_missing)
                return 0;
        if (fchown(fd, c->st.st_uid, c->st.st_gid) < 0 && c->st.st_uid != geteuid())
                return -errno;
        return fchmod(fd, c->st.st_mode & MODE_OF_SECRETS) < 0 ? -errno : 0;
}

/* Returns -EAGAIN if another program has changed the file since it was read. */
static int rclone_conf_replace(const RcloneConf *c, const char *remote, const char *token) {
        _cleanup_(new_file_done) NewFile new = NEW_FILE_NONE;
        _cleanup_free_ char *folder = path_directory(c->path);
        _cleanup_(secret_freep) char *data = NULL;
        size_t size;
        int r;

        if (!folder)
                return -ENOMEM;
        r = rclone_conf_edit(str_or_empty(c->data), c->size, remote, token, &data, &size);
        if (r >= 0 && c->is_missing)
                r = directory_make(folder);
        if (r >= 0)
                r = new_file_create(&new, c->path, O_CLOEXEC);
        if (r >= 0)
                r = rclone_conf_dress(c, new.fd);
        if (r >= 0)
                r = new_file_write(&new, data, size);
        if (r < 0)
                return r;
        return rclone_conf_is_unchanged(c) ? new_file_publish(&new) : -EAGAIN;
}

bool rclone_conf_write(RcloneConf *c, const char *remote, const char *token, Problem *p) {
        for (int i = 0; i < ATTEMPTS_MAX; i++) {
                _cleanup_free_ char *path = NULL;
                int r = rclone_conf_replace(c, remote, token);

                if (r >= 0)
                        return true;
                if (r != -EAGAIN)
                        return rclone_conf_judge_errno(c->path, -r, p);

                path = TAKE_PTR(c->path);
                rclone_conf_done(c);
                if (!rclone_conf_read(path, remote, c, p))
                        return false;
        }

        p->status = EXIT_STATUS_FAILURE;
        problem_set(p, "Another program keeps changing %s, so that it was left as it is.", c->path);
        problem_advise(p, "End what uses rclone, and try again.");
        return false;
}
