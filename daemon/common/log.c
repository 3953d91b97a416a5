/* SPDX-License-Identifier: MIT */

#include "common/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "common/condition.h"

#define LINE_MAX_BYTES 1024

#define INTERVAL_SECONDS 60

static int max_level = LOG_INFO;
static bool to_journal = false;

void log_set_max_level(int priority) {
        max_level = priority;
}

/* systemd tells device and inode of the stream that it connected to the journal. */
static bool log_stderr_is_journal(void) {
        const char *e = getenv("JOURNAL_STREAM");
        uint64_t device, inode;
        struct stat st;

        if (!e || sscanf(e, "%" SCNu64 ":%" SCNu64, &device, &inode) != 2)
                return false;
        if (fstat(STDERR_FILENO, &st) < 0)
                return false;
        return st.st_dev == device && st.st_ino == inode;
}

void log_open(void) {
        static const char *const names[] = {
                [LOG_ERR] = "err",   [LOG_WARNING] = "warning", [LOG_NOTICE] = "notice",
                [LOG_INFO] = "info", [LOG_DEBUG] = "debug",
        };
        const char *level = getenv("YADISK_TOKEND_LOG_LEVEL");

        to_journal = log_stderr_is_journal();
        for (size_t i = LOG_ERR; level && i < ELEMENTSOF(names); i++)
                if (streq(names[i], level))
                        max_level = (int) i;
}

static const char *log_condition_name(int r) {
        const char *dot = strrchr(condition_bus_name(r), '.');

        return r < 0 ? strerrordesc_np(-r) ?: "unknown error" : dot + 1;
}

typedef struct LogField {
        const char *name;       /* in the journal */
        const char *short_name; /* on stderr */
        const char *text;       /* NULL: it is a number */
        int64_t number;         /* 0 if there is none */
} LogField;

#define LOG_FIELDS_MAX 9

/* Returns how many the context has. */
static size_t log_list_fields(const LogContext *c, LogField ret[static LOG_FIELDS_MAX]) {
        const char *condition = c->condition != 0 ? log_condition_name(c->condition) : NULL;
        const LogField all[LOG_FIELDS_MAX] = {
                { "YADISK_ACCOUNT", "account", c->account, 0 },
                { "YADISK_CONDITION", "condition", condition, 0 },
                { "YADISK_ATTEMPT", "attempt", NULL, c->attempt },
                { "YADISK_DUE", "due", NULL, c->due },
                { "YADISK_GENERATION", "generation", NULL, c->generation },
                { "YADISK_CALLER_PID", "pid", NULL, c->pid },
                { "YADISK_CALLER_APP", "app", c->app, 0 },
                { "YADISK_CALLER_UNIT", "unit", c->unit, 0 },
                { "YADISK_CALLER_EXE", "executable", c->executable, 0 },
        };
        size_t n = 0;

        for (size_t i = 0; i < LOG_FIELDS_MAX; i++)
                if (all[i].text || all[i].number != 0)
                        ret[n++] = all[i];
        return n;
}

static void log_to_journal(int priority, const LogContext *c, const char *message) {
        char text[LOG_FIELDS_MAX + 2][LINE_MAX_BYTES];
        struct iovec lines[LOG_FIELDS_MAX + 2];
        LogField fields[LOG_FIELDS_MAX];
        size_t n = log_list_fields(c, fields);

        for (size_t i = 0; i < n; i++)
                if (fields[i].text)
                        (void) snprintf(text[i], LINE_MAX_BYTES, "%s=%s", fields[i].name,
                                        fields[i].text);
                else
                        (void) snprintf(text[i], LINE_MAX_BYTES, "%s=%" PRId64, fields[i].name,
                                        fields[i].number);
        (void) snprintf(text[n++], LINE_MAX_BYTES, "PRIORITY=%i", priority);
        (void) snprintf(text[n++], LINE_MAX_BYTES, "MESSAGE=%s", message);

        for (size_t i = 0; i < n; i++)
                lines[i] = (struct iovec){ text[i], strlen(text[i]) };
        (void) sd_journal_sendv(lines, (int) n);
}

/* A name must not end the quotes. */
static void log_print_quoted(const LogField *field) {
        fprintf(stderr, " %s=\"", field->short_name);
        for (const char *c = field->text; *c; c++) {
                if (*c == '"' || *c == '\\')
                        fputc('\\', stderr);
                fputc(*c, stderr);
        }
        fputc('"', stderr);
}

static void log_to_stderr(const LogContext *c, const char *message) {
        LogField fields[LOG_FIELDS_MAX];
        size_t n = log_list_fields(c, fields);

        flockfile(stderr);
        fprintf(stderr, "%s", message);
        for (size_t i = 0; i < n; i++)
                if (fields[i].text == c->account && c->account)
                        fprintf(stderr, " %s=%s", fields[i].short_name, fields[i].text);
                else if (fields[i].text)
                        log_print_quoted(&fields[i]);
                else
                        fprintf(stderr, " %s=%" PRId64, fields[i].short_name, fields[i].number);
        fputc('\n', stderr);
        funlockfile(stderr);
}

void log_event(int priority, const LogContext *context, const char *format, ...) {
        static const LogContext nothing = {};
        char message[LINE_MAX_BYTES];
        va_list ap;

        if (priority > max_level)
                return;

        va_start(ap, format);
        (void) vsnprintf(message, sizeof(message), format, ap);
        va_end(ap);

        if (to_journal)
                log_to_journal(priority, context ?: &nothing, message);
        else
                log_to_stderr(context ?: &nothing, message);
}

bool log_is_due(uint64_t *last) {
        struct timespec now;
        uint64_t seconds;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        seconds = (uint64_t) now.tv_sec + 1;
        if (*last > 0 && seconds < *last + INTERVAL_SECONDS)
                return false;

        *last = seconds;
        return true;
}
