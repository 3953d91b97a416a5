/* SPDX-License-Identifier: MIT */
#pragma once

/* A command line, taken apart: the verb, its arguments and its options. */

#include <stdbool.h>

#include "yadiskctl/terminal/output.h"

typedef struct Command Command;

/* A long option of a verb. An array of them ends with a row without a name. */
typedef struct Option {
        const char *name;
        const char *value; /* what --help calls it; NULL where the option takes none */
        const char *help;
} Option;

/* An array of them ends with a row without a name. */
typedef struct Verb {
        const char *name;
        int min, max; /* arguments */
        ExitStatus (*run)(const Command *c);
        const char *arguments; /* how --help names them */
        const char *help;
        const Option *options;
} Verb;

struct Command {
        const Verb *verbs;
        const Verb *verb;
        bool json;

        /* For command_argument() and its like. */
        char **arguments;
        int n_arguments;
        struct Given *given;
        int n_given;
};

/* Takes argv apart, by the rules of these verbs; the first is meant where none is named. --help
 * becomes the verb "help", which must be among them, and --version one of its own. The command
 * points into argv. */
ExitStatus command_parse(const Verb *verbs, int argc, char **argv, Command *ret);
void command_done(Command *c);

const Verb *verb_find(const Verb *verbs, const char *name);

/* The i-th argument of the verb, or NULL. */
const char *command_argument(const Command *c, int i);

/* The value of the i-th option given under that name ("" where it takes none), or NULL. */
const char *command_nth_option(const Command *c, const char *name, int i);

/* The same for an option that counts once: the last one wins. */
const char *command_option(const Command *c, const char *name);
