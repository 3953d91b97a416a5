/* SPDX-License-Identifier: MIT */

/* The files of other programs: what is taken from them, and the sentence for each that is none. */

#include "yadiskctl/import/token-file.h"

#include <sys/stat.h>

#include "check.h"
#include "odd-values.h"
#include "yadiskctl/terminal/duration.h"

#define LATER  "\"expiry\":\"2099-01-02T03:04:05.678901234+03:00\""
#define LATER_ 4070995445 /* the same */
#define TOKEN                                                                                      \
        "{\"access_token\":\"a-_\",\"token_type\":\"OAuth\",\"refresh_token\":\"1:b:c\"," LATER "}"
#define REMOTE "type = yandex\nclient_id = id\nclient_secret = se\\cret=\ntoken = " TOKEN "\n"

static char path[] = "/tmp/test-token-file-XXXXXX";
static TokenSource source;
static TokenPair pair;

static void write_file(const void *data, size_t size) {
        FILE *f = fopen(path, "w");

        CHECK(f && fwrite(data, 1, size, f) == size && fclose(f) == 0);
}

static void forget(void) {
        token_source_done(&source);
        token_pair_done(&pair);
}

static ExitStatus read_as(const char *format, const char *remote, const char *client_id) {
        ImportOptions options = { .remote = remote, .client_id = client_id };

        forget();
        return token_file_read(token_format_find(format), path, &options, &source, &pair);
}

static void takes(const char *format, const char *text) {
        write_file(text, strlen(text));
        CHECK_INT(read_as(format, NULL, NULL), EXIT_STATUS_OK);
}

/* Nothing is taken, and the one line on stderr has the words. */
static void refuses_of(const char *format, const char *remote, const char *text, size_t size,
                       const char *words) {
        Capture *said = capture(STDERR_FILENO);
        const char *line;
        ExitStatus s;

        write_file(text, size);
        s = read_as(format, remote, NULL);
        line = captured(said);
        CHECK_INT(s, EXIT_STATUS_USAGE);
        CHECK(!pair.refresh_token && !source.data);
        if (!strstr(line, words) || strchr(line, '\n') != line + strlen(line) - 1)
                CHECK_STR(line, words);
}

static void refuses(const char *format, const char *text, const char *words) {
        refuses_of(format, NULL, text, strlen(text), words);
}

static void rclone_remote(void) {
        takes("rclone", "[disk]\n" REMOTE);
        CHECK_STR(pair.access_token, "a-_");
        CHECK_STR(pair.refresh_token, "1:b:c");
        CHECK_STR(pair.client_id, "id");
        CHECK_STR(pair.client_secret, "se\\cret=");
        CHECK_STR(pair.remote, "disk");
        CHECK_INT(pair.expires_at, LATER_);
}

static void rclone_takes_what_ini_files_are_like(void) {
        takes("rclone", "\xef\xbb\xbf; a comment\n# [one]\n\n  ;another\n[mine]\ntype = drive\n"
                        "[disk]\r\n  type=yandex  \r\nclient_id= id\r\ntoken\t=\t" TOKEN "\r\n");
        CHECK_STR(pair.client_id, "id");
        CHECK_STR(pair.refresh_token, "1:b:c");
        CHECK(!pair.client_secret);

        takes("rclone",
              "[disk]\ntype = yandex\nclient_id = one\n[disk]\nclient_id = two\ntoken = " TOKEN);
        CHECK_STR(pair.client_id, "two");
}

static void rclone_remotes_are_chosen(void) {
        const char *two = "[one]\n" REMOTE "[and two's]\n" REMOTE "[three]\ntype = crypt\n";

        refuses("rclone", two,
                "several remotes of Yandex Disk; choose one with --remote: one 'and "
                "two'\\''s'\n");
        write_file(two, strlen(two));
        CHECK_INT(read_as("rclone", "and two's", NULL), EXIT_STATUS_OK);
        CHECK_STR(pair.remote, "and two's");
        refuses_of("rclone", "three", two, strlen(two), "\"three\" is not of the type \"yandex\"");
        refuses_of("rclone", "four", two, strlen(two),
                   "has no remote \"four\"; \"rclone listremotes\"");
        refuses("rclone", "[three]\ntype = crypt\n", "has no remote of the type \"yandex\"");
}

static void rclone_mistakes(void) {
        refuses("rclone", "[d]\ntype = yandex\ntoken = " TOKEN "\n",
                "uses rclone's own application");
        refuses("rclone", "[d]\ntype = yandex\nclient_id =\ntoken = " TOKEN "\n",
                "uses rclone's own application");
        refuses("rclone",
                "[d d]\ntype = yandex\ntoken = {\"access_token\":\"-\",\"refresh_token\":"
                "\"yadisk-feed-6c6d\",\"expiry\":\"2000-01-01T00:00:00Z\"}\n",
                "already, so there is nothing to import; if it gets none, run \"yadiskctl feed add "
                "rclone --remote 'd d' --write\".");
        refuses("rclone", "[d]\ntype = yandex\nclient_id = id\n", "\"d\" has no token;");
        refuses("rclone", "[d]\ntype = yandex\nclient_id = id\ntoken = y0_abc\n",
                "The token of the remote \"d\" is not the JSON");
        refuses("rclone", "[d]\ntype = yandex\nclient_id = id\ntoken = {\"access_token\":\"a\"}\n",
                "without a refresh token, so there is nothing to renew");
        refuses("rclone",
                "[d]\ntype = yandex\nclient_id = id\ntoken = {\"access_token\":\"a\","
                "\"refresh_token\":\"b\",\"expiry\":\"2020-01-01T00:00:00Z\"}\n",
                "holds a token that ended 20");
        refuses("rclone", "# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nabc=\n",
                "is encrypted; let rclone decrypt it: \"rclone config show NAME | yadiskctl import "
                "rclone -\"");
        refuses("rclone", "[ydcmd]\ntoken = a\n", "\"yadiskctl import ydcmd\"");
        refuses("rclone", TOKEN, "is JSON; import it with \"yadiskctl import json\"");
}

static void rclone_remote_of_an_application_that_is_named(void) {
        const char *text = "[d]\ntype = yandex\ntoken = " TOKEN "\n";

        write_file(text, strlen(text));
        CHECK_INT(read_as("rclone", NULL, "id"), EXIT_STATUS_OK);
        CHECK(!pair.client_id);
        CHECK_STR(pair.refresh_token, "1:b:c");
}

static void lines_that_are_wrong_are_named(void) {
        refuses("rclone", "type = yandex\n[d]\n", ", line 1: this is neither");
        refuses("rclone", "\n# x\n[d]\ntype yandex\n", ", line 4: this is neither");
        refuses("rclone", "[d]\n[e\n", ", line 2: this is neither");
        refuses("rclone", "[d]\nsecret-y0_abc", ", line 2: this is neither");
        refuses("rclone", "[d]\nty[pe = yandex\n", "a name that cannot be read");
        refuses("ydcmd", "token = a\n", ", line 1: this is neither");
}

static void ydcmd_with_a_refresh_token(void) {
        takes("ydcmd",
              "# ydcmd\n[YDCMD]\nToken = a\nrefresh-token = b\napp-id = id\napp-secret = s\n");
        CHECK_STR(pair.access_token, "a");
        CHECK_STR(pair.refresh_token, "b");
        CHECK_STR(pair.client_id, "id");
        CHECK_STR(pair.client_secret, "s");
        CHECK_INT(pair.expires_at, 0);

        takes("ydcmd", "[ydcmd]\nrefresh_token = b\nclient_id = id\n");
        CHECK_STR(pair.refresh_token, "b");
        CHECK(!pair.access_token);
}

static void ydcmd_mistakes(void) {
        refuses("ydcmd", "[ydcmd]\ntoken = a\n", "ydcmd keeps no refresh token");
        refuses("ydcmd", "[ydcmd]\n#token = a\ntoken =\n", "has no token");
        refuses("ydcmd", "[ydcmd]\nrefresh-token = b\n", "names no application of yours");
        refuses("ydcmd", "[disk]\n" REMOTE, "has no section [ydcmd]");
        refuses("ydcmd", TOKEN, "is JSON; import it with \"yadiskctl import json\"");
}

static void json_of_yandex_and_of_rclone(void) {
        takes("json",
              "{\"access_token\": \"a\", \"expires_in\": 31536000, \"refresh_token\": \"b\","
              " \"token_type\": \"bearer\"}\n");
        CHECK_STR(pair.access_token, "a");
        CHECK_STR(pair.refresh_token, "b");
        CHECK(!pair.client_id && !pair.client_secret && !pair.remote);
        CHECK_INT(pair.expires_at, source.modified + 31536000);

        takes("json", TOKEN);
        CHECK_INT(pair.expires_at, LATER_);

        takes("json",
              " {\"refresh_token\":\"b\",\"client_id\":\"id\",\"client_secret\":\"s\",\"x\":[{}]}");
        CHECK_STR(pair.client_id, "id");
        CHECK_STR(pair.client_secret, "s");
        CHECK(!pair.access_token);
}

static void json_end_is(const char *end, uint64_t expected) {
        _cleanup_free_ char *text = NULL;

        CHECK_INT(str_format(&text, "{\"refresh_token\":\"b\",%s}", end), 0);
        takes("json", text);
        CHECK_INT(pair.expires_at, expected);
}

static void json_ends(void) {
        json_end_is("\"expires_at\":4070995445", 4070995445);
        json_end_is("\"expires_at\":4070995445.9", 4070995445);
        json_end_is("\"expires_at\":\"2099-01-02T00:04:05Z\"", 4070995445);
        json_end_is("\"expires_at\":99999999999999999999", 253402300799);
        json_end_is("\"expires_at\":-1", 0);
        json_end_is("\"expires_at\":[]", 0);
        json_end_is("\"expiry\":\"0001-01-01T00:00:00Z\"", 0);
        json_end_is("\"expiry\":\"tomorrow\"", 0);
        json_end_is("\"expires_in\":0", 0);
        json_end_is("\"expires_in\":-9223372036854775808", 0);
        json_end_is("\"expires_in\":9223372036854775807", 253402300799);
        json_end_is("\"expires_in\":null", 0);
        json_end_is("\"expires_at\":\"4070995445\"", 4070995445);
        json_end_is("\"expires_at\":\"4070995445.9\"", 4070995445);
        json_end_is("\"expires_at\":4.070995445e9", 4070995445);
        json_end_is("\"expires_at\":\"99999999999999999999\"", 253402300799);
        json_end_is("\"expires_at\":null,\"expiry\":\"4070995445\"", 4070995445);
        json_end_is("\"expires_at\":\"never\"", 0);
}

/* A text with one value that is "@", which may be any of these. */
typedef struct Field {
        const char *text;
        unsigned good;
} Field;

/* In a file of JSON, and in the token of a remote of rclone. */
static const Field fields[] = {
        { "{\"refresh_token\":@,\"access_token\":\"a\"}",
          ODD_TEXT | ODD(CONTROL) | ODD(NOT_ESCAPED) },
        { "{\"refresh_token\":\"b\",\"access_token\":@}",
          ODD_TEXT | ODD_NOTHING | ODD(CONTROL) | ODD(NOT_ESCAPED) },
        { "{\"refresh_token\":\"b\",\"client_id\":@}",
          ODD_TEXT | ODD_NOTHING | ODD(CONTROL) | ODD(NOT_ESCAPED) },
        { "{\"refresh_token\":\"b\",\"client_secret\":@}",
          ODD_TEXT | ODD_NOTHING | ODD(CONTROL) | ODD(NOT_ESCAPED) },
        { "{\"refresh_token\":\"b\",\"expires_in\":@}", ODD_ANY },
        { "{\"refresh_token\":\"b\",\"expires_in\":5,\"expires_at\":@}", ODD_ANY },
        { "{\"refresh_token\":\"b\",\"expiry\":@}", ODD_ANY },
        { "{\"refresh_token\":\"b\",\"token_type\":@}", ODD_ANY },
        { "{\"имя\":@,\"refresh_token\":\"b\"}", ODD_ANY },
};

static ExitStatus read_with(const Field *f, OddKind kind, const char *format) {
        _cleanup_free_ char *text = NULL;
        Capture *said;
        ExitStatus s;

        CHECK(asprintf(&text, "%s%s",
                       streq(format, "rclone") ? "[диск 😀]\n# Ключ\ntype = yandex\ntoken = " : "",
                       odd_document(f->text, kind)) > 0);
        write_file(text, strlen(text));
        said = capture(STDERR_FILENO);
        s = read_as(format, NULL, "id");
        (void) captured(said);
        if (s == EXIT_STATUS_OK && streq(format, "rclone"))
                CHECK_STR(pair.remote, "диск 😀");
        return s;
}

/* An odd moment of 1971 is long over, which is another matter. */
static bool is_over(const Field *f, OddKind kind) {
        return (strstr(f->text, "expires_at") || strstr(f->text, "expiry")) &&
               ((1U << kind) & ODD_NUMBERS);
}

static void what_is_odd_costs_its_field_alone(void) {
        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                for (OddKind kind = 0; kind < _ODD_MAX; kind++) {
                        bool good = (fields[i].good & (1U << kind)) && !is_over(&fields[i], kind);
                        ExitStatus expected = good ? EXIT_STATUS_OK : EXIT_STATUS_USAGE;

                        if (read_with(&fields[i], kind, "json") != expected)
                                fprintf(stderr, "%s with %s\n", fields[i].text, odd_values[kind]);
                        CHECK_INT(read_with(&fields[i], kind, "json"), expected);
                        CHECK(!good || pair.refresh_token);

                        /* A line of rclone.conf has no line break in it. */
                        if (kind != ODD_NOT_ESCAPED)
                                CHECK_INT(read_with(&fields[i], kind, "rclone"), expected);
                }
}

static void a_life_is_a_number_however_it_is_written(void) {
        static const Field life = { "{\"refresh_token\":\"b\",\"expires_in\":@}", 0 };

        for (OddKind kind = 0; kind < _ODD_MAX; kind++) {
                unsigned bit = 1U << kind;

                CHECK_INT(read_with(&life, kind, "json"), EXIT_STATUS_OK);
                CHECK_INT(pair.expires_at, bit & ODD_NUMBERS     ? source.modified + ODD_NUMBER
                                           : bit & ODD_TOO_LARGE ? 253402300799
                                                                 : 0);
        }
}

static void ydcmd_in_any_language(void) {
        takes("ydcmd",
              "# Настройки 😀\n[ydcmd]\nтокен = да\ntoken = a\nrefresh-token = b\napp-id = id\n"
              "timeout = 99999999999999999999\nbase-url = \n; путь\nbase-path = disk:/Мой диск\n");
        CHECK_STR(pair.refresh_token, "b");
        CHECK_STR(pair.access_token, "a");
        CHECK_INT(pair.expires_at, 0);
}

static void json_mistakes(void) {
        refuses("json", "{\"access_token\":\"a\"}", "without a refresh token");
        refuses("json", "{\"access_token\":\"a\",\"refresh_token\":\"\"}",
                "without a refresh token");
        refuses("json", "{\"access_token\":\"a\",\"refresh_token\":5}",
                "but not an object with the texts");
        refuses("json", "{\"refresh_token\":\"a\\u0000b\"}", "but not an object with the texts");
        refuses("json", "{}", "but not an object with the texts");
        refuses("json", "[\"a\"]", "but not an object with the texts");
        refuses("json", "null", "but not an object with the texts");
        refuses("json", "\"y0_abc\"", "but not an object with the texts");
        refuses("json", "y0_abc", "is not JSON; give the whole answer");
        refuses("json", "{\"refresh_token\":\"b\"", "is not JSON; give the whole answer");
        refuses("json", "{\"refresh_token\":\"b\"} x", "is not JSON; give the whole answer");
        refuses("json", "{'refresh_token':'b'}", "is not JSON; give the whole answer");
        refuses("json", "[disk]\n" REMOTE, "is not JSON but has [sections]");
        refuses("json", "; ydcmd\n[ydcmd]\n", "is not JSON but has [sections]");
        refuses("json", "{\"refresh_token\":\"b\",\"expires_at\":1}",
                "holds a token that ended 1970");
}

/* Less than a day ago: Yandex is asked. */
static void what_has_just_ended_is_tried(void) {
        _cleanup_free_ char *text = NULL;

        CHECK_INT(str_format(&text, "{\"refresh_token\":\"b\",\"expires_at\":%llu}",
                             (unsigned long long) time_now() - 3600),
                  0);
        takes("json", text);
}

static void no_texts(void) {
        static char large[1024 * 1024 + 1];

        refuses("json", "", "is empty");
        refuses("rclone", " \n\t\n", "is empty");
        refuses_of("json", NULL, "{\0}", 3, "is not a text in UTF-8");
        refuses("rclone", "[caf\xe9]\n", "is not a text in UTF-8");
        memset(large, ' ', sizeof(large));
        refuses_of("json", NULL, large, sizeof(large), "is larger than 1 MiB");
        large[0] = '{';
        refuses_of("json", NULL, large, sizeof(large) - 1, "is not JSON");
}

static void whom_it_is_exposed_to(void) {
        takes("json", TOKEN);
        CHECK(chmod(path, 0600) == 0);
        CHECK_INT(read_as("json", NULL, NULL), EXIT_STATUS_OK);
        CHECK(!source.exposed);
        CHECK(chmod(path, 0604) == 0);
        CHECK_INT(read_as("json", NULL, NULL), EXIT_STATUS_OK);
        CHECK(source.exposed);
}

int main(void) {
        int fd = mkstemp(path);

        CHECK(fd >= 0);
        close(fd);

        rclone_remote();
        rclone_takes_what_ini_files_are_like();
        rclone_remotes_are_chosen();
        rclone_mistakes();
        rclone_remote_of_an_application_that_is_named();
        lines_that_are_wrong_are_named();
        ydcmd_with_a_refresh_token();
        ydcmd_mistakes();
        json_of_yandex_and_of_rclone();
        json_ends();
        what_is_odd_costs_its_field_alone();
        a_life_is_a_number_however_it_is_written();
        ydcmd_in_any_language();
        json_mistakes();
        what_has_just_ended_is_tried();
        no_texts();
        whom_it_is_exposed_to();

        forget();
        unlink(path);
        CHECK(!token_format_find("JSON") && !token_format_find(NULL));
        return EXIT_SUCCESS;
}
