/* SPDX-License-Identifier: MIT */

#include "yadiskctl/command.h"

#include <getopt.h>
#include <limits.h>

#include "common/i18n.h"
#include "common/utf8.h"

#define HELP_VERB   "help"
#define HELP_COLUMN 34

typedef struct Given {
        const Option *option;
        const char *value;
} Given;

static ExitStatus verb_help(const Command *c);
static ExitStatus verb_version(const Command *c);

const Verb verbs[] = {
        { "status", 0, 1, verb_status, "[ACCOUNT]", N_("Show the state of the accounts"),
          status_options },
        { "list", 0, 0, verb_list, "", N_("List the accounts, one a line"), list_options },
        { "watch", 0, 0, verb_watch, "", N_("Report every change until Ctrl-C"), NULL },
        { "doctor", 0, 0, verb_doctor, "", N_("Find out what is wrong, and what to do"), NULL },
        { "setup", 0, 0, verb_setup, "", N_("Register an application at Yandex, the first step"),
          setup_options },
        { "login", 0, 0, verb_login, "", N_("Sign in to a Yandex account"), login_options,
          .changes = true },
        { "import", 1, 2, verb_import, "FORMAT [FILE]",
          N_("Take over the tokens of rclone, ydcmd or a JSON file"), import_options,
          .changes = true },
        { "token", 0, 1, verb_token, "[ACCOUNT]", N_("Print the access token and nothing else"),
          token_options, .is_silent = true },
        { "exec", 1, INT_MAX, verb_exec, "COMMAND [ARG ...]",
          N_("Run a program that is given the token"), exec_options, .wraps = true },
        { "refresh", 0, 1, verb_refresh, "[ACCOUNT]", N_("Renew the token now"), NULL,
          .changes = true },
        { "logout", 0, 1, verb_logout, "[ACCOUNT]", N_("Sign out and forget the tokens"),
          logout_options, .changes = true },
        { "rename", 2, 2, verb_rename, "ACCOUNT LABEL", N_("Give an account another label"), NULL,
          .changes = true },
        { "default", 1, 1, verb_default, "ACCOUNT", N_("Make an account the default one"), NULL,
          .changes = true },
        { "grants", 0, 0, verb_grants, "", N_("List which sandboxed apps may have tokens"), NULL },
        { "allow", 1, 2, verb_allow, "APP [ACCOUNT]", N_("Let a sandboxed app have tokens"), NULL,
          .changes = true },
        { "deny", 1, 2, verb_deny, "APP [ACCOUNT]", N_("No longer let a sandboxed app have tokens"),
          NULL, .changes = true },
        { "feed", 0, 3, verb_feed, "[add|list|remove ...]",
          N_("Feed rclone with tokens, list what is fed, or end it"), feed_options,
          .changes = true },
        { "apps", 0, 2, verb_apps, "[add|remove ID]",
          N_("List the applications, add or remove one"), apps_options, .changes = true },
        { "info", 0, 1, verb_disk, "[ACCOUNT]", N_("Show whose Disk it is, and how full"), NULL },
        { "api", 2, INT_MAX, verb_disk, "METHOD PATH [KEY=VALUE ...]",
          N_("Make one call to the Disk, and print its answer"), api_options },
        { HELP_VERB, 0, 1, verb_help, "[VERB]", N_("Show this help, or that of a verb"), NULL },
        {},
};

/* People need not know these two. */
static const Verb version_verb = { .name = "--version", .run = verb_version };
static const Verb complete_verb = { .name = "complete", .max = INT_MAX, .run = verb_complete };

enum {
        COMMON_JSON,
        COMMON_HELP,
        COMMON_VERSION,
        _COMMON_MAX,
};

/* They may stand before and behind the verb. */
const Option common_options[] = {
        [COMMON_JSON] = { "json", NULL, N_("Write JSON, for programs") },
        [COMMON_HELP] = { "help", NULL, N_("Show this help") },
        [COMMON_VERSION] = { "version", NULL, N_("Show the version") },
        {},
};

/* getopt_long() returns this for the first of the common options, and this plus _COMMON_MAX for the
 * first option of the verb. A short option is a character, and so smaller. */
#define OPTION_FIRST 256

const Verb *verb_find(const char *name) {
        for (const Verb *v = verbs; v->name; v++)
                if (streq(v->name, name))
                        return v;
        return NULL;
}

static size_t option_count(const Option *options) {
        size_t n = 0;

        while (options && options[n].name)
                n++;
        return n;
}

/* Makes the table that getopt_long() wants. */
static struct option *command_make_table(const Option *options) {
        size_t n = _COMMON_MAX + option_count(options);
        struct option *table = calloc(n + 1, sizeof(struct option));

        for (size_t i = 0; table && i < n; i++) {
                const Option *o = i < _COMMON_MAX ? &common_options[i] : &options[i - _COMMON_MAX];

                table[i] = (struct option){
                        .name = o->name,
                        .has_arg = o->value ? required_argument : no_argument,
                        .val = OPTION_FIRST + (int) i,
                };
        }
        return table;
}

/* Names "yadiskctl token --help", or "yadiskctl --help" if no verb is known yet. */
static ExitStatus command_fail(const Command *c, const char *mistake, const char *culprit) {
        const char *space = c->verb ? " " : "", *verb = c->verb ? c->verb->name : "";

        return fail_usage("%s \"%s\"; see \"yadiskctl%s%s --help\".", mistake, culprit, space,
                          verb);
}

/* A long option that getopt_long() does not accept stands right before optind. */
static ExitStatus command_fail_option(const Command *c, int result, char *const *argv) {
        const char short_option[] = { '-', (char) optopt, '\0' };

        if (result == ':')
                return command_fail(c, _("A value is missing after"), argv[optind - 1]);
        if (optopt >= OPTION_FIRST)
                return command_fail(c, _("This option takes no value:"), argv[optind - 1]);
        return command_fail(c, _("Unknown option"), optopt ? short_option : argv[optind - 1]);
}

/* Parses options. Before the verb is known, ends at the first argument, which is the verb; so it
 * does if that argument is another command, whose options are not ours. */
static ExitStatus command_parse_options(Command *c, int argc, char **argv, bool *help) {
        const Option *options = c->verb ? c->verb->options : NULL;
        const char *letters = !c->verb || c->verb->wraps ? "+:h" : ":h";
        _cleanup_free_ struct option *table = command_make_table(options);
        int result;

        if (!table)
                return fail_errno(-ENOMEM, "read the command line");

        opterr = 0;
        optind = 0; /* makes getopt_long() start again, even if it has used another table */
        while ((result = getopt_long(argc, argv, letters, table, NULL)) >= 0)
                switch (result) {
                case OPTION_FIRST + COMMON_JSON:
                        c->json = true;
                        break;
                case 'h':
                case OPTION_FIRST + COMMON_HELP:
                        *help = true;
                        break;
                case OPTION_FIRST + COMMON_VERSION:
                        c->verb = &version_verb;
                        return EXIT_STATUS_OK;
                case '?':
                case ':':
                        return command_fail_option(c, result, argv);
                default:
                        c->given[c->n_given++] = (Given){
                                &options[result - OPTION_FIRST - _COMMON_MAX],
                                optarg ?: "",
                        };
                }
        return EXIT_STATUS_OK;
}

static ExitStatus command_check_count(const Command *c) {
        if (c->n_arguments > c->verb->max)
                return command_fail(c, _("Too many arguments:"), c->arguments[c->verb->max]);
        if (c->n_arguments < c->verb->min)
                return fail_usage(
                        "An argument is missing: \"yadiskctl %s %s\"; see \"yadiskctl %s --help\".",
                        c->verb->name, c->verb->arguments, c->verb->name);
        return EXIT_STATUS_OK;
}

/* A script names nothing with a variable that is not set. That must not change the default account,
 * which "" is on the bus. */
static ExitStatus command_check_empty(const Command *c) {
        for (int i = 0; i < c->n_arguments && c->verb->changes; i++)
                if (str_is_empty(c->arguments[i]))
                        return fail_usage("An argument is empty: \"yadiskctl %s %s\"; see "
                                          "\"yadiskctl %s --help\".",
                                          c->verb->name, c->verb->arguments, c->verb->name);
        for (int i = 0; i < c->n_given; i++)
                if (streq(c->given[i].option->name, "account") && str_is_empty(c->given[i].value))
                        return command_fail(c, _("A value is missing after"), "--account");
        return EXIT_STATUS_OK;
}

/* Arguments may be sent over the bus, which only takes UTF-8. */
static ExitStatus command_check_encoding(const Command *c) {
        const char *bad = NULL;

        for (int i = 0; i < c->n_given; i++)
                if (!utf8_is_valid(c->given[i].value))
                        bad = c->given[i].value;
        for (int i = 0; i < c->n_arguments && !c->verb->wraps; i++)
                if (!utf8_is_valid(c->arguments[i]))
                        bad = c->arguments[i];
        return bad ? fail_usage("This argument is not UTF-8: \"%s\".", bad) : EXIT_STATUS_OK;
}

/* argv[0] is the verb. */
static ExitStatus command_parse_verb(Command *c, int argc, char **argv, bool *help) {
        ExitStatus s;

        c->verb = verb_find(argv[0]);
        if (!c->verb && streq(argv[0], complete_verb.name))
                c->verb = &complete_verb;
        if (!c->verb)
                return command_fail(c, _("Unknown verb"), argv[0]);

        s = command_parse_options(c, argc, argv, help);
        if (s != EXIT_STATUS_OK || c->verb == &version_verb)
                return s;

        c->arguments = argv + optind;
        c->n_arguments = argc - optind;
        if (*help) {
                c->arguments = argv; /* the name of the verb becomes the argument of "help" */
                c->n_arguments = 1;
                c->verb = verb_find(HELP_VERB);
        }
        s = command_check_count(c);
        if (s == EXIT_STATUS_OK)
                s = command_check_empty(c);
        return s == EXIT_STATUS_OK ? command_check_encoding(c) : s;
}

ExitStatus command_parse(int argc, char **argv, Command *ret) {
        _cleanup_(command_done) Command c = { .words = argv };
        bool help = false;
        ExitStatus s;

        c.given = calloc((size_t) argc + 1, sizeof(Given));
        if (!c.given)
                return fail_errno(-ENOMEM, "read the command line");

        s = command_parse_options(&c, argc, argv, &help);
        if (s == EXIT_STATUS_OK && !c.verb && optind < argc)
                s = command_parse_verb(&c, argc - optind, argv + optind, &help);
        if (s != EXIT_STATUS_OK)
                return s;

        if (!c.verb)
                c.verb = help ? verb_find(HELP_VERB) : verbs;

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

/* Prints "  --min-valid TIME        help". The help is aligned. */
static void help_print_row(const char *dashes, const char *name, const char *value,
                           const char *help) {
        const char *space = *value ? " " : "";
        size_t used = strlen(dashes) + strlen(name) + strlen(space) + strlen(value);
        size_t gap = used < HELP_COLUMN ? HELP_COLUMN - used : 1;

        say_part(COLOUR_PLAIN, "  %s%s%s%s%*s", dashes, name, space, value, (int) gap, "");
        say_margin();
        say_part(COLOUR_PLAIN, "%s", _(help));
        say_end();
}

static void help_print_options(const Option *options) {
        for (const Option *o = options; o->name; o++)
                help_print_row("--", o->name, str_or_empty(o->value), o->help);
}

static void help_print_all(void) {
        say("Usage: yadiskctl [--json] [VERB] [ARGUMENTS]");
        say_gap();
        say("Access tokens for Yandex Disk, kept fresh by yadisk-tokend.");
        say_gap();
        say("Verbs:");
        for (const Verb *v = verbs; v->name; v++)
                help_print_row("", v->name, v->arguments, v->help);
        say_gap();
        say("Options:");
        help_print_options(common_options);
        say_gap();
        say("ACCOUNT is a label, a login or an id; without it the default account is meant.");
        say("Without a verb: %s. \"yadiskctl VERB --help\" tells more about one.", verbs->name);
}

static void help_print_verb(const Verb *v) {
        say("Usage: yadiskctl [--json] %s%s%s%s", v->name, v->options ? _(" [OPTIONS]") : "",
            *v->arguments ? " " : "", v->arguments);
        say_gap();
        say("%s.", _(v->help));
        say_gap();
        if (v->options) {
                say("Options of %s:", v->name);
                help_print_options(v->options);
                say_gap();
        }
        say("Options:");
        help_print_options(common_options);
}

static ExitStatus verb_help(const Command *c) {
        const char *name = command_argument(c, 0);
        const Verb *v = name ? verb_find(name) : NULL;

        if (name && !v)
                return fail_usage("Unknown verb \"%s\"; see \"yadiskctl --help\".", name);
        if (v)
                help_print_verb(v);
        else
                help_print_all();
        return EXIT_STATUS_OK;
}

static ExitStatus verb_version(const Command *c) {
        say("yadiskctl %s", YADISK_VERSION);
        return EXIT_STATUS_OK;
}
