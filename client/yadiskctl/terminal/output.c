/* SPDX-License-Identifier: MIT */

#include "yadiskctl/terminal/output.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>

#include "common/i18n.h"
#include "yadiskctl/terminal/paragraph.h"
#include "yadiskctl/terminal/text.h"
#include "yadiskctl/terminal/window.h"

#define LINE_MAX_BYTES 4096

void output_init(void) {
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
                if (fcntl(fd, F_GETFD) < 0)
                        /* The lowest free number is fd. The wrong mode keeps its use an error. */
                        (void) open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* A line that is being said in pieces, each of which is clean, between the colours that it has. */
typedef struct Pieces {
        FILE *f; /* NULL while there are none */
        char *text;
        size_t size;
        unsigned margin;
} Pieces;

static Pieces pieces;

static void print(FILE *f, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));

static void print(FILE *f, const char *format, va_list ap) {
        char line[LINE_MAX_BYTES];

        (void) vsnprintf(line, sizeof(line), _(format), ap);
        text_print(f, line);
}

static void print_broken(FILE *f, const char *prefix, const char *format, va_list ap)
        __attribute__((format(printf, 3, 0)));

/* Lines of the window, but for the end of the last one. What begins with spaces goes on below its first
 * word. */
static void print_broken(FILE *f, const char *prefix, const char *format, va_list ap) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *memory;

        memory = open_memstream(&text, &size);
        if (!memory) {
                fputs(prefix, f);
                return print(f, format, ap);
        }

        fputs(prefix, memory);
        print(memory, format, ap);
        if (fclose(memory) == 0)
                paragraph_write(f, text,
                                (Measure){ window_columns(f), (unsigned) strspn(text, " ") });
}

static void print_line(FILE *f, const char *prefix, const char *format, va_list ap)
        __attribute__((format(printf, 3, 0)));

static void print_line(FILE *f, const char *prefix, const char *format, va_list ap) {
        print_broken(f, prefix, format, ap);
        fputc('\n', f);
}

void say(const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        print_line(stdout, "", format, ap);
        va_end(ap);
}

void say_to_copy(const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        print(stdout, format, ap);
        va_end(ap);
        fputc('\n', stdout);
}

/* Without memory for all of it the line is shown piece by piece. */
static FILE *open_pieces(void) {
        if (!pieces.f)
                pieces.f = open_memstream(&pieces.text, &pieces.size);
        return pieces.f ?: stdout;
}

void say_part(Colour colour, const char *format, ...) {
        FILE *f = open_pieces();
        va_list ap;

        va_start(ap, format);
        fputs(colour_begin(stdout, colour), f);
        print(f, format, ap);
        fputs(colour_end(stdout, colour), f);
        va_end(ap);
}

void say_margin(void) {
        if (pieces.f && fflush(pieces.f) == 0)
                pieces.margin = paragraph_columns(pieces.text);
}

void say_end(void) {
        if (pieces.f && fclose(pieces.f) == 0)
                paragraph_write(stdout, pieces.text,
                                (Measure){ window_columns(stdout), pieces.margin });
        fputc('\n', stdout);
        free(pieces.text);
        pieces = (Pieces){};
}

void say_gap(void) {
        fputc('\n', stdout);
}

void remark(const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        print_line(stderr, "", format, ap);
        va_end(ap);
}

void inquire(const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        print_broken(stderr, "", format, ap);
        va_end(ap);
        fputc(' ', stderr);
}

ExitStatus fail(ExitStatus status, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        print_line(stderr, "yadiskctl: ", format, ap);
        va_end(ap);
        return status;
}

ExitStatus fail_errno(int r, const char *doing) {
        return fail(EXIT_STATUS_FAILURE, "Cannot %s: %s.", _(doing), strerror(abs(r)));
}

static ExitStatus fail_writing(int r) {
        return fail_errno(r, "write to standard output");
}

ExitStatus output_flush(void) {
        errno = 0;
        if (fflush(stdout) == 0 && !ferror(stdout))
                return EXIT_STATUS_OK;

        ExitStatus s = fail_writing(errno ?: EIO);
        clearerr(stdout);
        return s;
}

ExitStatus output_write(const void *data, size_t size) {
        const char *p = data;
        ExitStatus s;

        s = output_flush(); /* what was said before comes first */
        if (s != EXIT_STATUS_OK)
                return s;

        while (size > 0) {
                ssize_t n = write(STDOUT_FILENO, p, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return fail_writing(errno);
                p += n;
                size -= (size_t) n;
        }
        return EXIT_STATUS_OK;
}
