/* SPDX-License-Identifier: MIT */

#include "yadiskctl/import/token-source.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "common/i18n.h"
#include "common/utf8.h"
#include "yadiskctl/terminal/duration.h"

#define DATA_MAX_BYTES  ((size_t) 1024 * 1024)
#define WHITE_SPACE     " \t\r\n"
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

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

static ExitStatus name_it(TokenSource *s, const char *path) {
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

static ExitStatus explain_unreadable(const TokenSource *s, int error) {
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

/* Nobody types a token where everybody looks on. */
static ExitStatus open_source(const TokenSource *s, int *ret) {
        int fd = s->path ? open(s->path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : dup(STDIN_FILENO);

        if (fd < 0)
                return explain_unreadable(s, errno);
        if (!s->path && isatty(fd)) {
                (void) close(fd);
                return fail(EXIT_STATUS_USAGE,
                            "Standard input is a terminal; name a file, or pipe the tokens in.");
        }

        *ret = fd;
        return EXIT_STATUS_OK;
}

static int look(int fd, TokenSource *s) {
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode)) {
                s->modified = moment_now();
                return 0;
        }
        s->modified = st.st_mtime > 0 ? (uint64_t) st.st_mtime : 0;
        s->exposed = st.st_mode & S_IROTH;
        return 0;
}

/* Up to one byte more than is taken. */
static int read_all(int fd, TokenSource *s) {
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

static void drop_byte_order_mark(TokenSource *s) {
        size_t n = strlen(BYTE_ORDER_MARK);

        if (strncmp(s->data, BYTE_ORDER_MARK, n) != 0)
                return;
        s->size -= n;
        memmove(s->data, s->data + n, s->size);
        explicit_bzero(s->data + s->size, n);
}

static ExitStatus check(const TokenSource *s) {
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

ExitStatus token_source_read(const char *path, TokenSource *ret) {
        _cleanup_(token_source_done) TokenSource s = {};
        _cleanup_fd_ int fd = -EBADF;
        ExitStatus status;
        int r;

        status = name_it(&s, path);
        if (status == EXIT_STATUS_OK)
                status = open_source(&s, &fd);
        if (status != EXIT_STATUS_OK)
                return status;

        r = look(fd, &s);
        if (r >= 0)
                r = read_all(fd, &s);
        if (r < 0)
                return explain_unreadable(&s, -r);

        drop_byte_order_mark(&s);
        status = check(&s);
        if (status != EXIT_STATUS_OK)
                return status;

        *ret = s;
        s = (TokenSource){};
        return EXIT_STATUS_OK;
}
