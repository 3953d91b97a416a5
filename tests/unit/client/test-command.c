/* SPDX-License-Identifier: MIT */

/* The command line: what it comes to, and what is said about mistakes. */

#include "yadiskctl/command.h"

#include "check.h"

#define MAX_WORDS 16

/* Words after "yadiskctl", ended by NULL. The last parsed command. */
static Command command;
static char *words[MAX_WORDS];

static ExitStatus parse(const char *const *line) {
        int argc = 1;

        words[0] = (char *) "yadiskctl";
        for (; line[argc - 1]; argc++)
                words[argc] = (char *) line[argc - 1];
        words[argc] = NULL;

        command_done(&command);
        return command_parse(argc, words, &command);
}

#define PARSE(...) parse((const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

#define CHECK_MEANS(expected, ...)                                                                 \
        do {                                                                                       \
                CHECK_INT(PARSE(__VA_ARGS__), EXIT_STATUS_OK);                                     \
                CHECK_STR(command.verb->name, expected);                                           \
        } while (0)

#define CHECK_MISTAKE(sentence, ...)                                                               \
        do {                                                                                       \
                Capture *_err = capture(STDERR_FILENO);                                            \
                ExitStatus _s = PARSE(__VA_ARGS__);                                                \
                CHECK_STR(captured(_err), "yadiskctl: " sentence "\n");                            \
                CHECK_INT(_s, EXIT_STATUS_USAGE);                                                  \
        } while (0)

static void no_verb_means_status(void) {
        CHECK_MEANS("status");
        CHECK(!command.json);
        CHECK(!command_argument(&command, 0));
        CHECK_MEANS("status", "--json");
        CHECK(command.json);
}

static void json_stands_anywhere(void) {
        CHECK_MEANS("list", "--json", "list");
        CHECK(command.json);
        CHECK_MEANS("list", "list", "--json");
        CHECK(command.json);
        CHECK_MEANS("list", "list");
        CHECK(!command.json);
}

static void options_and_arguments_mix(void) {
        CHECK_MEANS("token", "token", "--force", "work", "--min-valid", "5min");
        CHECK_STR(command_argument(&command, 0), "work");
        CHECK(!command_argument(&command, 1));
        CHECK_STR(command_option(&command, "min-valid"), "5min");
        CHECK_STR(command_option(&command, "force"), "");
        CHECK(!command_option(&command, "header"));

        CHECK_MEANS("token", "token", "--min-valid=1h", "--", "--force");
        CHECK_STR(command_argument(&command, 0), "--force");
        CHECK(!command_option(&command, "force"));

        CHECK_MEANS("token", "token", "--min-valid", "-5", "");
        CHECK_STR(command_option(&command, "min-valid"), "-5");
        CHECK_STR(command_argument(&command, 0), "");
}

static void an_option_may_be_repeated(void) {
        CHECK_MEANS("login", "login", "--scope", "a", "--label", "x", "--scope=b", "--label=y");
        CHECK_STR(command_nth_option(&command, "scope", 0), "a");
        CHECK_STR(command_nth_option(&command, "scope", 1), "b");
        CHECK(!command_nth_option(&command, "scope", 2));
        CHECK_STR(command_option(&command, "label"), "y");
}

/* What belongs to another command is passed on, whatever it looks like. */
static void another_command_is_left_alone(void) {
        CHECK_MEANS("exec", "exec", "--env", "A", "ls", "--restart", "--env", "--json", "--help",
                    "-h", "--", "\xff");
        CHECK_INT(command.n_arguments, 8);
        CHECK_STR(command_argument(&command, 0), "ls");
        CHECK_STR(command_argument(&command, 6), "--");
        CHECK_STR(command_argument(&command, 7), "\xff");
        CHECK(!command.json && !command_option(&command, "restart"));
        CHECK(!command_nth_option(&command, "env", 1));

        CHECK_MEANS("exec", "exec", "--env=A", "--", "--restart");
        CHECK_STR(command_argument(&command, 0), "--restart");
        CHECK(!command_option(&command, "restart"));
        CHECK_MEANS("help", "exec", "--help", "ls");
}

static void help_is_a_verb(void) {
        CHECK_MEANS("help", "--help");
        CHECK(!command_argument(&command, 0));
        CHECK_MEANS("help", "-h");
        CHECK_MEANS("help", "help", "token");
        CHECK_STR(command_argument(&command, 0), "token");
        CHECK_MEANS("help", "token", "--help");
        CHECK_STR(command_argument(&command, 0), "token");
        CHECK_MEANS("help", "--help", "token");
        CHECK_STR(command_argument(&command, 0), "token");
        CHECK_MEANS("help", "rename", "--help"); /* although arguments are missing */
        CHECK_STR(command_argument(&command, 0), "rename");
        CHECK_MEANS("--version", "--version");
        CHECK_MEANS("--version", "token", "--version");
}

static void mistakes_are_named(void) {
        CHECK_MISTAKE("Unknown verb \"tokne\"; see \"yadiskctl --help\".", "tokne");
        CHECK_MISTAKE("Unknown verb \"\"; see \"yadiskctl --help\".", "");
        CHECK_MISTAKE("Unknown option \"--foo\"; see \"yadiskctl --help\".", "--foo");
        CHECK_MISTAKE("Unknown option \"--force\"; see \"yadiskctl --help\".", "--force", "token");
        CHECK_MISTAKE("Unknown option \"--foo\"; see \"yadiskctl token --help\".", "token",
                      "--foo");
        CHECK_MISTAKE("Unknown option \"--foo=1\"; see \"yadiskctl list --help\".", "list",
                      "--foo=1");
        CHECK_MISTAKE("Unknown option \"-x\"; see \"yadiskctl --help\".", "-x");
        CHECK_MISTAKE("Unknown option \"-x\"; see \"yadiskctl token --help\".", "token", "--json",
                      "-xy");
        CHECK_MISTAKE("A value is missing after \"--min-valid\"; see \"yadiskctl token --help\".",
                      "token", "--min-valid");
        CHECK_MISTAKE("This option takes no value: \"--force=1\"; see \"yadiskctl token --help\".",
                      "token", "--force=1");
        CHECK_MISTAKE("This option takes no value: \"--json=1\"; see \"yadiskctl --help\".",
                      "--json=1");
        CHECK_MISTAKE("This argument is not UTF-8: \"\xef\xbf\xbd\".", "token", "\xff");
        CHECK_MISTAKE("This argument is not UTF-8: \"\xef\xbf\xbd\".", "exec", "--env", "\xff",
                      "ls");
}

static void arguments_are_counted(void) {
        CHECK_MISTAKE("Too many arguments: \"b\"; see \"yadiskctl token --help\".", "token", "a",
                      "b");
        CHECK_MISTAKE("Too many arguments: \"a\"; see \"yadiskctl list --help\".", "list", "a");
        CHECK_MISTAKE("An argument is missing: \"yadiskctl rename ACCOUNT LABEL\"; see "
                      "\"yadiskctl rename --help\".",
                      "rename", "a");
        CHECK_MISTAKE("An argument is missing: \"yadiskctl default ACCOUNT\"; see "
                      "\"yadiskctl default --help\".",
                      "default");
}

static void each_row_is_complete(void) {
        for (const Verb *v = verbs; v->name; v++) {
                CHECK(v->run && v->arguments && v->help);
                CHECK(v->min >= 0 && v->min <= v->max);
                CHECK(verb_find(v->name) == v); /* and so no name stands twice */
                for (const Option *o = v->options; o && o->name; o++)
                        CHECK(o->help);
        }
        CHECK_STR(verbs[0].name, "status");
        CHECK(!verb_find("nothing"));
}

static void help_shows_the_whole_table(void) {
        for (const Verb *v = verbs; v->name; v++) {
                Capture *out = capture(STDOUT_FILENO);
                const char *all, *one;

                CHECK_INT(PARSE("--help"), EXIT_STATUS_OK);
                CHECK_INT(command.verb->run(&command), EXIT_STATUS_OK);
                all = captured(out);
                CHECK(strstr(all, v->name) && strstr(all, v->help));

                out = capture(STDOUT_FILENO);
                CHECK_INT(PARSE("help", v->name), EXIT_STATUS_OK);
                CHECK_INT(command.verb->run(&command), EXIT_STATUS_OK);
                one = captured(out);
                CHECK(strstr(one, v->help) && strstr(one, v->arguments));
                for (const Option *o = v->options; o && o->name; o++)
                        CHECK(strstr(one, o->name) && strstr(one, o->help));
        }
}

static void help_about_nothing_is_a_mistake(void) {
        Capture *err = capture(STDERR_FILENO);

        CHECK_INT(PARSE("help", "tokne"), EXIT_STATUS_OK);
        CHECK_INT(command.verb->run(&command), EXIT_STATUS_USAGE);
        CHECK_STR(captured(err), "yadiskctl: Unknown verb \"tokne\"; see \"yadiskctl --help\".\n");
}

/* Before any bus is looked for. */
static void a_bad_span_is_a_usage_mistake(void) {
        static const char *const bad[] = { "", "-5", "5 parsecs", "4294967296" };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                Capture *err = capture(STDERR_FILENO);

                CHECK_INT(PARSE("token", "--min-valid", bad[i]), EXIT_STATUS_OK);
                CHECK_INT(command.verb->run(&command), EXIT_STATUS_USAGE);
                CHECK(strstr(captured(err), "--min-valid"));
        }
}

int main(void) {
        no_verb_means_status();
        json_stands_anywhere();
        options_and_arguments_mix();
        an_option_may_be_repeated();
        another_command_is_left_alone();
        help_is_a_verb();
        mistakes_are_named();
        arguments_are_counted();
        each_row_is_complete();
        help_shows_the_whole_table();
        help_about_nothing_is_a_mistake();
        a_bad_span_is_a_usage_mistake();
        command_done(&command);
        return EXIT_SUCCESS;
}
