/* SPDX-License-Identifier: MIT */

#include "yadiskctl/sign-in/stranger.h"

#include <stdio.h>

#include "common/i18n.h"

const char *stranger_question(const char *login, const char *account, const char *owner,
                              char buffer[static STRANGER_QUESTION_MAX_BYTES]) {
        if (str_is_empty(owner))
                (void) snprintf(buffer, STRANGER_QUESTION_MAX_BYTES,
                                _("You signed in as %s, but \"%s\" belongs to somebody else. Keep "
                                  "%s as an account of its own? [y/N]"),
                                login, account, login);
        else
                (void) snprintf(buffer, STRANGER_QUESTION_MAX_BYTES,
                                _("You signed in as %s, but \"%s\" belongs to %s. Keep %s as an "
                                  "account of its own? [y/N]"),
                                login, account, owner, login);
        return buffer;
}

ExitStatus stranger_explain_renewed(const char *login, const char *account) {
        return fail(EXIT_STATUS_DENIED,
                    "You signed in as %s, whose own account here was renewed; \"%s\" still needs a "
                    "sign-in, by its own user.",
                    login, account);
}
