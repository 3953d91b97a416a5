/* SPDX-License-Identifier: MIT */

#include "yadiskctl/daemon/problem.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/i18n.h"
#include "shared/session-bus.h"

void problem_set(Problem *p, ExitStatus status, const char *message, ...) {
        va_list ap;

        p->status = status;
        va_start(ap, message);
        (void) vsnprintf(p->message, sizeof(p->message), p->english ? message : _(message), ap);
        va_end(ap);
}

static bool problem_advice_needs_bus(const Problem *p) {
        return strstr(p->advice, "systemctl --user ") || strstr(p->advice, "busctl --user ") ||
               strstr(p->advice, "gnome-keyring-daemon ");
}

static void problem_append(Problem *p, const char *format, ...) _printf_(2, 3);

static void problem_append(Problem *p, const char *format, ...) {
        size_t used = strlen(p->advice);
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(p->advice + used, sizeof(p->advice) - used,
                         p->english ? format : _(format), ap);
        va_end(ap);
}

void problem_advise(Problem *p, const char *advice, ...) {
        va_list ap;

        va_start(ap, advice);
        (void) vsnprintf(p->advice, sizeof(p->advice), p->english ? advice : _(advice), ap);
        va_end(ap);

        if (!session_bus_is_unnamed() || !problem_advice_needs_bus(p))
                return;
        problem_append(p, " ");
        problem_append(p, N_("Before that run \"export XDG_RUNTIME_DIR=%s\"."),
                       session_bus_directory());
}

ExitStatus problem_tell(const Problem *p) {
        return fail(p->status, "%s%s%s", p->message, *p->advice ? " " : "", p->advice);
}

void problem_remark(const Problem *p) {
        remark("%s%s%s", p->message, *p->advice ? " " : "", p->advice);
}
