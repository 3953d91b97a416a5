/* SPDX-License-Identifier: MIT */

/*
 * yadiskctl complete -- WORD...: what could stand in the place of the last word, for the
 * completions of shells. The words are those after "yadiskctl" on the command line; the last one is
 * being typed, and may be empty.
 *
 * Each line is a word, which replaces the one that is typed, and may continue with a tab and a
 * description. A line that begins with a tab stands for the name of a file or, with "COMMAND"
 * behind the tab, of a program. What the words are follows from the table of verbs: from the name
 * that --help gives to an argument or to the value of an option.
 */

#include "common/i18n.h"
#include "yadiskctl/command.h"
#include "yadiskctl/terminal/text.h"
#include "yadiskctl/verb/callers.h"
#include "yadiskctl/verb/report.h"

typedef struct Completion {
        const Verb *verb;      /* NULL: none was typed, or one that is not known */
        bool has_verb;         /* one was typed */
        int n_arguments;       /* of the verb, complete ones */
        const Option *pending; /* the option whose value comes next, or NULL */
        bool options_end;      /* what begins with "-" is an argument */
} Completion;

/* For each name of an argument or a value, the words to choose from. */
static const struct {
        const char *name, *words;
} choices[] = {
        { "FLOW", "device|code" },
        { "METHOD", "GET|HEAD|POST|PUT|PATCH|DELETE" },
        { "FORMAT", "rclone|ydcmd|json" },
        { "SCOPE", "cloud_api:disk.info|cloud_api:disk.read|cloud_api:disk.write|cloud_api:disk."
                   "app_folder|yadisk:disk" },
        { "WHAT", "disk|webdav|app-folder" },
        { "...", "rclone" }, /* the only program that can be fed */
};

static void complete_offer(const char *prefix, const char *word, const char *description) {
        text_print(stdout, prefix);
        text_print(stdout, word);
        if (*description) {
                fputc('\t', stdout);
                text_print(stdout, description);
        }
        fputc('\n', stdout);
}

static void complete_offer_choices(const char *prefix, const char *words) {
        char word[64];

        for (; *words; words += strspn(words, "|")) {
                size_t length = strcspn(words, "|");

                (void) snprintf(word, sizeof(word), "%.*s", (int) length, words);
                complete_offer(prefix, word, "");
                words += length;
        }
}

static void complete_offer_verbs(void) {
        for (const Verb *v = verbs; v->name; v++)
                complete_offer("", v->name, _(v->help));
}

static void complete_offer_options(const Option *options) {
        for (const Option *o = options; o && o->name; o++)
                complete_offer("--", o->name, _(o->help));
}

/* name is that of an argument or of a value, such as "FILE". If it names alternatives, such as
 * "add|remove", these are the words. prefix stands before each word. */
static void complete_offer_values(const char *prefix, const char *name) {
        if (streq(name, "ACCOUNT"))
                return report_names(prefix);
        if (streq(name, "VERB"))
                return complete_offer_verbs();
        if (streq(name, "FILE") || streq(name, "COMMAND"))
                return complete_offer("", "", name);
        if (strchr(name, '|'))
                return complete_offer_choices(prefix, name);

        for (size_t i = 0; i < ELEMENTSOF(choices); i++)
                if (streq(choices[i].name, name))
                        complete_offer_choices(prefix, choices[i].words);
}

/* Those that can be denied, or those that have asked. */
static void complete_offer_apps(const Completion *c) {
        if (streq(c->verb->name, "deny"))
                report_allowed("");
        else
                callers_report_apps("");
}

/* Offers words for the argument that comes next: "FORMAT [FILE]" names two. */
static void complete_offer_argument(const Completion *c) {
        const char *at = c->verb ? c->verb->arguments : "";
        char name[32];

        if (c->verb && c->verb->wraps && c->n_arguments > 0)
                return complete_offer_values("", "FILE");

        for (int i = c->n_arguments;; i--) {
                size_t length;

                at += strspn(at, "[ ]");
                length = strcspn(at, "[ ]");
                if (i == 0) {
                        (void) snprintf(name, sizeof(name), "%.*s", (int) length, at);
                        return streq(name, "APP") ? complete_offer_apps(c)
                                                  : complete_offer_values("", name);
                }
                at += length;
        }
}

/* Finds the option of that length, such as "--flow", if it takes a value. */
static const Option *complete_find_option(const Completion *c, const char *word, size_t length) {
        for (const Option *o = c->verb ? c->verb->options : NULL; o && o->name; o++)
                if (o->value && length == strlen("--") + strlen(o->name) &&
                    str_has_prefix(word, "--") && str_has_prefix(word + strlen("--"), o->name))
                        return o;
        return NULL;
}

/* Takes in a word that is complete. */
static void complete_read_word(Completion *c, const char *word) {
        if (c->pending)
                c->pending = NULL;
        else if (streq(word, "--"))
                c->options_end = c->has_verb;
        else if (*word == '-' && !c->options_end)
                c->pending = complete_find_option(c, word, strlen(word));
        else if (c->has_verb) {
                c->n_arguments++;
                c->options_end = c->options_end || (c->verb && c->verb->wraps);
        } else {
                c->verb = verb_find(word);
                c->has_verb = true;
        }
}

static void complete_offer_words(const Completion *c, const char *typed) {
        size_t length = strcspn(typed, "=");
        bool is_option = *typed == '-' && !c->options_end;
        const Option *o =
                is_option && typed[length] ? complete_find_option(c, typed, length) : NULL;
        char prefix[64];

        if (c->pending)
                return complete_offer_values("", c->pending->value);
        if (o) {
                (void) snprintf(prefix, sizeof(prefix), "--%s=", o->name);
                return complete_offer_values(prefix, o->value);
        }
        if (is_option) {
                complete_offer_options(c->verb ? c->verb->options : NULL);
                return complete_offer_options(common_options);
        }
        if (c->has_verb)
                return complete_offer_argument(c);
        complete_offer_verbs();
}

ExitStatus verb_complete(const Command *command) {
        Completion c = {};
        const char *word, *next;

        for (int i = 0; (word = command_argument(command, i)); i++) {
                next = command_argument(command, i + 1);
                if (next)
                        complete_read_word(&c, word);
                else
                        complete_offer_words(&c, word);
        }
        return EXIT_STATUS_OK;
}
