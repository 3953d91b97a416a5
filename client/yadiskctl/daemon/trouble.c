/* SPDX-License-Identifier: MIT */

#include "yadiskctl/daemon/trouble.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/i18n.h"
#include "shared/session-bus.h"

void trouble_set(Trouble *t, ExitStatus status, const char *message, ...) {
        va_list ap;

        t->status = status;
        va_start(ap, message);
        (void) vsnprintf(t->message, sizeof(t->message), t->english ? message : _(message), ap);
        va_end(ap);
}

static bool needs_bus(const char *advice) {
        static const char *const commands[] = { "systemctl --user ", "busctl --user ",
                                                "gnome-keyring-daemon " };

        for (size_t i = 0; i < ELEMENTSOF(commands); i++)
                if (strstr(advice, commands[i]))
                        return true;
        return false;
}

static void append(Trouble *t, const char *format, ...) _printf_(2, 3);

static void append(Trouble *t, const char *format, ...) {
        size_t used = strlen(t->advice);
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(t->advice + used, sizeof(t->advice) - used,
                         t->english ? format : _(format), ap);
        va_end(ap);
}

void trouble_advise(Trouble *t, const char *advice, ...) {
        va_list ap;

        va_start(ap, advice);
        (void) vsnprintf(t->advice, sizeof(t->advice), t->english ? advice : _(advice), ap);
        va_end(ap);

        if (!session_bus_is_unnamed() || !needs_bus(t->advice))
                return;
        append(t, " ");
        append(t, N_("Before that run \"export XDG_RUNTIME_DIR=%s\"."), session_bus_directory());
}

ExitStatus trouble_tell(const Trouble *t) {
        return fail(t->status, "%s%s%s", t->message, *t->advice ? " " : "", t->advice);
}

void trouble_remark(const Trouble *t) {
        remark("%s%s%s", t->message, *t->advice ? " " : "", t->advice);
}
