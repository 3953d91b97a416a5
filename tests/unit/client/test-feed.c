/* SPDX-License-Identifier: MIT */

/* The store of feeds: who has the handle is found, as long as the feed is there. */

#include "feed/feed.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "check.h"
#include "own-mount.h"
#include "shared/sealed.h"
#include "shared/session-bus.h"

static unsigned n_synced;

/* In place of the C library's. */
int fsync(int fd) {
        n_synced++;
        return (int) syscall(SYS_fsync, fd);
}

static char home[] = "/tmp/test-feed-XXXXXX";

_printf_(1, 2) static void run(const char *template, ...) {
        _cleanup_free_ char *command = NULL;
        va_list ap;

        va_start(ap, template);
        CHECK(vasprintf(&command, template, ap) >= 0);
        va_end(ap);
        if (system(command) != 0)
                check_failed(__FILE__, __LINE__, command, "failed");
}

static void set(const char *variable, const char *folder) {
        char path[256];

        (void) snprintf(path, sizeof(path), "%s/%s", home, folder);
        CHECK(setenv(variable, path, 1) == 0);
}

/* Each test begins in empty folders. */
static void start(void) {
        run("rm -rf %s && mkdir -p %s/runtime", home, home);
        set("HOME", "");
        set("XDG_DATA_HOME", "data");
        set("XDG_STATE_HOME", "state");
        set("XDG_RUNTIME_DIR", "runtime");
}

static char *path_of(const Feed *f) {
        static char path[512];

        (void) snprintf(path, sizeof(path), "%s/data/yadisk-tokend/feeds/%s", home, f->hash);
        return path;
}

static void write_file(const char *path, const char *data) {
        FILE *file = fopen(path, "we");

        CHECK(file && fputs(data, file) >= 0);
        CHECK(fclose(file) == 0);
}

static mode_t mode_of(const char *path) {
        struct stat st;

        CHECK(stat(path, &st) == 0);
        return st.st_mode & 07777;
}

static Feed *create(const char *remote, char **handle) {
        Feed *f;

        CHECK_INT(feed_create("rclone", remote, "0123456789abcdef", &f, handle), 0);
        return f;
}

/* Counts the feeds that feeds_read() finds. */
static size_t count(void) {
        Feed **feeds;
        size_t n;

        CHECK_INT(feeds_read(&feeds, &n), 0);
        feeds_free(feeds, n);
        return n;
}

static int find(const char *handle) {
        _cleanup_(feed_freep) Feed *f = NULL;

        return feed_find(handle, &f);
}

static void who_has_the_handle_is_found(void) {
        _cleanup_(secret_freep) char *handle = NULL, *other = NULL;
        _cleanup_(feed_freep) Feed *f = NULL, *found = NULL, *second = NULL;

        start();
        f = create("disk", &handle);
        second = create("disk", &other);
        CHECK(strcmp(handle, other) != 0 && strcmp(f->hash, second->hash) != 0);
        CHECK_INT(strlen(handle), 12 + 48);
        CHECK_INT(strspn(handle + 12, "0123456789abcdef"), 48);
        CHECK(strncmp(handle, "yadisk-feed-", 12) == 0);

        CHECK_INT(feed_find(handle, &found), 0);
        CHECK_STR(found->hash, f->hash);
        CHECK_STR(found->program, "rclone");
        CHECK_STR(found->remote, "disk");
        CHECK_STR(found->account, "0123456789abcdef");
        CHECK_INT(found->created_at, f->created_at);
        CHECK(!found->temporary && found->last_use.time == 0 && !found->last_use.executable);
}

/* The hash of a handle is in the file's name, the handle is nowhere. */
static void only_the_hash_is_kept(void) {
        _cleanup_(secret_freep) char *handle = NULL;
        _cleanup_(feed_freep) Feed *f = NULL;

        start();
        f = create("disk", &handle);
        run("test $(find %s -type f | wc -l) = 1", home);
        run("! grep -r %s %s", handle + 12, home);
        run("test $(printf %%s %s | sha256sum | cut -c 1-64) = %s", handle, f->hash);
}

static void nobody_else_may_look(void) {
        _cleanup_(secret_freep) char *handle = NULL;
        _cleanup_(feed_freep) Feed *f = NULL;
        char folder[256];

        start();
        umask(0);
        f = create("disk", &handle);
        umask(022);
        CHECK_INT(mode_of(path_of(f)), 0600);
        (void) snprintf(folder, sizeof(folder), "%s/data/yadisk-tokend/feeds", home);
        CHECK_INT(mode_of(folder), 0700);
}

static void wrong_handles_find_nothing(void) {
        static char long_one[1024 * 1024 + 1];
        static const char *const wrong[] = {
                "",          ".",         "..",  "../..",  "/etc/passwd", "yadisk-feed-",
                "\xff\xfe*", "%s%n\n\r;", "тук", long_one,
        };
        _cleanup_(secret_freep) char *handle = NULL, *upper = NULL;
        _cleanup_(feed_freep) Feed *f = NULL;

        start();
        CHECK_INT(find("before there is a folder"), -ENOENT);
        f = create("disk", &handle);
        memset(long_one, 'a', sizeof(long_one) - 1);
        for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
                CHECK_INT(find(wrong[i]), -ENOENT);

        CHECK_INT(find(f->hash), -ENOENT); /* who sees the file has no feed */
        CHECK_INT(str_format(&upper, "%s ", handle), 0);
        CHECK_INT(find(upper), -ENOENT);
        handle[strlen(handle) - 1] ^= 1;
        CHECK_INT(find(handle), -ENOENT);
        handle[strlen(handle) - 1] ^= 1;
        CHECK_INT(find(handle), 0);
}

static void names_are_kept_as_they_are(void) {
        static const char *const names[] = { "",         " two  blanks ", "a=b;c#d[e]", "диск",
                                             "\\s\\n\\", "line\nbreak\t", "\"'" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                _cleanup_(secret_freep) char *handle = NULL;
                _cleanup_(feed_freep) Feed *f = NULL, *found = NULL;

                start();
                f = create(names[i], &handle);
                CHECK_INT(feed_find(handle, &found), 0);
                CHECK_STR(found->remote, names[i]);
        }
}

static void the_oldest_comes_first(void) {
        char *handles[3] = {};
        Feed **feeds, *made[3];
        size_t n;

        start();
        CHECK_INT(count(), 0);
        for (int i = 0; i < 3; i++) {
                made[i] = create((const char *[]){ "b", "c", "a" }[i], &handles[i]);
                run("sed -i s/^Created=.*/Created=%i/ %s", 30 - 10 * i, path_of(made[i]));
        }

        CHECK_INT(feeds_read(&feeds, &n), 0);
        CHECK_INT(n, 3);
        for (size_t i = 0; i < 3; i++) {
                CHECK_STR(feeds[i]->hash, made[2 - i]->hash);
                CHECK_INT(feeds[i]->created_at, 10 * (i + 1));
                (void) feed_free(made[2 - i]);
                (void) secret_free(TAKE_PTR(handles[2 - i]));
        }
        feeds_free(feeds, n);
}

static void what_was_removed_is_gone(void) {
        _cleanup_(secret_freep) char *handle = NULL, *other = NULL;
        _cleanup_(feed_freep) Feed *f = NULL, *second = NULL;

        start();
        f = create("disk", &handle);
        second = create("disk", &other);
        CHECK_INT(feed_set_last_use(f, &(FeedUse){ .time = 1 }), 0);
        CHECK_INT(feed_remove(f), 0);
        CHECK_INT(feed_remove(f), -ENOENT);
        CHECK_INT(find(handle), -ENOENT);
        CHECK_INT(find(other), 0);
        CHECK_INT(count(), 1);
        run("test $(find %s -type f | wc -l) = 1", home);
}

static void the_last_use_is_remembered(void) {
        static const char *const programs[] = { "/usr/bin/rclone", "/a b\n\033[31m/диск", NULL };
        _cleanup_(secret_freep) char *handle = NULL;
        _cleanup_(feed_freep) Feed *f = NULL;

        start();
        f = create("disk", &handle);
        for (size_t i = 0; i < ELEMENTSOF(programs); i++) {
                _cleanup_(feed_freep) Feed *found = NULL;
                FeedUse use = { UINT64_C(5000000000) + i, 4294967294U, 4194303, NULL };

                use.executable = (char *) programs[i];
                CHECK_INT(feed_set_last_use(f, &use), 0);
                CHECK_INT(feed_find(handle, &found), 0);
                CHECK_INT(found->last_use.time, 5000000000 + i);
                CHECK_INT(found->last_use.uid, 4294967294U);
                CHECK_INT(found->last_use.pid, 4194303);
                CHECK(found->last_use.executable == programs[i] ||
                      streq(found->last_use.executable, programs[i]));
        }
        run("test $(find %s/state/yadisk-tokend/feeds -type f -perm 600 | wc -l) = 1", home);
}

/* A feed is on the disk, and its name is. For the last use nobody waits. */
static void nobody_waits_for_the_disk_in_vain(void) {
        _cleanup_(secret_freep) char *handle = NULL;
        _cleanup_(feed_freep) Feed *f = NULL;

        start();
        n_synced = 0;
        f = create("disk", &handle);
        CHECK_INT(n_synced, 2);
        CHECK_INT(feed_set_last_use(f, &(FeedUse){ .time = 1 }), 0);
        CHECK_INT(n_synced, 2);
}

/* Whatever has become of the files of feeds, the others are not hurt. */
static void damage_is_passed_over(void) {
        static const char *const damage[] = {
                "",
                "\xff\xfe\x01",
                "[Feed",
                "[Feed]\nProgram=rclone\nRemote=disk\n",
                "[Feed]\nProgram=\nRemote=disk\nAccount=a\n",
                "[Other]\nProgram=rclone\nRemote=disk\nAccount=a\n",
                "[Feed]\nProgram=rclone\nRemote=\xff\nAccount=a\n",
        };
        _cleanup_(secret_freep) char *handle = NULL, *other = NULL;
        _cleanup_(feed_freep) Feed *f = NULL, *second = NULL;

        start();
        f = create("disk", &handle);
        second = create("disk", &other);
        for (size_t i = 0; i < ELEMENTSOF(damage); i++) {
                write_file(path_of(f), damage[i]);
                CHECK_INT(find(handle), -ENOENT);
                CHECK_INT(find(other), 0);
                CHECK_INT(count(), 1);
        }
        run("truncate -s 1M %s", path_of(f));
        CHECK_INT(find(handle), -ENOENT);
        run("rm %s && mkfifo %s", path_of(f), path_of(f));
        CHECK_INT(find(handle), -ENOENT);
        run("rm %s && mkdir %s", path_of(f), path_of(f));
        CHECK_INT(find(handle), -ENOENT);
        CHECK_INT(count(), 1);
        run("rmdir %s && ln -s %s %s", path_of(f), path_of(f), path_of(f));
        CHECK_INT(find(handle), -ELOOP);
        CHECK_INT(count(), 1);

        run("cp %s %s~; echo [ > %s/state; rm -rf %s/state", path_of(second), path_of(second), home,
            home);
        CHECK_INT(count(), 1);
}

static void a_damaged_use_is_none(void) {
        _cleanup_(secret_freep) char *handle = NULL;
        _cleanup_(feed_freep) Feed *f = NULL, *found = NULL;

        start();
        f = create("disk", &handle);
        CHECK_INT(feed_set_last_use(f, &(FeedUse){ .time = 1 }), 0);
        run("echo '[Use]\nTime=often' > %s/state/yadisk-tokend/feeds/%s.use", home, f->hash);
        CHECK_INT(feed_find(handle, &found), 0);
        CHECK_INT(found->last_use.time, 0);
}

/* A feed that cannot be kept is none, and leaves nothing. */
static void what_cannot_be_written_is_not_made(void) {
        char *handle = NULL;
        Feed *f = NULL;

        start();
        CHECK(setenv("XDG_DATA_HOME", "/proc/self", 1) == 0);
        CHECK(feed_create("rclone", "", "a", &f, &handle) < 0);
        set("XDG_DATA_HOME", "file");
        run("touch %s/file", home);
        CHECK_INT(feed_create("rclone", "", "a", &f, &handle), -ENOTDIR);
        CHECK(!f && !handle);
        CHECK_INT(find("handle"), -ENOTDIR);
        run("test $(find %s -type f | wc -l) = 1", home);
}

static void a_disk_that_takes_nothing(void) {
        char *handle = NULL, *kept = NULL;
        Feed *f = NULL, *g;

        start();
        if (!own_mount(home, ""))
                return; /* not as root */
        g = create("disk", &kept);
        own_mount_make_read_only(home);
        CHECK_INT(feed_create("rclone", "", "a", &f, &handle), -EROFS);
        CHECK(!f && !handle);
        CHECK_INT(feed_set_last_use(g, &(FeedUse){ .time = 1 }), -EROFS);
        CHECK_INT(feed_remove(g), -EROFS);
        CHECK_INT(find(kept), 0);
        own_mount_end(home);
        (void) feed_free(g);
        (void) secret_free(kept);
}

static void relative_folders_are_ignored(void) {
        _cleanup_(secret_freep) char *handle = NULL;
        _cleanup_(feed_freep) Feed *f = NULL;

        start();
        CHECK(setenv("XDG_DATA_HOME", "data", 1) == 0);
        f = create("disk", &handle);
        run("test -f %s/.local/share/yadisk-tokend/feeds/%s", home, f->hash);
        CHECK(setenv("XDG_STATE_HOME", "", 1) == 0);
        CHECK_INT(feed_set_last_use(f, &(FeedUse){ .time = 1 }), 0);
        run("test -f %s/.local/state/yadisk-tokend/feeds/%s.use", home, f->hash);
}

static void temporary(char **handle, int *lock) {
        CHECK_INT(feed_create_temporary("rclone", "disk", "a", handle, lock), 0);
}

static void a_temporary_feed_ends_with_its_lock(void) {
        _cleanup_(secret_freep) char *handle = NULL;
        _cleanup_(feed_freep) Feed *f = NULL;
        int lock, copy;

        start();
        temporary(&handle, &lock);
        CHECK_INT(feed_find(handle, &f), 0);
        CHECK(f->temporary);
        CHECK_INT(feed_set_last_use(f, &(FeedUse){ .time = 7 }), 0);
        CHECK_INT(count(), 1);
        run("test ! -e %s/data && test ! -e %s/state", home, home);
        run("test $(stat -c %%a %s/runtime/yadisk-token-feeds) = 700", home);
        run("test $(find %s/runtime -type f -perm 600 | wc -l) = 2", home);

        copy = dup(lock);
        (void) fd_close(lock);
        CHECK_INT(find(handle), 0);
        (void) fd_close(copy);
        CHECK_INT(find(handle), -ENOENT);
        CHECK_INT(count(), 0);
        run("test $(find %s -type f | wc -l) = 0", home);
}

/* Executes a program that holds the last copy of the lock until the end of its input. */
static pid_t execute_with(int lock, int *ret_input) {
        int input[2], output[2];
        pid_t pid;
        char c;

        CHECK(pipe2(input, O_CLOEXEC) == 0 && pipe2(output, O_CLOEXEC) == 0);
        pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
                (void) dup2(input[0], STDIN_FILENO);
                (void) dup2(output[1], STDOUT_FILENO);
                (void) execlp("sh", "sh", "-c", "echo; exec cat", NULL);
                _exit(127);
        }
        CHECK(read(output[0], &c, 1) == 1);
        (void) fd_close(input[0]);
        (void) fd_close(output[0]);
        (void) fd_close(output[1]);
        (void) fd_close(lock);
        *ret_input = input[1];
        return pid;
}

static void a_temporary_feed_goes_with_the_program(void) {
        _cleanup_(secret_freep) char *handle = NULL;
        int lock, input, status;
        pid_t pid;

        start();
        temporary(&handle, &lock);
        pid = execute_with(lock, &input);
        CHECK_INT(find(handle), 0);
        CHECK_INT(find(handle), 0); /* whoever looks does not take it away */
        (void) fd_close(input);
        CHECK(waitpid(pid, &status, 0) == pid && status == 0);
        CHECK_INT(find(handle), -ENOENT);
}

static void a_temporary_feed_is_removed(void) {
        _cleanup_(secret_freep) char *handle = NULL;
        _cleanup_(feed_freep) Feed *f = NULL;
        _cleanup_fd_ int lock = -EBADF;

        start();
        temporary(&handle, &lock);
        CHECK_INT(feed_find(handle, &f), 0);
        CHECK_INT(feed_remove(f), 0);
        CHECK_INT(find(handle), -ENOENT);
}

/* As the session bus is found. The user of the test may have that directory, or not. */
static void the_runtime_directory_is_known(void) {
        _cleanup_(secret_freep) char *handle = NULL;
        _cleanup_(feed_freep) Feed *f = NULL;
        _cleanup_fd_ int lock = -EBADF;
        bool there = access(session_bus_directory(), W_OK) == 0;
        int r;

        start();
        CHECK(unsetenv("XDG_RUNTIME_DIR") == 0);
        r = feed_create_temporary("rclone", "disk", "a", &handle, &lock);
        if (there) {
                CHECK_INT(r, 0);
                run("ls %s/yadisk-token-feeds/*", session_bus_directory());
                CHECK_INT(feed_find(handle, &f), 0);
                CHECK_INT(feed_remove(f), 0);
                run("rmdir --ignore-fail-on-non-empty %s/yadisk-token-feeds",
                    session_bus_directory());
        } else
                CHECK_INT(r, -ENOENT);

        set("XDG_RUNTIME_DIR", "missing");
        CHECK_INT(feed_create_temporary("rclone", "disk", "a", &handle, &lock), -ENOENT);
}

int main(void) {
        CHECK(mkdtemp(home));

        who_has_the_handle_is_found();
        only_the_hash_is_kept();
        nobody_else_may_look();
        wrong_handles_find_nothing();
        names_are_kept_as_they_are();
        the_oldest_comes_first();
        what_was_removed_is_gone();
        the_last_use_is_remembered();
        nobody_waits_for_the_disk_in_vain();
        damage_is_passed_over();
        a_damaged_use_is_none();
        what_cannot_be_written_is_not_made();
        a_disk_that_takes_nothing();
        relative_folders_are_ignored();
        a_temporary_feed_ends_with_its_lock();
        a_temporary_feed_goes_with_the_program();
        a_temporary_feed_is_removed();
        the_runtime_directory_is_known();

        run("rm -rf %s", home);
        return EXIT_SUCCESS;
}
