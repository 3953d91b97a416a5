/* SPDX-License-Identifier: MIT */

/* rclone.conf gets a remote that is fed, and loses nothing else. */

#include "yadiskctl/feed/rclone-conf.h"

#include <sys/stat.h>

#include "check.h"
#include "own-mount.h"
#include "shared/sealed.h"

#define URL    "token_url = http://127.0.0.1:25000/token\n"
#define TOKEN  "token = {\"refresh_token\":\"yadisk-feed-00\"}\n"
#define FED    URL TOKEN
#define HEAD   "[disk]\ntype = yandex\n"
#define SECRET "client_id = id\nclient_secret = s3cret\n"
#define OLD    "token = {\"access_token\":\"a\",\"refresh_token\":\"b\"}\n"

static char home[] = "/tmp/test-rclone-XXXXXX";
static char path[64];
static Problem problem;

static void becomes_of(const char *before, size_t size, const char *expected,
                       size_t expected_size) {
        _cleanup_(secret_freep) char *after = NULL;
        size_t n;

        CHECK_INT(rclone_conf_edit(before, size, "disk", FED, &after, &n), 0);
        CHECK_STR(after, expected);
        CHECK_INT(n, expected_size);
        CHECK(memcmp(after, expected, n) == 0);
}

static void becomes(const char *before, const char *expected) {
        becomes_of(before, strlen(before), expected, strlen(expected));
}

static void a_remote_is_added(void) {
        becomes("", HEAD FED);
        becomes("[other]\ntype = local\n", "[other]\ntype = local\n\n" HEAD FED);
        becomes("[other]\ntype = local", "[other]\ntype = local\n\n" HEAD FED);
        becomes("# only this\n", "# only this\n\n" HEAD FED);
        becomes("[Disk]\n[disk2]\n# [disk]\n", "[Disk]\n[disk2]\n# [disk]\n\n" HEAD FED);
}

static void a_remote_is_fed_in_the_old_place(void) {
        becomes(HEAD SECRET OLD "hard_delete = true\n", HEAD FED "hard_delete = true\n");
        becomes(HEAD "hard_delete = true\n" OLD SECRET, HEAD "hard_delete = true\n" FED);
        becomes(HEAD "a = 1\n" OLD "b = 2\n" SECRET "c = 3\n", HEAD "a = 1\n" FED "b = 2\nc = 3\n");
        becomes(HEAD FED, HEAD FED);
        becomes(HEAD "token_url = http://elsewhere/\n" OLD, HEAD FED);
        becomes(HEAD OLD "[b]\n" OLD, HEAD FED "[b]\n" OLD);
        becomes("[a]\n" SECRET OLD "\n" HEAD OLD, "[a]\n" SECRET OLD "\n" HEAD FED);
}

static void a_remote_without_a_token_is_fed(void) {
        becomes(HEAD, HEAD FED);
        becomes(HEAD "\n\n[b]\nx = y\n", HEAD FED "\n\n[b]\nx = y\n");
        becomes(HEAD "a = b", HEAD "a = b\n" FED);
        becomes("[disk]", "[disk]\n" FED);
        becomes(HEAD "# mine\n\n# of b\n[b]\n", HEAD FED "# mine\n\n# of b\n[b]\n");
}

static void odd_spellings_are_understood(void) {
        becomes(" [ disk ] \n type=yandex\n\ttoken:{}\n \"client_secret\" = x\n`client_id`=y\n",
                " [ disk ] \n type=yandex\n" FED);
        becomes(HEAD "TOKEN = a\nClient_Secret = b\n", HEAD FED);
        becomes(HEAD "; token = a\n# client_secret = b\n" OLD,
                HEAD "; token = a\n# client_secret = b\n" FED);
        becomes(HEAD "tokens = a\nmy_token = b\nx = token = c\n" OLD,
                HEAD "tokens = a\nmy_token = b\nx = token = c\n" FED);
        becomes(HEAD OLD "[b]\n" HEAD OLD SECRET "z = 1\n", HEAD FED "[b]\n" HEAD "z = 1\n");
        becomes(HEAD OLD "no line of rclone\n[unfinished\n",
                HEAD FED "no line of rclone\n[unfinished\n");
        becomes("\xef\xbb\xbf" HEAD OLD, "\xef\xbb\xbf" HEAD FED);
}

static void line_ends_stay(void) {
        becomes("[disk]\r\ntype = yandex\r\ntoken = x\r\na = b\r\n",
                "[disk]\r\ntype = yandex\r\ntoken_url = http://127.0.0.1:25000/token\r\n"
                "token = {\"refresh_token\":\"yadisk-feed-00\"}\r\na = b\r\n");
        becomes("[b]\r\n", "[b]\r\n\r\n[disk]\r\ntype = yandex\r\ntoken_url = "
                           "http://127.0.0.1:25000/token\r\ntoken = "
                           "{\"refresh_token\":\"yadisk-feed-00\"}\r\n");
}

static void any_bytes_stay(void) {
        static const char before[] = "[a]\nx = \0\xff\n\0\n" HEAD OLD,
                          after[] = "[a]\nx = \0\xff\n\0\n" HEAD FED;

        becomes_of(before, sizeof(before) - 1, after, sizeof(after) - 1);
}

static void append(char *text, const char *part) {
        strcat(text, part);
}

/* Whatever a file consists of: what is outside of the remote stays as it is, byte for byte. */
static void what_is_outside_stays(void) {
        static const char *const parts[] = {
                "",        "\n",          "# c\n",     "[a]\n",
                "[b]\r\n", "token = 1\n", " x: y\r\n", "client_id = z\n",
                "[c]",     "\xff\n",
        };
        enum {
                DEPTH = 4
        };
        size_t n = ELEMENTSOF(parts), all = n * n * n * n;

        for (size_t i = 0; i < all; i++) {
                char before[256] = "[z]\n", middle[256] = "", text[1024] = "", expected[1024] = "";
                size_t k = i;

                for (int d = 0; d < DEPTH; d++, k /= n)
                        append(d < DEPTH / 2 ? before : middle, parts[k % n]);
                append(before, "\n");
                append(text, before);
                append(text, HEAD SECRET OLD "[y]\n");
                append(text, middle);
                append(expected, before);
                append(expected, HEAD FED "[y]\n");
                append(expected, middle);
                if (!strchr(before, '\r') || strchr(before, '\r') > strchr(before, '\n'))
                        becomes(text, expected);
        }
}

static void write_file(const char *data) {
        FILE *f = fopen(path, "we");

        CHECK(f && fputs(data, f) >= 0 && fclose(f) == 0);
}

static void check_file(const char *expected) {
        char data[4096] = "";
        FILE *f = fopen(path, "re");

        CHECK(f);
        CHECK(fread(data, 1, sizeof(data) - 1, f) < sizeof(data) - 1);
        CHECK(fclose(f) == 0);
        CHECK_STR(data, expected);
}

static struct stat stat_of(const char *file) {
        struct stat st;

        CHECK(lstat(file, &st) == 0);
        return st;
}

static bool feed_remote(const char *remote) {
        _cleanup_(rclone_conf_done) RcloneConf c = {};

        problem = (Problem){};
        return rclone_conf_read(NULL, remote, &c, &problem) &&
               rclone_conf_write(&c, remote, FED, &problem);
}

static void check_refused(ExitStatus status, const char *why) {
        CHECK(!feed_remote("disk"));
        CHECK_INT(problem.status, status);
        if (!strstr(problem.message, why))
                check_failed(__FILE__, __LINE__, why, problem.message);
        CHECK(*problem.advice);
}

static void start(void) {
        char command[128];

        (void) snprintf(command, sizeof(command), "rm -rf %s; mkdir -p %s/rclone", home, home);
        CHECK_INT(system(command), 0);
        (void) snprintf(path, sizeof(path), "%s/rclone/rclone.conf", home);
        CHECK(setenv("HOME", home, 1) == 0 && setenv("XDG_CONFIG_HOME", home, 1) == 0);
        CHECK(unsetenv("RCLONE_CONFIG") == 0);
}

static void nobody_else_can_read_it(void) {
        static const struct {
                mode_t before, after;
        } modes[] = {
                { 0644, 0600 }, { 0600, 0600 }, { 0666, 0600 }, { 0400, 0400 }, { 0755, 0600 }
        };

        for (size_t i = 0; i < ELEMENTSOF(modes); i++) {
                start();
                write_file(HEAD OLD);
                CHECK(chmod(path, modes[i].before) == 0);
                CHECK(feed_remote("disk"));
                check_file(HEAD FED);
                CHECK_INT(stat_of(path).st_mode & 07777, modes[i].after);
        }
}

static void its_owner_stays(void) {
        start();
        write_file(HEAD OLD);
        if (chown(path, 12345, 54321) < 0)
                return; /* not as root */
        CHECK(feed_remote("disk"));
        CHECK_INT(stat_of(path).st_uid, 12345);
        CHECK_INT(stat_of(path).st_gid, 54321);
}

static void a_missing_file_is_made(void) {
        char folder[128];

        start();
        (void) snprintf(folder, sizeof(folder), "%s/new", home);
        CHECK(setenv("XDG_CONFIG_HOME", folder, 1) == 0);
        umask(0);
        CHECK(feed_remote("disk"));
        umask(022);
        (void) snprintf(path, sizeof(path), "%s/new/rclone/rclone.conf", home);
        check_file(HEAD FED);
        CHECK_INT(stat_of(path).st_mode & 07777, 0600);
        CHECK_INT(stat_of(folder).st_mode & 07777, 0700);
}

static void a_link_stays(void) {
        char target[128];

        start();
        (void) snprintf(target, sizeof(target), "%s/target", home);
        CHECK(symlink("../target", path) == 0);
        check_refused(EXIT_STATUS_FAILURE, "cannot be written (No such file or directory)");

        CHECK(close(open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)) == 0);
        CHECK(feed_remote("disk"));
        CHECK(S_ISLNK(stat_of(path).st_mode));
        check_file(HEAD FED);
        CHECK(S_ISREG(stat_of(target).st_mode));
}

static void where_rclone_looks(void) {
        _cleanup_free_ char *found = NULL;
        char other[128];

        start();
        CHECK_INT(rclone_conf_find(&found), 0);
        CHECK(!found);
        (void) snprintf(other, sizeof(other), "%s/.rclone.conf", home);
        CHECK(close(open(other, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)) == 0);
        CHECK_INT(rclone_conf_find(&found), 0);
        CHECK_STR(found, other);
        CHECK(setenv("RCLONE_CONFIG", "/named", 1) == 0);
        CHECK_INT(rclone_conf_find(&found), 0);
        CHECK_STR(found, "/named");
}

static void check_untouched(const char *data, ExitStatus status, const char *why) {
        struct stat before;

        start();
        write_file(data);
        before = stat_of(path);
        check_refused(status, why);
        check_file(data);
        CHECK_INT(stat_of(path).st_ino, before.st_ino);
        CHECK_INT(stat_of(path).st_mode, before.st_mode);
}

static void what_it_does_not_write(void) {
        check_untouched("# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nabc\n",
                        EXIT_STATUS_USAGE, "is encrypted");
        check_untouched("[disk]\ntype = local\n", EXIT_STATUS_USAGE, "not of the type");
        check_untouched("[disk]\nnothing = else\n", EXIT_STATUS_USAGE, "not of the type");
        check_untouched(HEAD "type = local\n", EXIT_STATUS_USAGE, "not of the type");

        start();
        CHECK(mkdir(path, 0700) == 0);
        check_refused(EXIT_STATUS_USAGE, "is not a file");
        start();
        CHECK(mkfifo(path, 0600) == 0);
        check_refused(EXIT_STATUS_USAGE, "is not a file");
        start();
        CHECK(symlink("rclone.conf", path) == 0);
        check_refused(EXIT_STATUS_FAILURE, "cannot be written (Too many");
        start();
        CHECK(setenv("RCLONE_CONFIG", "/proc/version/rclone.conf", 1) == 0);
        check_refused(EXIT_STATUS_FAILURE, "Not a directory");
        start();
        CHECK(setenv("RCLONE_CONFIG", "/proc/self/rclone.conf", 1) == 0);
        CHECK(!feed_remote("disk"));
}

/* Between the reading and the writing. The file that was changed is read anew. */
static void what_others_wrote_meanwhile_stays(void) {
        _cleanup_(rclone_conf_done) RcloneConf c = {}, missing = {};

        start();
        CHECK(rclone_conf_read(NULL, "disk", &missing, &problem));
        write_file(HEAD OLD);
        CHECK(rclone_conf_read(NULL, "disk", &c, &problem));
        write_file("[b]\n" HEAD OLD);
        CHECK(rclone_conf_write(&c, "disk", FED, &problem));
        check_file("[b]\n" HEAD FED);

        write_file("[c]\nx = y\n");
        CHECK(rclone_conf_write(&missing, "disk", FED, &problem));
        check_file("[c]\nx = y\n\n" HEAD FED);

        write_file("[disk]\ntype = local\n");
        CHECK(!rclone_conf_write(&c, "disk", FED, &problem));
        check_file("[disk]\ntype = local\n");
}

static void nothing_is_left_beside_it(void) {
        char command[128];

        start();
        write_file(HEAD OLD);
        CHECK(feed_remote("disk"));
        (void) snprintf(command, sizeof(command), "test $(ls -A %s/rclone | wc -l) = 1", home);
        CHECK_INT(system(command), 0);
}

static void check_left_alone(const char *why) {
        struct stat before = stat_of(path);

        check_refused(EXIT_STATUS_FAILURE, why);
        check_file(HEAD OLD);
        CHECK_INT(stat_of(path).st_ino, before.st_ino);
}

/* What is written, is written beside the file. */
static void a_disk_that_takes_nothing(void) {
        char folder[128], filling[128];
        static char zeroes[16 * 4096];
        FILE *f;

        start();
        (void) snprintf(folder, sizeof(folder), "%s/rclone", home);
        (void) snprintf(filling, sizeof(filling), "%s/rclone/filling", home);
        if (!own_mount(folder, "size=16k"))
                return; /* not as root */
        write_file(HEAD OLD);
        f = fopen(filling, "we");
        CHECK(f);
        CHECK(fwrite(zeroes, 1, sizeof(zeroes), f) < sizeof(zeroes));
        (void) fclose(f);
        check_left_alone("No space left on device");

        CHECK(unlink(filling) == 0);
        own_mount_make_read_only(folder);
        check_left_alone("Read-only file system");
        CHECK(unlink(path) < 0 && errno == EROFS);
        own_mount_end(folder);
}

static void names_of_remotes(void) {
        static const char *const good[] = { "disk", "my disk", "диск", "a.b+c@d_e-f", "1", ".x" };
        static const char *const bad[] = { "",     " a",   "a ",      "-a",      "a:b",    "a/b",
                                           "a]",   "[a",   "a\nb",    "a=b",     "a\"b",   "a#b",
                                           "a\\b", "\xff", "\u00a0a", "a\u00a0", "\u202ea" };

        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                CHECK(rclone_conf_is_remote(good[i]));
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                CHECK(!rclone_conf_is_remote(bad[i]));
}

static void the_placeholder(void) {
        _cleanup_(secret_freep) char *lines = NULL;

        CHECK_INT(rclone_conf_print_token(25000, "yadisk-feed-00", &lines), 0);
        CHECK_STR(lines, URL "token = {\"access_token\":\"-\",\"token_type\":\"OAuth\",\"refresh_"
                             "token\":\"yadisk-feed-00\",\"expiry\":\"2000-01-01T00:00:00Z\"}\n");
}

int main(void) {
        CHECK(mkdtemp(home));

        a_remote_is_added();
        a_remote_is_fed_in_the_old_place();
        a_remote_without_a_token_is_fed();
        odd_spellings_are_understood();
        line_ends_stay();
        any_bytes_stay();
        what_is_outside_stays();
        nobody_else_can_read_it();
        its_owner_stays();
        a_missing_file_is_made();
        a_link_stays();
        where_rclone_looks();
        what_it_does_not_write();
        what_others_wrote_meanwhile_stays();
        nothing_is_left_beside_it();
        a_disk_that_takes_nothing();
        names_of_remotes();
        the_placeholder();

        start();
        (void) snprintf(path, sizeof(path), "rm -r %s", home);
        CHECK_INT(system(path), 0);
        return EXIT_SUCCESS;
}
