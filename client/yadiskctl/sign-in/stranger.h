/* SPDX-License-Identifier: MIT */
#pragma once

/* Somebody else signed in than the account belongs to that was to be signed in to again: the words. */

#include "yadiskctl/terminal/output.h"

#define STRANGER_QUESTION_MAX_BYTES 1024

/* What to ask, in the user's language. account is what it is called; owner may be empty, where that is
 * not known. Returns buffer. */
const char *stranger_question(const char *login, const char *account, const char *owner,
                              char buffer[static STRANGER_QUESTION_MAX_BYTES]);

/* That user has an account here already, which has been renewed. */
ExitStatus stranger_explain_renewed(const char *login, const char *account);
