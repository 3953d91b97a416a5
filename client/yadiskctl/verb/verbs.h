/* SPDX-License-Identifier: MIT */
#pragma once

/* The verbs of yadiskctl: a row in the table of verbs.c and a file verb-*.c each. */

#include "yadiskctl/verb/command.h"

extern const Verb verbs[];

ExitStatus verb_status(const Command *c);
ExitStatus verb_list(const Command *c);
ExitStatus verb_watch(const Command *c);
ExitStatus verb_doctor(const Command *c);
ExitStatus verb_setup(const Command *c);
ExitStatus verb_login(const Command *c);
ExitStatus verb_import(const Command *c);
ExitStatus verb_token(const Command *c);
ExitStatus verb_refresh(const Command *c);
ExitStatus verb_logout(const Command *c);
ExitStatus verb_rename(const Command *c);
ExitStatus verb_default(const Command *c);
ExitStatus verb_apps(const Command *c);

extern const Option list_options[];
extern const Option setup_options[];
extern const Option login_options[];
extern const Option import_options[];
extern const Option token_options[];
extern const Option logout_options[];
extern const Option apps_options[];
