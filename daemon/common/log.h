/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Messages of the daemon. They go to the journal, with fields, where stderr is connected to it,
 * else as lines to stderr. No token, code, secret, request or answer ever passes through here.
 */

#include <stdint.h>
#include <syslog.h>

#include "common/util.h"

/* What a message is about. Journal fields of their own; absent where zero or NULL. */
typedef struct LogContext {
        const char *account; /* id */
        int condition;       /* a Condition or a negative errno */
        unsigned attempt;
        int64_t due; /* UTC seconds */
} LogContext;

/* Messages less important than this (a syslog priority) are dropped. LOG_INFO unless told. */
void log_set_max_level(int priority);

/* Reads $YADISK_TOKEND_LOG_LEVEL (err, warning, notice, info, debug) and finds out where stderr
 * leads. Without a call lines go to stderr. */
void log_open(void);

void log_event(int priority, const LogContext *context, const char *format, ...) _printf_(3, 4);

#define log_error(...)   log_event(LOG_ERR, NULL, __VA_ARGS__)
#define log_warning(...) log_event(LOG_WARNING, NULL, __VA_ARGS__)
#define log_info(...)    log_event(LOG_INFO, NULL, __VA_ARGS__)
#define log_debug(...)   log_event(LOG_DEBUG, NULL, __VA_ARGS__)
