/* SPDX-License-Identifier: MIT */

#include "yadiskctl/verb/help.h"

#include "common/i18n.h"

#define LEFT_COLUMN 28

/* "  --min-valid TIME        help", the help aligned. */
static void print_row(const char *dashes, const char *name, const char *value, const char *help) {
        const char *space = *value ? " " : "";
        size_t used = strlen(dashes) + strlen(name) + strlen(space) + strlen(value);
        size_t gap = used < LEFT_COLUMN ? LEFT_COLUMN - used : 1;

        say_part(COLOUR_PLAIN, "  %s%s%s%s%*s", dashes, name, space, value, (int) gap, "");
        say_margin();
        say_part(COLOUR_PLAIN, "%s", _(help));
        say_end();
}

static void print_option(const char *name, const char *value, const char *help) {
        print_row("--", name, str_or_empty(value), help);
}

static void print_common_options(void) {
        say("Options:");
        print_option("json", NULL, N_("Write JSON, for programs"));
        print_option("help", NULL, N_("Show this help"));
        print_option("version", NULL, N_("Show the version"));
}

static ExitStatus help_all(const Command *c) {
        say("Usage: yadiskctl [--json] [VERB] [ARGUMENTS]");
        say_gap();
        say("Access tokens for Yandex Disk, kept fresh by yadisk-tokend.");
        say_gap();
        say("Verbs:");
        for (const Verb *v = c->verbs; v->name; v++)
                print_row("", v->name, v->arguments, v->help);
        say_gap();
        print_common_options();
        say_gap();
        say("ACCOUNT is a label, a login or an id; without it the default account is meant.");
        say("Without a verb: %s. \"yadiskctl VERB --help\" tells more about one.", c->verbs->name);
        return EXIT_STATUS_OK;
}

static ExitStatus help_one(const Verb *v) {
        const Option *o = v->options;

        say("Usage: yadiskctl [--json] %s%s%s%s", v->name, o ? _(" [OPTIONS]") : "",
            *v->arguments ? " " : "", v->arguments);
        say_gap();
        say("%s.", _(v->help));
        say_gap();
        if (o) {
                say("Options of %s:", v->name);
                for (; o->name; o++)
                        print_option(o->name, o->value, o->help);
                say_gap();
        }
        print_common_options();
        return EXIT_STATUS_OK;
}

ExitStatus verb_help(const Command *c) {
        const char *name = command_argument(c, 0);
        const Verb *v;

        if (!name)
                return help_all(c);

        v = verb_find(c->verbs, name);
        if (!v)
                return fail(EXIT_STATUS_USAGE, "Unknown verb \"%s\"; see \"yadiskctl --help\".",
                            name);
        return help_one(v);
}

ExitStatus help_version(const Command *c) {
        say("yadiskctl %s", YADISK_VERSION);
        return EXIT_STATUS_OK;
}
