/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Messages of the daemon. If stderr is connected to the journal they go there, with fields, and
 * else to stderr as lines. No token, code, secret, request or answer ever passes through here.
 */

#include <stdint.h>
#include <syslog.h>

#include "common/util.h"

/* What a message is about, in fields of the journal. A field that is 0 or NULL is left out. */
typedef struct LogContext {
        const char *account; /* id */
        int condition;       /* a Condition or a negative errno */
        unsigned attempt;
        int64_t due; /* UTC seconds */
        unsigned generation;
        /* These describe the program that called. */
        int64_t pid;
        const char *unit;
        const char *executable;
        const char *app;
} LogContext;

/* Messages less important than this syslog priority are dropped. The default is LOG_INFO. */
void log_set_max_level(int priority);

/* Reads $YADISK_TOKEND_LOG_LEVEL (err, warning, notice, info, debug) and finds out whether stderr
 * is the journal. Before this call messages go to stderr. */
void log_open(void);

void log_event(int priority, const LogContext *context, const char *format, ...) _printf_(3, 4);

/* Whether something that may happen again and again is to be logged: once a minute. *last is 0 at
 * first, then the time when this last returned true. */
bool log_is_due(uint64_t *last);

#define log_error(...)   log_event(LOG_ERR, NULL, __VA_ARGS__)
#define log_warning(...) log_event(LOG_WARNING, NULL, __VA_ARGS__)
#define log_info(...)    log_event(LOG_INFO, NULL, __VA_ARGS__)
#define log_debug(...)   log_event(LOG_DEBUG, NULL, __VA_ARGS__)
