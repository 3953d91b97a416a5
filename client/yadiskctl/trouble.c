/* SPDX-License-Identifier: MIT */

#include "yadiskctl/trouble.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/i18n.h"

void trouble_set(Trouble *t, ExitStatus status, const char *message, ...) {
        va_list ap;

        t->status = status;
        va_start(ap, message);
        (void) vsnprintf(t->message, sizeof(t->message), t->english ? message : _(message), ap);
        va_end(ap);
}

void trouble_advise(Trouble *t, const char *advice, ...) {
        va_list ap;

        va_start(ap, advice);
        (void) vsnprintf(t->advice, sizeof(t->advice), t->english ? advice : _(advice), ap);
        va_end(ap);
}

ExitStatus trouble_tell(const Trouble *t) {
        return fail(t->status, "%s%s%s", t->message, *t->advice ? " " : "", t->advice);
}

void trouble_remark(const Trouble *t) {
        remark("%s%s%s", t->message, *t->advice ? " " : "", t->advice);
}
