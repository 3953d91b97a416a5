/* SPDX-License-Identifier: MIT */

#include "yadiskctl/daemon/problem.h"

#include <stdarg.h>

#include "common/i18n.h"
#include "shared/session-bus.h"

const char *problem_words(const Problem *p, const char *text) {
        return p->english ? text : _(text);
}

void problem_set(Problem *p, const char *message, ...) {
        va_list ap;

        va_start(ap, message);
        (void) vsnprintf(p->message, sizeof(p->message), problem_words(p, message), ap);
        va_end(ap);
}

static bool problem_advice_needs_bus(const Problem *p) {
        return strstr(p->advice, "systemctl --user ") || strstr(p->advice, "busctl --user ") ||
               strstr(p->advice, "gnome-keyring-daemon ");
}

void problem_add(Problem *p, const char *sentence, ...) {
        size_t used = strlen(p->advice);
        va_list ap;

        if (used > 0 && used + 1 < sizeof(p->advice))
                p->advice[used++] = ' ';
        va_start(ap, sentence);
        (void) vsnprintf(p->advice + used, sizeof(p->advice) - used, problem_words(p, sentence),
                         ap);
        va_end(ap);
}

void problem_advise(Problem *p, const char *advice, ...) {
        va_list ap;

        va_start(ap, advice);
        (void) vsnprintf(p->advice, sizeof(p->advice), problem_words(p, advice), ap);
        va_end(ap);
        if (session_bus_is_unnamed() && problem_advice_needs_bus(p))
                problem_add(p, "Before that run \"export XDG_RUNTIME_DIR=%s\".",
                            session_bus_directory());
}

ExitStatus problem_tell(const Problem *p) {
        return fail(p->status, "%s%s%s", p->message, *p->advice ? " " : "", p->advice);
}

void problem_remark(const Problem *p) {
        remark("%s%s%s", p->message, *p->advice ? " " : "", p->advice);
}
