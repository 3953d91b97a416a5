/* SPDX-License-Identifier: MIT */

#include "yadiskctl/verb/command.h"

#include <getopt.h>

#include "common/i18n.h"
#include "common/utf8.h"
#include "yadiskctl/verb/help.h"

typedef struct Given {
        const Option *option;
        const char *value;
} Given;

#define HELP_TOKEN    "help"
#define COMMON_LENGTH ELEMENTSOF(common)

/* What getopt_long() returns for a long option is no character, so short ones are told apart. */
enum {
        OPTION_JSON = 256,
        OPTION_HELP,
        OPTION_VERSION,
        OPTION_OF_VERB, /* and what follows: its options in their order */
};

/* They may stand before the verb and after it. */
static const struct option common[] = {
        { "json", no_argument, NULL, OPTION_JSON },
        { "help", no_argument, NULL, OPTION_HELP },
        { "version", no_argument, NULL, OPTION_VERSION },
};

static const Verb version_verb = { .name = "--version", .run = help_version };

const Verb *verb_find(const Verb *verbs, const char *name) {
        for (const Verb *v = verbs; v->name; v++)
                if (streq(v->name, name))
                        return v;
        return NULL;
}

static size_t count_options(const Option *options) {
        size_t n = 0;

        while (options && options[n].name)
                n++;
        return n;
}

/* The options of a verb and the common ones, as getopt_long() wants them. */
static struct option *getopt_table(const Option *options) {
        size_t n = count_options(options);
        struct option *table = calloc(n + COMMON_LENGTH + 1, sizeof(struct option));

        if (!table)
                return NULL;
        for (size_t i = 0; i < n; i++)
                table[i] = (struct option){
                        .name = options[i].name,
                        .has_arg = options[i].value ? required_argument : no_argument,
                        .val = OPTION_OF_VERB + (int) i,
                };
        memcpy(table + n, common, sizeof(common));
        return table;
}

/* "yadiskctl token --help", or without the verb where there is none yet. */
static ExitStatus usage(const Command *c, const char *mistake, const char *culprit) {
        const char *space = c->verb ? " " : "", *verb = c->verb ? c->verb->name : "";

        return fail(EXIT_STATUS_USAGE, "%s \"%s\"; see \"yadiskctl%s%s --help\".", mistake, culprit,
                    space, verb);
}

/* A long option that getopt_long() stumbled over stands right before optind. */
static ExitStatus usage_option(const Command *c, int result, char *const *argv) {
        const char short_option[] = { '-', (char) optopt, '\0' };

        if (result == ':')
                return usage(c, _("A value is missing after"), argv[optind - 1]);
        if (optopt >= OPTION_JSON)
                return usage(c, _("This option takes no value:"), argv[optind - 1]);
        return usage(c, _("Unknown option"), optopt ? short_option : argv[optind - 1]);
}

/* Reads options up to the end of argv, or to the first argument where the verb comes next. */
static ExitStatus parse_options(Command *c, int argc, char **argv, bool *help) {
        const Option *options = c->verb ? c->verb->options : NULL;
        _cleanup_free_ struct option *table = getopt_table(options);
        int result;

        if (!table)
                return fail_errno(-ENOMEM, "read the command line");

        opterr = 0;
        optind = 0; /* starts anew, also where another table was used before */
        while ((result = getopt_long(argc, argv, c->verb ? ":h" : "+:h", table, NULL)) >= 0)
                switch (result) {
                case OPTION_JSON:
                        c->json = true;
                        break;
                case 'h':
                case OPTION_HELP:
                        *help = true;
                        break;
                case OPTION_VERSION:
                        c->verb = &version_verb;
                        return EXIT_STATUS_OK;
                case '?':
                case ':':
                        return usage_option(c, result, argv);
                default:
                        c->given[c->n_given++] =
                                (Given){ &options[result - OPTION_OF_VERB], optarg ?: "" };
                }
        return EXIT_STATUS_OK;
}

static ExitStatus check_count(const Command *c) {
        if (c->n_arguments > c->verb->max)
                return usage(c, _("Too many arguments:"), c->arguments[c->verb->max]);
        if (c->n_arguments < c->verb->min)
                return fail(EXIT_STATUS_USAGE,
                            "An argument is missing: \"yadiskctl %s %s\"; see \"yadiskctl %s "
                            "--help\".",
                            c->verb->name, c->verb->arguments, c->verb->name);
        return EXIT_STATUS_OK;
}

/* All of it may end up on the bus, which takes nothing but UTF-8. */
static ExitStatus check_encoding(int argc, char **argv) {
        for (int i = 1; i < argc; i++)
                if (!utf8_is_valid(argv[i]))
                        return fail(EXIT_STATUS_USAGE, "This argument is not UTF-8: \"%s\".",
                                    argv[i]);
        return EXIT_STATUS_OK;
}

/* argv[0] is the verb. */
static ExitStatus parse_verb(Command *c, int argc, char **argv, bool *help) {
        ExitStatus s;

        c->verb = verb_find(c->verbs, argv[0]);
        if (!c->verb)
                return usage(c, _("Unknown verb"), argv[0]);

        s = parse_options(c, argc, argv, help);
        if (s != EXIT_STATUS_OK || c->verb == &version_verb)
                return s;

        c->arguments = argv + optind;
        c->n_arguments = argc - optind;
        if (*help) {
                c->arguments = argv; /* the name of the verb is what "help" is about */
                c->n_arguments = 1;
                c->verb = verb_find(c->verbs, HELP_TOKEN);
        }
        return check_count(c);
}

ExitStatus command_parse(const Verb *verbs, int argc, char **argv, Command *ret) {
        _cleanup_(command_done) Command c = { .verbs = verbs };
        bool help = false;
        ExitStatus s;

        s = check_encoding(argc, argv);
        if (s != EXIT_STATUS_OK)
                return s;

        c.given = calloc((size_t) argc + 1, sizeof(Given));
        if (!c.given)
                return fail_errno(-ENOMEM, "read the command line");

        s = parse_options(&c, argc, argv, &help);
        if (s == EXIT_STATUS_OK && !c.verb && optind < argc)
                s = parse_verb(&c, argc - optind, argv + optind, &help);
        if (s != EXIT_STATUS_OK)
                return s;

        if (!c.verb)
                c.verb = help ? verb_find(verbs, HELP_TOKEN) : verbs;

        *ret = c;
        c.given = NULL;
        return EXIT_STATUS_OK;
}

void command_done(Command *c) {
        free(c->given);
        c->given = NULL;
}

const char *command_argument(const Command *c, int i) {
        return i < c->n_arguments ? c->arguments[i] : NULL;
}

const char *command_nth_option(const Command *c, const char *name, int i) {
        for (int k = 0; k < c->n_given; k++)
                if (streq(c->given[k].option->name, name) && i-- == 0)
                        return c->given[k].value;
        return NULL;
}

const char *command_option(const Command *c, const char *name) {
        const char *value, *last = NULL;

        for (int i = 0; (value = command_nth_option(c, name, i)); i++)
                last = value;
        return last;
}
