/* SPDX-License-Identifier: MIT */

#include "yadiskctl/terminal/output.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/ioctl.h>

#include "common/i18n.h"
#include "yadiskctl/terminal/text.h"

#define LINE_MAX_BYTES 4096

/* Of the sixteen colours that every theme has, these are legible on dark and on light ground. */
static const char *const colour_sequences[_COLOUR_MAX] = {
        [COLOUR_PLAIN] = "",
        [COLOUR_STRONG] = "\033[1m",
        [COLOUR_FAINT] = "\033[2m",
        [COLOUR_GOOD] = "\033[32m",
        [COLOUR_ATTENTION] = "\033[33m",
        [COLOUR_TROUBLE] = "\033[1;31m",
};

/* The line that is being said in parts. The parts are clean; between them are the colours. */
static struct {
        FILE *f; /* NULL: no line is begun */
        char *text;
        size_t size;
        unsigned margin;
} parts;

void output_init(void) {
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
                if (fcntl(fd, F_GETFD) < 0)
                        /* The lowest free number is fd. In the wrong mode its use stays an
                         * error. */
                        (void) open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

ExitStatus output_hush(void) {
        _cleanup_fd_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
                if (null < 0 || dup2(null, fd) < 0)
                        return fail_errno(-errno, "open /dev/null");
        return EXIT_STATUS_OK;
}

bool colour_is_wanted(FILE *f) {
        const char *term = getenv("TERM");

        if (!str_is_empty(getenv("NO_COLOR"))) /* no-color.org */
                return false;
        if (str_is_empty(term) || streq(term, "dumb"))
                return false;
        return isatty(fileno(f));
}

const char *colour_begin(FILE *f, Colour colour) {
        return colour_is_wanted(f) ? colour_sequences[colour] : "";
}

const char *colour_end(FILE *f, Colour colour) {
        return colour != COLOUR_PLAIN && colour_is_wanted(f) ? "\033[0m" : "";
}

unsigned output_columns(FILE *f) {
        struct winsize size = {};

        (void) ioctl(fileno(f), TIOCGWINSZ, &size);
        return size.ws_col;
}

static void output_print(FILE *f, const char *format, va_list ap)
        __attribute__((format(printf, 2, 0)));

static void output_print(FILE *f, const char *format, va_list ap) {
        char line[LINE_MAX_BYTES];

        (void) vsnprintf(line, sizeof(line), _(format), ap);
        text_print(f, line);
}

static void output_print_line(FILE *f, const char *prefix, char end, const char *format, va_list ap)
        __attribute__((format(printf, 4, 0)));

/* Breaks the line between words. If it begins with spaces, its further lines do, too. */
static void output_print_line(FILE *f, const char *prefix, char end, const char *format,
                              va_list ap) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *memory;

        memory = open_memstream(&text, &size);
        if (memory) {
                fputs(prefix, memory);
                output_print(memory, format, ap);
                if (fclose(memory) == 0)
                        paragraph_write(
                                f, text,
                                (Measure){ output_columns(f), (unsigned) strspn(text, " ") });
        } else {
                fputs(prefix, f);
                output_print(f, format, ap);
        }
        fputc(end, f);
}

void say(const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        output_print_line(stdout, "", '\n', format, ap);
        va_end(ap);
}

void say_to_copy(const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        output_print(stdout, format, ap);
        va_end(ap);
        fputc('\n', stdout);
}

/* If there is no memory for the whole line, each part is shown at once. */
void say_part(Colour colour, const char *format, ...) {
        FILE *f = parts.f ?: open_memstream(&parts.text, &parts.size);
        va_list ap;

        parts.f = f;
        f = f ?: stdout;
        va_start(ap, format);
        fputs(colour_begin(stdout, colour), f);
        output_print(f, format, ap);
        fputs(colour_end(stdout, colour), f);
        va_end(ap);
}

void say_margin(void) {
        if (parts.f && fflush(parts.f) == 0)
                parts.margin = paragraph_columns(parts.text, parts.size);
}

void say_end(void) {
        if (parts.f && fclose(parts.f) == 0)
                paragraph_write(stdout, parts.text,
                                (Measure){ output_columns(stdout), parts.margin });
        fputc('\n', stdout);
        free(parts.text);
        parts = (typeof(parts)){};
}

void say_gap(void) {
        fputc('\n', stdout);
}

void remark(const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        output_print_line(stderr, "", '\n', format, ap);
        va_end(ap);
}

void inquire(const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        output_print_line(stderr, "", ' ', format, ap);
        va_end(ap);
}

ExitStatus fail(ExitStatus status, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        output_print_line(stderr, "yadiskctl: ", '\n', format, ap);
        va_end(ap);
        return status;
}

ExitStatus fail_usage(const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        output_print_line(stderr, "yadiskctl: ", '\n', format, ap);
        va_end(ap);
        return EXIT_STATUS_USAGE;
}

ExitStatus fail_errno(int r, const char *doing) {
        i18n_speak_now(); /* before strerror(3) */
        return fail(EXIT_STATUS_FAILURE, "Cannot %s: %s.", _(doing), strerror(abs(r)));
}

ExitStatus library_expect(DynamicLibrary *l) {
        if (dynamic_library_load(l) >= 0)
                return EXIT_STATUS_OK;
        return fail(EXIT_STATUS_FAILURE,
                    "The library %s is missing, without which this cannot be done; install it, on "
                    "Debian the package %s.",
                    l->soname, l->package);
}

void paragraph_print(FILE *f, const char *text) {
        unsigned columns = output_columns(f) ?: PARAGRAPH_COLUMNS;
        _cleanup_free_ char *clean = text_clean(text);

        if (clean)
                paragraph_write(f, clean,
                                (Measure){ .columns = MIN_OF(columns, PARAGRAPH_COLUMNS) });
        else
                text_print(f, text);
        fputc('\n', f);
}

ExitStatus output_flush(void) {
        int error;

        errno = 0;
        if (fflush(stdout) == 0 && !ferror(stdout))
                return EXIT_STATUS_OK;

        error = errno ?: EIO;
        clearerr(stdout);
        return fail_errno(error, "write to standard output");
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
                        return fail_errno(errno, "write to standard output");
                p += n;
                size -= (size_t) n;
        }
        return EXIT_STATUS_OK;
}
