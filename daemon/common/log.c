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

#define LINE_MAX_BYTES  1024
#define FIELD_MAX_BYTES 128
#define JOURNAL_FIELDS  6

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

static void log_to_journal(int priority, const LogContext *c, const char *message) {
        char text[LINE_MAX_BYTES + sizeof("MESSAGE=")], level[FIELD_MAX_BYTES];
        char account[FIELD_MAX_BYTES], condition[FIELD_MAX_BYTES];
        char attempt[FIELD_MAX_BYTES], due[FIELD_MAX_BYTES];
        struct iovec fields[JOURNAL_FIELDS];
        int n = 0;

#define ADD(buffer, ...)                                                                           \
        do {                                                                                       \
                (void) snprintf(buffer, sizeof(buffer), __VA_ARGS__);                              \
                fields[n++] = (struct iovec){ buffer, strlen(buffer) };                            \
        } while (false)

        ADD(text, "MESSAGE=%s", message);
        ADD(level, "PRIORITY=%i", priority);
        if (c->account)
                ADD(account, "YADISK_ACCOUNT=%s", c->account);
        if (c->condition != 0)
                ADD(condition, "YADISK_CONDITION=%s", log_condition_name(c->condition));
        if (c->attempt > 0)
                ADD(attempt, "YADISK_ATTEMPT=%u", c->attempt);
        if (c->due > 0)
                ADD(due, "YADISK_DUE=%" PRId64, c->due);
#undef ADD

        (void) sd_journal_sendv(fields, n);
}

static void log_to_stderr(const LogContext *c, const char *message) {
        flockfile(stderr);
        fprintf(stderr, "%s", message);
        if (c->account)
                fprintf(stderr, " account=%s", c->account);
        if (c->condition != 0)
                fprintf(stderr, " condition=\"%s\"", log_condition_name(c->condition));
        if (c->attempt > 0)
                fprintf(stderr, " attempt=%u", c->attempt);
        if (c->due > 0)
                fprintf(stderr, " due=%" PRId64, c->due);
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
