/* SPDX-License-Identifier: MIT */

#include "yadiskctl/import/token-file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "common/i18n.h"
#include "common/json-text.h"
#include "common/utf8.h"
#include "shared/json-library.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/terminal/terminal.h"

#define DATA_MAX_BYTES  ((size_t) 1024 * 1024)
#define WHITE_SPACE     " \t\r\n"
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* A clock may be wrong by hours. Yandex decides about a token that expired less long ago. */
#define LONG_AGO_SEC (UINT64_C(24) * 60 * 60)

void token_source_done(TokenSource *s) {
        if (s->data)
                explicit_bzero(s->data, s->size);
        free(s->data);
        free(s->name);
        free(s->path);
        *s = (TokenSource){};
}

char token_source_first(const TokenSource *s) {
        return s->data[strspn(s->data, WHITE_SPACE)];
}

static ExitStatus token_source_name(TokenSource *s, const char *path) {
        int r;

        if (streq(path, "-"))
                r = str_replace(&s->name, _("Standard input"));
        else {
                r = str_replace(&s->path, path);
                if (r >= 0)
                        r = str_format(&s->name, "\"%s\"", path);
        }
        return r < 0 ? fail_errno(r, "name the file") : EXIT_STATUS_OK;
}

static ExitStatus token_source_explain(const TokenSource *s, int error) {
        switch (error) {
        case ENOENT:
        case ENOTDIR:
                return fail_usage("There is no file %s; name the one to import from.", s->name);
        case EISDIR:
                return fail_usage("%s is a directory; name the file in it.", s->name);
        default:
                return fail_usage("%s cannot be read (%s); name one that can.", s->name,
                                  strerror(error));
        }
}

static ExitStatus token_source_open(const TokenSource *s, int *ret) {
        int fd = s->path ? open(s->path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : dup(STDIN_FILENO);

        if (fd < 0)
                return token_source_explain(s, errno);
        if (!s->path && isatty(fd)) {
                (void) close(fd);
                return fail_usage(/* it would show the tokens */
                                  "Standard input is a terminal; name a file, or pipe the tokens "
                                  "in.");
        }

        *ret = fd;
        return EXIT_STATUS_OK;
}

static int token_source_look(int fd, TokenSource *s) {
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode)) {
                s->modified = time_now();
                return 0;
        }
        s->modified = st.st_mtime > 0 ? (uint64_t) st.st_mtime : 0;
        s->exposed = st.st_mode & S_IROTH;
        return 0;
}

/* Reads up to one byte more than is allowed. */
static int token_source_fill(int fd, TokenSource *s) {
        s->data = malloc(DATA_MAX_BYTES + 2);
        if (!s->data)
                return -ENOMEM;

        while (s->size <= DATA_MAX_BYTES) {
                ssize_t n = read(fd, s->data + s->size, DATA_MAX_BYTES + 1 - s->size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                s->size += (size_t) n;
        }
        s->data[s->size] = '\0';
        return 0;
}

static void token_source_skip_mark(TokenSource *s) {
        size_t n = strlen(BYTE_ORDER_MARK);

        if (strncmp(s->data, BYTE_ORDER_MARK, n) != 0)
                return;
        s->size -= n;
        memmove(s->data, s->data + n, s->size);
        explicit_bzero(s->data + s->size, n);
}

static ExitStatus token_source_check(const TokenSource *s) {
        if (s->size > DATA_MAX_BYTES)
                return fail_usage("%s is larger than 1 MiB, so it holds more than tokens; name the "
                                  "right file.",
                                  s->name);
        if (strlen(s->data) != s->size || !utf8_is_valid(s->data))
                return fail_usage("%s is not a text in UTF-8; name the right file.", s->name);
        if (token_source_first(s) == '\0')
                return fail_usage("%s is empty; name the file that holds the tokens.", s->name);
        return EXIT_STATUS_OK;
}

static ExitStatus token_source_read(const char *path, TokenSource *ret) {
        _cleanup_(token_source_done) TokenSource s = {};
        _cleanup_fd_ int fd = -EBADF;
        ExitStatus status;
        int r;

        status = token_source_name(&s, path);
        if (status == EXIT_STATUS_OK)
                status = token_source_open(&s, &fd);
        if (status != EXIT_STATUS_OK)
                return status;

        r = token_source_look(fd, &s);
        if (r >= 0)
                r = token_source_fill(fd, &s);
        if (r < 0)
                return token_source_explain(&s, -r);

        token_source_skip_mark(&s);
        status = token_source_check(&s);
        if (status != EXIT_STATUS_OK)
                return status;

        *ret = s;
        s = (TokenSource){};
        return EXIT_STATUS_OK;
}

/*
 * A JSON object in one of these shapes, of Yandex and of rclone, and perhaps with the client_id and
 * client_secret that a script has added:
 *
 *     {"access_token":"...","expires_in":31536000,"refresh_token":"...","token_type":"bearer"}
 *     {"access_token":"...","token_type":"OAuth","refresh_token":"...","expiry":"2027-..."}
 *
 * A time is UTC seconds or a text. Seconds may stand between quotes. null means absent.
 * common/json-text.h says what is accepted as JSON.
 */

static void object_put(json_object *j) {
        (void) json.object_put(j);
}

static void tokener_free(json_tokener *t) {
        json.tokener_free(t);
}

DEFINE_CLEANUP(json_tokener *, tokener_free)
DEFINE_CLEANUP(json_object *, object_put)

static int token_json_parse(const char *text, json_object **ret) {
        _cleanup_(tokener_freep) json_tokener *tokener = NULL;
        _cleanup_(object_putp) json_object *j = NULL;
        int r;

        if (!json_text_is_valid(text))
                return -EBADMSG;
        r = json_load();
        if (r < 0)
                return r;

        /* The values in the innermost object are one level more. */
        tokener = json.tokener_new_ex(JSON_DEPTH_MAX + 1);
        if (!tokener)
                return -ENOMEM;

        j = json.tokener_parse_ex(tokener, text, (int) strlen(text) + 1);
        if (!json.object_is_type(j, json_type_object))
                return -EPROTO;

        *ret = TAKE_PTR(j);
        return 0;
}

static json_object *token_json_get(json_object *j, const char *key) {
        json_object *value = NULL;

        (void) json.object_object_get_ex(j, key, &value);
        return value; /* NULL for null */
}

/* *ret becomes a copy of the value. It is untouched if there is none, or if it is empty. */
static int token_json_get_string(json_object *j, const char *key, char **ret) {
        json_object *value = token_json_get(j, key);
        const char *s;

        if (!value)
                return 0;
        if (!json.object_is_type(value, json_type_string))
                return -EPROTO;

        s = json.object_get_string(value);
        if (strlen(s) != (size_t) json.object_get_string_len(value))
                return -EPROTO;
        return *s ? str_replace(ret, s) : 0;
}

/* A time beyond the last one stands for "never". */
static uint64_t token_json_clamp(int64_t time) {
        return time <= 0 ? 0 : (uint64_t) MIN_OF(time, TIME_LAST);
}

/* Returns 0 if there is no number. Each version of json-c converts NaN differently, so it counts as
 * none. */
static int64_t token_json_get_seconds(json_object *j, const char *key) {
        json_object *value = token_json_get(j, key);
        int64_t seconds = 0;

        switch (json.object_get_type(value)) {
        case json_type_double:
                if (__builtin_isnan(json.object_get_double(value)))
                        return 0;
                return json.object_get_int64(value);
        case json_type_int:
                return json.object_get_int64(value);
        case json_type_string:
                (void) json_text_to_int(json.object_get_string(value), &seconds);
                return seconds;
        default:
                return 0;
        }
}

/* Parses RFC 3339, as in "2027-01-02T15:04:05.678+03:00". Returns UTC seconds; 0 if it is something
 * else, or before 1970. */
static uint64_t token_json_parse_time(const char *s) {
        struct tm tm = {};
        long offset;
        time_t t;

        s = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);
        if (s && *s == '.')
                s += 1 + strspn(s + 1, "0123456789");
        if (s)
                s = strptime(s, "%z", &tm);
        if (!s || *s)
                return 0;

        offset = tm.tm_gmtoff; /* timegm() resets it */
        t = timegm(&tm) - offset;
        return t > 0 ? (uint64_t) t : 0;
}

static uint64_t token_json_get_time(json_object *j, const char *key) {
        json_object *value = token_json_get(j, key);
        uint64_t time = 0;

        if (json.object_is_type(value, json_type_string))
                time = token_json_parse_time(json.object_get_string(value));
        return time ?: token_json_clamp(token_json_get_seconds(j, key));
}

/* expires_in counts from an answer that is older than the file, so the result is rather too late
 * than too early. */
static uint64_t token_json_get_expiry(json_object *j, uint64_t since) {
        int64_t life = token_json_get_seconds(j, "expires_in");
        uint64_t end = token_json_get_time(j, "expires_at") ?: token_json_get_time(j, "expiry");

        if (end != 0 || since == 0 || life <= 0)
                return end;
        return token_json_clamp((int64_t) since + MIN_OF(life, TIME_LAST));
}

int token_json_read(const char *text, uint64_t since, TokenPair *ret) {
        _cleanup_(object_putp) json_object *j = NULL;
        int r;

        r = token_json_parse(text, &j);
        if (r >= 0)
                r = token_json_get_string(j, "access_token", &ret->access_token);
        if (r >= 0)
                r = token_json_get_string(j, "refresh_token", &ret->refresh_token);
        if (r >= 0)
                r = token_json_get_string(j, "client_id", &ret->client_id);
        if (r >= 0)
                r = token_json_get_string(j, "client_secret", &ret->client_secret);
        if (r >= 0 && !ret->access_token && !ret->refresh_token)
                r = -EPROTO;
        if (r >= 0)
                ret->expires_at = token_json_get_expiry(j, since);
        return r;
}

static ExitStatus token_json_explain(const TokenSource *s) {
        char first = token_source_first(s);

        if (first == '[' || first == '#' || first == ';')
                return fail_usage("%s is not JSON but has [sections]; import it with \"yadiskctl "
                                  "import rclone\" or \"yadiskctl import ydcmd\".",
                                  s->name);
        return fail_usage("%s is not JSON; give the whole answer of Yandex, with access_token and "
                          "refresh_token.",
                          s->name);
}

static ExitStatus token_file_parse_json(TokenSource *s, const ImportOptions *options,
                                        TokenPair *ret) {
        int r = token_json_read(s->data, s->modified, ret);

        switch (r) {
        case -EBADMSG:
                return token_json_explain(s);
        case -EPROTO:
                return fail_usage("%s is JSON, but not an object with the texts access_token and "
                                  "refresh_token; give the whole answer of Yandex.",
                                  s->name);
        default:
                return r < 0 ? fail_errno(r, "read the tokens") : EXIT_STATUS_OK;
        }
}

static const TokenFormat token_formats[] = {
        { "rclone", token_file_find_rclone, token_file_parse_rclone },
        { "ydcmd", token_file_find_ydcmd, token_file_parse_ydcmd },
        { "json", NULL, token_file_parse_json },
};

const TokenFormat *token_format_find(const char *name) {
        for (size_t i = 0; i < ELEMENTSOF(token_formats); i++)
                if (streq(token_formats[i].name, name))
                        return &token_formats[i];
        return NULL;
}

void token_pair_done(TokenPair *p) {
        (void) secret_free(p->access_token);
        (void) secret_free(p->refresh_token);
        (void) secret_free(p->client_secret);
        free(p->client_id);
        free(p->remote);
        *p = (TokenPair){};
}

static ExitStatus token_file_check(const TokenSource *s, const TokenPair *p) {
        char expiry[TIME_MAX_BYTES];
        uint64_t now = time_now();

        if (str_is_empty(p->refresh_token))
                return fail_usage("%s holds an access token without a refresh token, so there is "
                                  "nothing to renew; sign in with \"yadiskctl login\" instead.",
                                  s->name);
        if (p->expires_at != 0 && p->expires_at + LONG_AGO_SEC < now)
                return fail_usage("%s holds a token that ended %s, and its refresh token ended "
                                  "with it; sign in with \"yadiskctl login\" instead.",
                                  s->name, time_print(p->expires_at, now, expiry));
        return EXIT_STATUS_OK;
}

ExitStatus token_file_read(const TokenFormat *format, const char *path,
                           const ImportOptions *options, TokenSource *ret_source,
                           TokenPair *ret_pair) {
        _cleanup_(token_source_done) TokenSource source = {};
        _cleanup_(token_pair_done) TokenPair pair = {};
        _cleanup_free_ char *found = NULL;
        ExitStatus s = EXIT_STATUS_OK;

        if (!path && format->find)
                s = format->find(&found);
        if (s == EXIT_STATUS_OK)
                s = token_source_read(path ?: found ?: "-", &source);
        if (s == EXIT_STATUS_OK)
                s = format->parse(&source, options, &pair);
        if (s == EXIT_STATUS_OK)
                s = token_file_check(&source, &pair);
        if (s != EXIT_STATUS_OK)
                return s;

        *ret_source = source;
        *ret_pair = pair;
        source = (TokenSource){};
        pair = (TokenPair){};
        return EXIT_STATUS_OK;
}
