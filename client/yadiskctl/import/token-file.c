/* SPDX-License-Identifier: MIT */

#include "yadiskctl/import/token-file.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/stat.h>

#include "common/i18n.h"
#include "common/utf8.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/terminal/secret.h"

#define DATA_MAX_BYTES  ((size_t) 1024 * 1024)
#define WHITE_SPACE     " \t\r\n"
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* A clock may be wrong by hours. Yandex decides about a token that expired less long ago. */
#define LONG_AGO_SEC (UINT64_C(24) * 60 * 60)

#define PERTURB_BYTE 0x55

/* glibc has a cache in each thread (malloc/malloc.c, tcache): blocks of up to 1032 bytes, in steps of 16, and
 * at most seven of each size. free() puts a block there before it would overwrite it. */
#define CACHED_BYTES_MAX 1032
#define CACHED_STEP      16
#define CACHED_OF_A_SIZE 7

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
                return fail(EXIT_STATUS_USAGE, "There is no file %s; name the one to import from.",
                            s->name);
        case EISDIR:
                return fail(EXIT_STATUS_USAGE, "%s is a directory; name the file in it.", s->name);
        default:
                return fail(EXIT_STATUS_USAGE, "%s cannot be read (%s); name one that can.",
                            s->name, strerror(error));
        }
}

static ExitStatus token_source_open(const TokenSource *s, int *ret) {
        int fd = s->path ? open(s->path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : dup(STDIN_FILENO);

        if (fd < 0)
                return token_source_explain(s, errno);
        if (!s->path && isatty(fd)) {
                (void) close(fd);
                return fail(EXIT_STATUS_USAGE, /* it would show the tokens */
                            "Standard input is a terminal; name a file, or pipe the tokens in.");
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
                return fail(EXIT_STATUS_USAGE,
                            "%s is larger than 1 MiB, so it holds more than tokens; name the right "
                            "file.",
                            s->name);
        if (strlen(s->data) != s->size || !utf8_is_valid(s->data))
                return fail(EXIT_STATUS_USAGE, "%s is not a text in UTF-8; name the right file.",
                            s->name);
        if (token_source_first(s) == '\0')
                return fail(EXIT_STATUS_USAGE, "%s is empty; name the file that holds the tokens.",
                            s->name);
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

static ExitStatus token_file_find_stdin(char **ret) {
        return str_replace(ret, "-") < 0 ? fail_errno(-ENOMEM, "name the file") : EXIT_STATUS_OK;
}

static const TokenFormat token_formats[] = {
        { "rclone", token_file_find_rclone, token_file_parse_rclone },
        { "ydcmd", token_file_find_ydcmd, token_file_parse_ydcmd },
        { "json", token_file_find_stdin, token_file_parse_json },
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
                return fail(EXIT_STATUS_USAGE,
                            "%s holds an access token without a refresh token, so there is nothing "
                            "to renew; sign in with \"yadiskctl login\" instead.",
                            s->name);
        if (p->expires_at != 0 && p->expires_at + LONG_AGO_SEC < now)
                return fail(EXIT_STATUS_USAGE,
                            "%s holds a token that ended %s, and its refresh token ended with it; "
                            "sign in with \"yadiskctl login\" instead.",
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

        if (!path)
                s = format->find(&found);
        if (s == EXIT_STATUS_OK)
                s = token_source_read(path ?: found, &source);
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

void heap_perturb(void) {
        (void) mallopt(M_PERTURB, PERTURB_BYTE);
}

/* malloc() returns the cached blocks first, so we get these. */
static void heap_scrub_size(size_t size) {
        void *blocks[CACHED_OF_A_SIZE];

        for (size_t i = 0; i < CACHED_OF_A_SIZE; i++) {
                blocks[i] = malloc(size);
                if (blocks[i])
                        explicit_bzero(blocks[i], size);
        }
        for (size_t i = 0; i < CACHED_OF_A_SIZE; i++)
                free(blocks[i]);
}

void heap_scrub(void) {
        for (size_t size = CACHED_STEP + sizeof(size_t); size <= CACHED_BYTES_MAX;
             size += CACHED_STEP)
                heap_scrub_size(size);
}
