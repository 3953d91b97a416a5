/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The command line: the table of verbs, what the arguments and options of one are, help, and
 * completion.
 *
 * A verb is a row in the table of command.c and a file verb-*.c. What --help calls an argument or a
 * value also decides how a shell completes it: see verb_complete().
 */

#include <stdbool.h>

#include "yadiskctl/terminal/output.h"

typedef struct Command Command;

/* A long option of a verb. An array of them ends with a row without a name. */
typedef struct Option {
        const char *name;
        const char *value; /* what --help calls it; NULL if the option takes none */
        const char *help;
} Option;

/* An array of them ends with a row without a name. */
typedef struct Verb {
        const char *name;
        int min, max; /* arguments */
        ExitStatus (*run)(const Command *c);
        const char *arguments; /* what --help calls them */
        const char *help;
        const Option *options;
        bool wraps;     /* its arguments are another command, and are passed on as they are */
        bool is_silent; /* it has nothing to say to people unless it fails */
        bool changes;   /* something; so an argument that is empty is a mistake */
} Verb;

struct Command {
        const Verb *verb;
        bool json;
        char **words; /* all of the command line, with the options before the arguments */

        /* Read them with command_argument() and the functions below it. */
        char **arguments;
        int n_arguments;
        struct Given *given;
        int n_given;
};

/* If no verb is named, the first is meant. */
extern const Verb verbs[];

/* Parses argv. --help becomes the verb "help"; --version becomes a verb that is not in the table.
 * The command points into argv. command_done() ends *ret. */
ExitStatus command_parse(int argc, char **argv, Command *ret);
void command_done(Command *c);

/* Finds a verb of the table, or returns NULL. */
const Verb *verb_find(const char *name);

/* The i-th argument of the verb, or NULL. */
const char *command_argument(const Command *c, int i);

/* The value of the i-th option of that name, "" if the option takes none; or NULL. */
const char *command_nth_option(const Command *c, const char *name, int i);

/* The value of an option that counts once: the last one wins. */
const char *command_option(const Command *c, const char *name);

ExitStatus verb_status(const Command *c);
ExitStatus verb_list(const Command *c);
ExitStatus verb_watch(const Command *c);
ExitStatus verb_doctor(const Command *c);
ExitStatus verb_setup(const Command *c);
ExitStatus verb_login(const Command *c);
ExitStatus verb_import(const Command *c);
ExitStatus verb_token(const Command *c);
ExitStatus verb_exec(const Command *c);
ExitStatus verb_refresh(const Command *c);
ExitStatus verb_logout(const Command *c);
ExitStatus verb_rename(const Command *c);
ExitStatus verb_default(const Command *c);
ExitStatus verb_grants(const Command *c);
ExitStatus verb_allow(const Command *c);
ExitStatus verb_deny(const Command *c);
ExitStatus verb_feed(const Command *c);
ExitStatus verb_apps(const Command *c);
ExitStatus verb_disk(const Command *c);
ExitStatus verb_complete(const Command *c);

extern const Option status_options[];
extern const Option list_options[];
extern const Option setup_options[];
extern const Option login_options[];
extern const Option import_options[];
extern const Option token_options[];
extern const Option exec_options[];
extern const Option logout_options[];
extern const Option feed_options[];
extern const Option apps_options[];
extern const Option api_options[];

/* The options of every verb: --json, --help and --version. */
extern const Option common_options[];
