/* SPDX-License-Identifier: MIT */

/*
 * A feed is a file of GKeyFile, named after the hash of its handle; there is one more for its last
 * use, with USE_SUFFIX. Whatever else lies in these folders is not ours, and is left alone.
 *
 * A temporary feed is locked before it gets its name, and no other program takes a lock of that
 * kind for longer than it needs to look, so a feed that can be locked has ended.
 */

#include "feed/feed.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "shared/directories.h"
#include "shared/glib-library.h"
#include "shared/new-file.h"
#include "shared/sealed.h"
#include "shared/session-bus.h"

#define LASTING_FOLDER   "yadisk-tokend/feeds"
#define TEMPORARY_FOLDER "yadisk-token-feeds"
#define USE_SUFFIX       ".use"

#define HANDLE_BYTES 24

/* What we write is far smaller. */
#define FILE_MAX_BYTES ((off_t) 65536)

#define FEED_GROUP "Feed"
#define USE_GROUP  "Use"

static void key_file_free(GKeyFile *file) {
        glib.key_file_unref(file);
}

DEFINE_CLEANUP(GKeyFile *, key_file_free)

Feed *feed_free(Feed *f) {
        if (!f)
                return NULL;
        free(f->program);
        free(f->remote);
        free(f->account);
        free(f->last_use.executable);
        free(f);
        return NULL;
}

void feeds_free(Feed **feeds, size_t n) {
        for (size_t i = 0; i < n; i++)
                (void) feed_free(feeds[i]);
        free(feeds);
}

static int feed_folder(bool temporary, char **ret) {
        const char *runtime = getenv("XDG_RUNTIME_DIR");

        if (!temporary)
                return user_path("XDG_DATA_HOME", ".local/share", LASTING_FOLDER, ret);
        if (!runtime || runtime[0] != '/')
                runtime = session_bus_directory();
        return str_format(ret, "%s/" TEMPORARY_FOLDER, runtime);
}

/* Finds the folder where the use of a feed is noted. A temporary feed, which ends with the session,
 * has it beside itself. */
static int feed_use_folder(bool temporary, char **ret) {
        if (temporary)
                return feed_folder(true, ret);
        return user_path("XDG_STATE_HOME", ".local/state", LASTING_FOLDER, ret);
}

int feeds_folder(char **ret) {
        return feed_folder(false, ret);
}

static int feed_path(const char *hash, bool temporary, char **ret) {
        _cleanup_free_ char *folder = NULL;
        int r;

        r = feed_folder(temporary, &folder);
        return r < 0 ? r : str_format(ret, "%s/%s", folder, hash);
}

static int feed_use_path(const Feed *f, char **ret) {
        _cleanup_free_ char *folder = NULL;
        int r;

        r = feed_use_folder(f->temporary, &folder);
        return r < 0 ? r : str_format(ret, "%s/%s" USE_SUFFIX, folder, f->hash);
}

/* Only the handle counts, whatever it looks like. */
static int feed_hash(const char *handle, char ret[static FEED_HASH_LENGTH + 1]) {
        _cleanup_free_ char *hash = NULL;
        int r;

        r = glib_load();
        if (r < 0)
                return r;
        hash = glib.compute_checksum_for_string(G_CHECKSUM_SHA256, handle, -1);
        memcpy(ret, hash, FEED_HASH_LENGTH + 1);
        return 0;
}

static bool feed_is_hash(const char *name) {
        return strspn(name, "0123456789abcdef") == FEED_HASH_LENGTH &&
               name[FEED_HASH_LENGTH] == '\0';
}

static int feed_make_handle(char **ret) {
        unsigned char random[HANDLE_BYTES];
        char *handle, *end;

        if (getrandom(random, sizeof(random), 0) != sizeof(random))
                return -errno;
        handle = malloc(strlen(FEED_HANDLE_PREFIX) + 2 * sizeof(random) + 1);
        if (!handle)
                return -ENOMEM;

        end = stpcpy(handle, FEED_HANDLE_PREFIX);
        for (size_t i = 0; i < sizeof(random); i++, end += 2)
                (void) snprintf(end, 3, "%02x", random[i]);
        explicit_bzero(random, sizeof(random));
        *ret = handle;
        return 0;
}

/* Opens a file that we have written; anything else of that name is taken for damage. */
static int feed_open(const char *path, int *ret) {
        _cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat st;

        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX_BYTES)
                return -EBADMSG;

        *ret = TAKE_FD(fd);
        return 0;
}

static int feed_parse(int fd, GKeyFile **ret) {
        _cleanup_(key_file_freep) GKeyFile *file = NULL;
        char data[FILE_MAX_BYTES];
        ssize_t n = pread(fd, data, sizeof(data), 0);
        int r;

        if (n < 0)
                return -errno;
        r = glib_load();
        if (r < 0)
                return r;
        file = glib.key_file_new();
        if (!glib.key_file_load_from_data(file, data, (size_t) n, G_KEY_FILE_NONE, NULL))
                return -EBADMSG;

        *ret = TAKE_PTR(file);
        return 0;
}

static int feed_write(NewFile *new, GKeyFile *file) {
        size_t size;
        _cleanup_free_ char *data = glib.key_file_to_data(file, &size, NULL);

        return new_file_write(new, data, size);
}

/* Leaves the use as it is, "never", if it is not known. */
static void feed_read_use(Feed *f) {
        _cleanup_(key_file_freep) GKeyFile *file = NULL;
        _cleanup_free_ char *path = NULL;
        _cleanup_fd_ int fd = -EBADF;

        if (feed_use_path(f, &path) < 0 || feed_open(path, &fd) < 0 || feed_parse(fd, &file) < 0)
                return;

        f->last_use = (FeedUse){
                .time = glib.key_file_get_uint64(file, USE_GROUP, "Time", NULL),
                .uid = (uid_t) glib.key_file_get_uint64(file, USE_GROUP, "UID", NULL),
                .pid = glib.key_file_get_integer(file, USE_GROUP, "PID", NULL),
                .executable = glib.key_file_get_string(file, USE_GROUP, "Executable", NULL),
        };
}

/* Returns -EBADMSG if the file is damaged. */
static int feed_read(int fd, const char *hash, bool temporary, Feed **ret) {
        _cleanup_(key_file_freep) GKeyFile *file = NULL;
        _cleanup_(feed_freep) Feed *f = calloc(1, sizeof(Feed));
        int r;

        if (!f)
                return -ENOMEM;
        r = feed_parse(fd, &file);
        if (r < 0)
                return r;

        memcpy(f->hash, hash, FEED_HASH_LENGTH + 1);
        f->temporary = temporary;
        f->program = glib.key_file_get_string(file, FEED_GROUP, "Program", NULL);
        f->remote = glib.key_file_get_string(file, FEED_GROUP, "Remote", NULL);
        f->account = glib.key_file_get_string(file, FEED_GROUP, "Account", NULL);
        f->created_at = glib.key_file_get_uint64(file, FEED_GROUP, "Created", NULL);
        if (str_is_empty(f->program) || str_is_empty(f->account) || !f->remote)
                return -EBADMSG;

        feed_read_use(f);
        *ret = TAKE_PTR(f);
        return 0;
}

static bool feed_has_ended(int fd) {
        return flock(fd, LOCK_SH | LOCK_NB) >= 0;
}

/* Returns -ENOENT if the feed has ended, -EBADMSG if its file is damaged. */
static int feed_load(const char *hash, bool temporary, Feed **ret) {
        _cleanup_free_ char *path = NULL;
        _cleanup_fd_ int fd = -EBADF;
        int r;

        r = feed_path(hash, temporary, &path);
        if (r >= 0)
                r = feed_open(path, &fd);
        if (r < 0)
                return r;
        if (temporary && feed_has_ended(fd))
                return -ENOENT;
        return feed_read(fd, hash, temporary, ret);
}

static int feed_new(const char *program, const char *remote, const char *account, bool temporary,
                    Feed **ret, char **ret_handle) {
        _cleanup_(secret_freep) char *handle = NULL;
        _cleanup_(feed_freep) Feed *f = calloc(1, sizeof(Feed));
        int r;

        if (!f)
                return -ENOMEM;
        r = feed_make_handle(&handle);
        if (r >= 0)
                r = str_replace(&f->program, program);
        if (r >= 0)
                r = str_replace(&f->remote, remote);
        if (r >= 0)
                r = str_replace(&f->account, account);
        if (r >= 0)
                r = feed_hash(handle, f->hash);
        if (r < 0)
                return r;

        f->created_at = (uint64_t) time(NULL);
        f->temporary = temporary;
        *ret = TAKE_PTR(f);
        *ret_handle = TAKE_PTR(handle);
        return 0;
}

/* Makes the new file, in a folder that is made if it is missing. There is no runtime directory
 * before the user has logged in, and it is not ours to make. */
static int feed_create_file(const char *path, bool temporary, int flags, NewFile *new) {
        _cleanup_free_ char *folder = path_directory(path);
        int r;

        if (!folder)
                return -ENOMEM;
        if (temporary)
                r = mkdir(folder, 0700) < 0 && errno != EEXIST ? -errno : 0;
        else
                r = directory_make(folder);
        return r < 0 ? r : new_file_create(new, path, flags);
}

/* If it is a temporary feed, new->fd is its lock. */
static int feed_save(const Feed *f, NewFile *new) {
        _cleanup_(key_file_freep) GKeyFile *file = glib.key_file_new();
        _cleanup_free_ char *path = NULL;
        int r;

        glib.key_file_set_string(file, FEED_GROUP, "Program", f->program);
        glib.key_file_set_string(file, FEED_GROUP, "Remote", f->remote);
        glib.key_file_set_string(file, FEED_GROUP, "Account", f->account);
        glib.key_file_set_uint64(file, FEED_GROUP, "Created", f->created_at);

        r = feed_path(f->hash, f->temporary, &path);
        if (r >= 0)
                r = feed_create_file(path, f->temporary, f->temporary ? 0 : O_CLOEXEC, new);
        if (r >= 0 && f->temporary)
                r = flock(new->fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
        if (r >= 0)
                r = feed_write(new, file);
        return r < 0 ? r : new_file_publish(new);
}

int feed_create(const char *program, const char *remote, const char *account, Feed **ret,
                char **ret_handle) {
        _cleanup_(secret_freep) char *handle = NULL;
        _cleanup_(new_file_done) NewFile new = NEW_FILE_NONE;
        _cleanup_(feed_freep) Feed *f = NULL;
        int r;

        r = feed_new(program, remote, account, false, &f, &handle);
        if (r >= 0)
                r = feed_save(f, &new);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(f);
        *ret_handle = TAKE_PTR(handle);
        return 0;
}

int feed_create_temporary(const char *program, const char *remote, const char *account,
                          char **ret_handle, int *ret_lock) {
        _cleanup_(secret_freep) char *handle = NULL;
        _cleanup_(new_file_done) NewFile new = NEW_FILE_NONE;
        _cleanup_(feed_freep) Feed *f = NULL;
        int r;

        r = feed_new(program, remote, account, true, &f, &handle);
        if (r >= 0)
                r = feed_save(f, &new);
        if (r < 0)
                return r;

        *ret_handle = TAKE_PTR(handle);
        *ret_lock = TAKE_FD(new.fd);
        return 0;
}

int feed_find(const char *handle, Feed **ret) {
        char hash[FEED_HASH_LENGTH + 1];
        int r;

        r = feed_hash(handle, hash);
        if (r >= 0)
                r = feed_load(hash, false, ret);
        if (r == -ENOENT)
                r = feed_load(hash, true, ret);
        return r == -EBADMSG ? -ENOENT : r;
}

/* The directory is not there before the first feed is. */
static int feeds_open_folder(bool temporary, DIR **ret) {
        _cleanup_free_ char *path = NULL;
        int r;

        r = feed_folder(temporary, &path);
        if (r < 0)
                return r;
        *ret = opendir(path);
        return *ret || errno == ENOENT ? 0 : -errno;
}

/* Removes what is left of a temporary feed. */
static void feed_clean_up(const char *hash) {
        Feed ended = { .temporary = true };

        memcpy(ended.hash, hash, FEED_HASH_LENGTH + 1);
        (void) feed_remove(&ended);
}

/* Anything may stand where a feed should, such as a file that root has left there. The endpoint
 * cannot read it either, and the others are to be seen. */
static bool feed_is_of_no_use(int r) {
        return r == -ENOENT || r == -EBADMSG || r == -EACCES || r == -ELOOP || r == -ENXIO;
}

static int feeds_add(const char *hash, bool temporary, Feed ***feeds, size_t *n) {
        Feed **grown, *f;
        int r;

        grown = reallocarray(*feeds, *n + 1, sizeof(Feed *));
        if (!grown)
                return -ENOMEM;
        *feeds = grown;

        r = feed_load(hash, temporary, &f);
        if (r == -ENOENT && temporary)
                feed_clean_up(hash);
        if (r >= 0)
                grown[(*n)++] = f;
        return feed_is_of_no_use(r) ? 0 : r;
}

static int feeds_read_folder(bool temporary, Feed ***feeds, size_t *n) {
        DIR *folder = NULL;
        struct dirent *entry;
        int r;

        r = feeds_open_folder(temporary, &folder);
        while (r >= 0 && folder && (entry = readdir(folder)))
                if (feed_is_hash(entry->d_name))
                        r = feeds_add(entry->d_name, temporary, feeds, n);
        if (folder)
                (void) closedir(folder);
        return r;
}

static int feed_compare(const void *a, const void *b) {
        const Feed *x = *(Feed *const *) a, *y = *(Feed *const *) b;

        if (x->created_at != y->created_at)
                return x->created_at < y->created_at ? -1 : 1;
        return strcmp(x->hash, y->hash);
}

int feeds_read(Feed ***ret, size_t *ret_n) {
        Feed **feeds = NULL;
        size_t n = 0;
        int r;

        r = feeds_read_folder(false, &feeds, &n);
        if (r >= 0)
                r = feeds_read_folder(true, &feeds, &n);
        if (r < 0) {
                feeds_free(feeds, n);
                return r;
        }

        if (n > 0)
                qsort(feeds, n, sizeof(Feed *), feed_compare);
        *ret = feeds;
        *ret_n = n;
        return 0;
}

/* The endpoint answers no program meanwhile, and a disk may take seconds to write what is to
 * stay. */
int feed_set_last_use(const Feed *f, const FeedUse *use) {
        _cleanup_(key_file_freep) GKeyFile *file = NULL;
        _cleanup_(new_file_done) NewFile new = { .fd = -EBADF, .is_hint = true };
        _cleanup_free_ char *path = NULL;
        int r;

        r = glib_load();
        if (r < 0)
                return r;
        file = glib.key_file_new();
        glib.key_file_set_uint64(file, USE_GROUP, "Time", use->time);
        glib.key_file_set_uint64(file, USE_GROUP, "UID", use->uid);
        glib.key_file_set_integer(file, USE_GROUP, "PID", use->pid);
        if (use->executable)
                glib.key_file_set_string(file, USE_GROUP, "Executable", use->executable);

        r = feed_use_path(f, &path);
        if (r >= 0)
                r = feed_create_file(path, f->temporary, O_CLOEXEC, &new);
        if (r >= 0)
                r = feed_write(&new, file);
        return r < 0 ? r : new_file_publish(&new);
}

int feed_remove(const Feed *f) {
        _cleanup_free_ char *path = NULL, *use = NULL;
        int r;

        r = feed_path(f->hash, f->temporary, &path);
        if (r >= 0)
                r = feed_use_path(f, &use);
        if (r < 0)
                return r;
        if (unlink(path) < 0)
                return -errno;

        (void) unlink(use);
        return 0;
}
