/* SPDX-License-Identifier: MIT */

/* The configuration file: where it is looked for, what it may say, and how it is refused. */

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "capture.h"
#include "common/condition.h"
#include "platform/config.h"
#include "platform/machine.h"

#define NAME "yadisk-tokend/yadisk-tokend.conf"

static char directory[] = "/tmp/yadisk-tokend-test-XXXXXX";
static Capture said;

static char *path_in(const char *rest) {
        char *path;

        check(asprintf(&path, "%s/%s", directory, rest) > 0);
        return path;
}

static void write_file(const char *path, const char *text) {
        _cleanup_fd_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        check(fd >= 0);
        check_int(write(fd, text, strlen(text)), strlen(text));
}

static int load(const char *text, Config *ret, const char **ret_said) {
        _cleanup_free_ char *path = path_in("file.conf");
        int r;

        write_file(path, text);
        capture_begin(&said);
        r = config_load_file(path, ret);
        *ret_said = capture_end(&said);
        return r;
}

static void check_refused_for(const char *text, const char *key, const char *why) {
        const char *words;
        Config c = {};

        check_int(load(text, &c, &words), CONDITION_INVALID_ARGS);
        if (!strstr(words, "file.conf") || !strstr(words, key) || !strstr(words, why))
                fprintf(stderr, "said: %s", words);
        check(strstr(words, "file.conf"));
        check(strstr(words, key));
        check(strstr(words, why));
        check(strchr(words, '\n') == words + strlen(words) - 1); /* one line */
        check(!c.oauth_url);
}

static void nothing_said_is_yandex(void) {
        _cleanup_(config_done) Config c = {};
        _cleanup_free_ char *host = NULL;
        const char *words;

        check_int(load("", &c, &words), 0);
        check_str(words, "");
        check_str(c.oauth_url, "https://oauth.yandex.ru");
        check_str(c.login_url, "https://login.yandex.ru");
        check_str(c.disk_url, "https://cloud-api.yandex.net");
        check_str(c.ca_file, NULL);
        check_int(machine_name(&host), 0);
        check_str(c.device_name, host);
}

static void everything_said_is_taken(void) {
        _cleanup_free_ char *path = path_in("ca.pem"), *text = NULL;
        _cleanup_(config_done) Config c = {};
        const char *words;

        write_file(path, "-----BEGIN CERTIFICATE-----\n");
        check(asprintf(&text,
                       "# comment\n[Yandex]\nOAuthURL=https://oauth.test:8443/\n"
                       "LoginURL=https://login.test/base\nDiskURL=https://[::1]:1//\nCAFile=%s\n"
                       "DeviceName=Мой дом\n",
                       path) > 0);
        check_int(load(text, &c, &words), 0);
        check_str(words, "");
        check_str(c.oauth_url, "https://oauth.test:8443"); /* no slash at the end */
        check_str(c.login_url, "https://login.test/base");
        check_str(c.disk_url, "https://[::1]:1");
        check_str(c.ca_file, path);
        check_str(c.device_name, "Мой дом");
}

static void an_empty_value_is_none(void) {
        _cleanup_(config_done) Config c = {};
        const char *words;

        check_int(load("[Yandex]\nOAuthURL=\nCAFile=\nDeviceName=\n", &c, &words), 0);
        check_str(c.oauth_url, "https://oauth.yandex.ru");
        check_str(c.ca_file, NULL);
        check(!str_is_empty(c.device_name));
}

static void urls_are_https_origins(void) {
        static const char *const keys[] = { "OAuthURL", "LoginURL", "DiskURL" };
        static const struct {
                const char *url;
                const char *why;
        } table[] = {
                { "http://oauth.yandex.ru", "https://" },
                { "ftp://oauth.yandex.ru", "https://" },
                { "file:///etc/passwd", "https://" },
                { "https://", "host" },
                { "https:///path", "host" },
                { "https://user@host", "user" },
                { "https://user:password@host", "user" },
                { "https://host?query", "query" },
                { "https://host#fragment", "fragment" },
                { "oauth.yandex.ru", "not a URL" },
                { "not a url", "not a URL" },
                { "https://ho st", "not a URL" },
                { "https://host:port", "not a URL" },
                { "https://host:65536", "not a URL" },
                { "https://host:0", "port" },
        };

        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                for (size_t j = 0; j < ELEMENTSOF(table); j++) {
                        _cleanup_free_ char *text = NULL, *where = NULL;

                        check(asprintf(&text, "[Yandex]\n%s=%s\n", keys[i], table[j].url) > 0);
                        check(asprintf(&where, "[Yandex] %s", keys[i]) > 0);
                        check_refused_for(text, where, table[j].why);
                }
}

static void a_ca_file_holds_certificates(void) {
        _cleanup_free_ char *path = path_in("ca.pem"), *text = NULL;

        check(asprintf(&text, "[Yandex]\nCAFile=%s\n", path) > 0);
        write_file(path, "x");
        check_refused_for(text, "[Yandex] CAFile", "no certificate");
        check_refused_for("[Yandex]\nCAFile=relative.pem\n", "[Yandex] CAFile", "absolute");
        check_refused_for("[Yandex]\nCAFile=/dev/zero\n", "[Yandex] CAFile", "cannot be read");
        check_refused_for("[Yandex]\nCAFile=/nowhere/at/all.pem\n", "[Yandex] CAFile",
                          "cannot be read");
}

static void a_device_name_can_be_shown(void) {
        char text[256] = "[Yandex]\nDeviceName=";
        size_t head = strlen(text);

        check_refused_for("[Yandex]\nDeviceName=a\\tb\n", "[Yandex] DeviceName", "control");
        for (unsigned n = 0; n < 101; n++)
                strcat(text, "ж");
        check_refused_for(text, "[Yandex] DeviceName", "longer than 100 characters");
        text[strlen(text) - strlen("ж")] = '\0';
        {
                _cleanup_(config_done) Config c = {};
                const char *words;

                check_int(load(text, &c, &words), 0);
                check_str(c.device_name, text + head);
        }
}

static void what_is_no_key_file_is_refused(void) {
        check_refused_for("nonsense\n", "", "correct the file");
        check_refused_for("OAuthURL=https://host\n", "", "correct the file");
        check_refused_for("[Yandex\n", "", "correct the file");
        check_refused_for("[Yandex]\nDeviceName=\xff\xfe\n", "", "correct the file");
        check_refused_for("[Yandex]\nDeviceName=a\\qb\n", "DeviceName", "not a valid string");
}

static void what_is_not_known_is_warned_of(void) {
        _cleanup_(config_done) Config c = {};
        const char *words;

        check_int(load("[Yandex]\nOauthUrl=https://x\nDeviceName=me\n[Google]\nOAuthURL=y\n", &c,
                       &words),
                  0);
        check(strstr(words, "[Yandex] unknown key OauthUrl"));
        check(strstr(words, "unknown group [Google]"));
        check(strstr(words, "file.conf"));
        check(!strstr(words, "DeviceName"));
        check_str(c.device_name, "me");
        check_str(c.oauth_url, "https://oauth.yandex.ru");
}

static void a_file_that_cannot_be_read_is_refused(void) {
        _cleanup_free_ char *path = path_in("absent.conf");
        Config c = {};

        capture_begin(&said);
        check_int(config_load_file(path, &c), CONDITION_INVALID_ARGS);
        check(strstr(capture_end(&said), "absent.conf"));
}

/* Which device name is found with these directories in the environment; GLib looks there once. */
static void check_found(const char *own, const char *system, const char *expected) {
        int status;
        pid_t pid = fork();

        check(pid >= 0);
        if (pid == 0) {
                _cleanup_free_ char *home = path_in(own), *dirs = NULL;
                Config c = {};

                if (asprintf(&dirs, "%s/%s:%s/three", directory, system, directory) < 0)
                        _exit(2);
                (void) setenv("XDG_CONFIG_HOME", home, 1);
                (void) setenv("XDG_CONFIG_DIRS", dirs, 1);
                if (config_load(&c) != 0)
                        _exit(3);
                _exit(expected ? !streq(c.device_name, expected)
                               : !streq(c.oauth_url, "https://oauth.yandex.ru"));
        }
        check_int(waitpid(pid, &status, 0), pid);
        check_int(status, 0);
}

static void the_first_file_counts_whole(void) {
        static const char *const places[] = { "one", "two", "three" };

        for (size_t i = 0; i < ELEMENTSOF(places); i++) {
                _cleanup_free_ char *top = path_in(places[i]), *below = NULL, *path = NULL;
                char text[128];

                check(asprintf(&below, "%s/yadisk-tokend", top) > 0);
                check(asprintf(&path, "%s/%s", top, NAME) > 0);
                check_int(mkdir(top, 0700), 0);
                check_int(mkdir(below, 0700), 0);
                (void) snprintf(text, sizeof(text), "[Yandex]\nDeviceName=%s\n", places[i]);
                write_file(path, text);
        }

        check_found("one", "two", "one");
        check_found("nowhere", "two", "two");
        check_found("nowhere", "nowhere", "three");
}

static void no_file_is_needed(void) {
        _cleanup_free_ char *three = path_in("three/" NAME);

        check_int(unlink(three), 0);
        check_found("nowhere", "nowhere", NULL);
}

static void remove_directory(void) {
        _cleanup_free_ char *command = NULL;

        check(asprintf(&command, "rm -rf '%s'", directory) > 0);
        check_int(system(command), 0);
}

int main(int argc, char *argv[]) {
        static const Test tests[] = {
                TEST(nothing_said_is_yandex),
                TEST(everything_said_is_taken),
                TEST(an_empty_value_is_none),
                TEST(urls_are_https_origins),
                TEST(a_ca_file_holds_certificates),
                TEST(a_device_name_can_be_shown),
                TEST(what_is_no_key_file_is_refused),
                TEST(what_is_not_known_is_warned_of),
                TEST(a_file_that_cannot_be_read_is_refused),
                TEST(the_first_file_counts_whole),
                TEST(no_file_is_needed),
        };
        int r;

        check(mkdtemp(directory));
        r = run_tests(argc, argv, tests, ELEMENTSOF(tests));
        remove_directory();
        return r;
}
