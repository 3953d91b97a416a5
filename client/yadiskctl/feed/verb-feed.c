/* SPDX-License-Identifier: MIT */

/* yadiskctl feed: lets a program that wants a refresh token have access tokens, lists the programs
 * that may, or ends it. */

#include "common/i18n.h"
#include "common/shell.h"
#include "shared/libraries.h"
#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/feed/endpoint.h"
#include "yadiskctl/feed/rclone-feed.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/terminal/json-out.h"
#include "yadiskctl/terminal/table.h"
#include "yadiskctl/terminal/text.h"

const Option feed_options[] = {
        { "remote", "NAME", N_("With add: what the program calls it; \"yandex\" without this") },
        { "write", NULL, N_("With add: write it into rclone.conf, instead of printing it") },
        {},
};

static const char *const heads[] = {
        N_("Id"), N_("Program"), N_("Remote"), N_("Account"), N_("Last used"),
};

#define N_COLUMNS ELEMENTSOF(heads)

#define USE_MAX_BYTES 512
#define ID_TYPED_MIN  4

typedef struct Feeds {
        Feed **all;
        size_t n;
        Snapshot snapshot; /* empty if the daemon does not tell */
} Feeds;

static void feeds_done(Feeds *feeds) {
        feeds_free(feeds->all, feeds->n);
        snapshot_done(&feeds->snapshot);
}

/* The feeds are there whatever the daemon does. It only knows the labels. */
static ExitStatus feeds_load(sd_bus *bus, Feeds *ret) {
        int r;

        r = feeds_read(&ret->all, &ret->n);
        if (r < 0)
                return fail_errno(r, "read the feeds");
        if (bus)
                (void) snapshot_ask(bus, true, &ret->snapshot, NULL);
        return EXIT_STATUS_OK;
}

static const Account *feed_find_account(const Feed *f, const Snapshot *s) {
        for (const Account *a = s->accounts; a < s->accounts + s->n_accounts; a++)
                if (streq(a->id, f->account))
                        return a;
        return NULL;
}

static void feed_use_to_json(const FeedUse *use, Json *j, const char *key) {
        if (use->time == 0)
                return json_string(j, key, NULL);

        json_begin(j, key, "{");
        json_unsigned(j, "uid", use->uid);
        json_unsigned(j, "pid", (uint64_t) use->pid);
        json_string(j, "executable", use->executable);
        json_end(j, "}");
}

static void feed_to_json(const Feed *f, const Snapshot *s, Json *j, const char *key) {
        const Account *a = feed_find_account(f, s);
        char id[FEED_ID_LENGTH + 1];

        (void) snprintf(id, sizeof(id), "%.*s", FEED_ID_LENGTH, f->hash);
        json_begin(j, key, "{");
        json_string(j, "id", id);
        json_string(j, "program", f->program);
        json_string(j, "remote", *f->remote ? f->remote : NULL);
        json_string(j, "account", f->account);
        json_string(j, "label", a ? a->label : NULL);
        json_time(j, "created_at", f->created_at);
        json_bool(j, "temporary", f->temporary);
        json_time(j, "last_used_at", f->last_use.time);
        feed_use_to_json(&f->last_use, j, "last_used_by");
        json_end(j, "}");
}

/* Prints "2 hours ago by /usr/bin/rclone (pid 123)". */
static void feed_print_use(const FeedUse *use, char ret[static USE_MAX_BYTES]) {
        char when[DURATION_MAX_BYTES];

        if (use->time == 0)
                (void) snprintf(ret, USE_MAX_BYTES, "%s", _("never"));
        else if (use->executable)
                (void) snprintf(ret, USE_MAX_BYTES, _("%s by %s (pid %u)"),
                                duration_print(use->time, time_now(), when), use->executable,
                                (unsigned) use->pid);
        else
                (void) snprintf(ret, USE_MAX_BYTES, "%s",
                                duration_print(use->time, time_now(), when));
}

/* An account in a locked keyring is not gone. */
static const char *feed_name_account(const Feed *f, const Snapshot *s) {
        const Account *a = feed_find_account(f, s);

        if (a)
                return account_name(a);
        return streq(str_or_empty(s->keyring), "unlocked") ? _("not signed in") : f->account;
}

typedef struct FeedLine {
        char id[FEED_ID_LENGTH + 1];
        char use[USE_MAX_BYTES];
} FeedLine;

static void feed_fill_row(const Feed *f, const Snapshot *s, bool for_people, FeedLine *line,
                          TableRow *row) {
        (void) snprintf(line->id, sizeof(line->id), "%.*s", FEED_ID_LENGTH, f->hash);
        if (for_people)
                feed_print_use(&f->last_use, line->use);
        else
                (void) snprintf(line->use, sizeof(line->use), "%llu",
                                (unsigned long long) f->last_use.time);
        *row = (TableRow){ {
                { line->id, COLOUR_PLAIN },
                { f->program, COLOUR_PLAIN },
                { table_text(f->remote), COLOUR_PLAIN },
                { for_people ? feed_name_account(f, s) : f->account, COLOUR_PLAIN },
                { line->use, COLOUR_PLAIN },
        } };
}

static ExitStatus feed_print_table(const Feeds *feeds, bool for_people) {
        _cleanup_free_ TableRow *rows = calloc(feeds->n + 1, sizeof(TableRow));
        _cleanup_free_ FeedLine *lines = calloc(feeds->n + 1, sizeof(FeedLine));
        Table t = { heads, N_COLUMNS, for_people, rows, feeds->n };

        if (!rows || !lines)
                return fail_errno(-ENOMEM, "list the feeds");

        for (size_t i = 0; i < feeds->n; i++)
                feed_fill_row(feeds->all[i], &feeds->snapshot, for_people, &lines[i], &rows[i]);
        if (feeds->n == 0)
                remark("No program gets tokens from the endpoint; run \"yadiskctl feed add "
                       "rclone\" to have rclone get them.");
        table_print(&t);
        return EXIT_STATUS_OK;
}

static ExitStatus feed_list(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(feeds_done) Feeds feeds = {};
        _cleanup_(json_freep) Json *j = NULL;
        ExitStatus s;

        (void) bus_connect(&bus);
        s = feeds_load(bus, &feeds);
        if (s != EXIT_STATUS_OK)
                return s;
        if (!c->json)
                return feed_print_table(&feeds, isatty(STDOUT_FILENO));

        j = json_new();
        json_begin(j, "feeds", "[");
        for (size_t i = 0; i < feeds.n; i++)
                feed_to_json(feeds.all[i], &feeds.snapshot, j, NULL);
        json_end(j, "]");
        return json_write(j);
}

static ExitStatus feed_check_add(const Command *c, const char **ret_remote) {
        const char *program = command_argument(c, 1);
        const char *remote = command_option(c, "remote") ?: RCLONE_REMOTE_DEFAULT;

        if (!program)
                return fail_usage("Name the program to feed: \"yadiskctl feed add rclone\".");
        if (!streq(program, RCLONE_PROGRAM))
                return fail_usage("\"%s\" cannot get its tokens in this way; only \"rclone\" can, "
                                  "and what uses its remotes, such as restic and duplicity; run "
                                  "others with \"yadiskctl exec\".",
                                  program);
        if (!rclone_conf_is_remote(remote))
                return fail_usage("\"%s\" cannot be the name of a remote: rclone takes letters, "
                                  "digits, spaces and \"_-.+@\", and no \"-\" or space in front.",
                                  remote);
        *ret_remote = remote;
        return EXIT_STATUS_OK;
}

static ExitStatus feed_print_section(const RcloneFeed *f) {
        _cleanup_free_ char *path = NULL;

        if (rclone_conf_find_place(&path) < 0)
                return fail_errno(-ENOMEM, "name the file");

        rclone_feed_say(f);
        remark("Put this into %s, in the place of a section of that name, and see that nobody else "
               "can read it; with --write the same command does so. If rclone has encrypted the "
               "file, give both values to \"rclone config create\", see yadiskctl(1).",
               path);
        return EXIT_STATUS_OK;
}

static ExitStatus feed_report_added(const RcloneFeed *f, const RcloneConf *conf) {
        _cleanup_free_ char *word = NULL, *remote = NULL;
        ExitStatus s = EXIT_STATUS_OK;

        if (str_format(&remote, "%s:", f->feed->remote) < 0 || shell_quote_word(remote, &word) < 0)
                return fail_errno(-ENOMEM, "name the remote");

        if (conf) {
                say("The remote \"%s\" in %s gets its tokens from here.", f->feed->remote,
                    conf->path);
                say("Try \"rclone lsd %s\".", word);
        } else
                s = feed_print_section(f);
        if (f->is_replacement)
                remark("The remote \"%s\" had a feed before, which has ended.", f->feed->remote);
        return s;
}

static ExitStatus feed_print_added_json(const RcloneFeed *f, const RcloneConf *conf,
                                        const Snapshot *s) {
        _cleanup_(json_freep) Json *j = json_new();

        feed_to_json(f->feed, s, j, "feed");
        json_string(j, "file", conf ? conf->path : NULL);
        json_string(j, "section", conf ? NULL : f->token);
        json_bool(j, "replaced", f->is_replacement);
        return json_write(j);
}

static ExitStatus feed_add(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(rclone_conf_done) RcloneConf conf = {};
        _cleanup_(rclone_feed_done) RcloneFeed feed = {};
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        RcloneConf *written = command_option(c, "write") ? &conf : NULL;
        const Account *account;
        Problem problem = {};
        const char *remote = NULL;
        ExitStatus s;

        s = feed_check_add(c, &remote);
        if (s == EXIT_STATUS_OK)
                s = library_expect(&json_library);
        if (s == EXIT_STATUS_OK && written && !rclone_conf_read(NULL, remote, written, &problem))
                s = problem_tell(&problem);
        if (s == EXIT_STATUS_OK)
                s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = snapshot_read_account(bus, command_argument(c, 2), &snapshot, &account);
        if (s != EXIT_STATUS_OK)
                return s;

        if (!rclone_feed_add(bus, account, remote, written, &feed, &problem))
                return problem_tell(&problem);
        return c->json ? feed_print_added_json(&feed, written, &snapshot)
                       : feed_report_added(&feed, written);
}

/* The beginning of the id is enough, if it is not as short as the name of a remote may be. */
static bool feed_is_called(const Feed *f, const char *name) {
        return streq(f->remote, name) ||
               (strlen(name) >= ID_TYPED_MIN && str_has_prefix(f->hash, name));
}

static ExitStatus feed_choose(const Feeds *feeds, const char *name, const Feed **ret) {
        const Feed *found = NULL;

        if (str_is_empty(name))
                return fail_usage("Name the feed to end by its id or its remote; \"yadiskctl feed "
                                  "list\" lists them.");
        for (size_t i = 0; i < feeds->n; i++) {
                if (!feed_is_called(feeds->all[i], name))
                        continue;
                if (found)
                        return fail_usage("\"%s\" is more than one feed; name it by its id, which "
                                          "\"yadiskctl feed list\" shows.",
                                          name);
                found = feeds->all[i];
        }
        if (!found)
                return fail_usage("There is no feed \"%s\"; \"yadiskctl feed list\" lists them.",
                                  name);
        *ret = found;
        return EXIT_STATUS_OK;
}

static ExitStatus feed_report_removed(const Feed *f) {
        _cleanup_free_ char *word = NULL;

        if (shell_quote_word(f->remote, &word) < 0)
                return fail_errno(-ENOMEM, "name the remote");

        say("The remote \"%s\" of %s gets no more tokens.", f->remote, f->program);
        if (!f->temporary)
                say("\"rclone config delete %s\" removes what is left of it in rclone.conf.", word);
        return EXIT_STATUS_OK;
}

static ExitStatus feed_end(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_fd_ int lock = -EBADF;
        _cleanup_(feeds_done) Feeds feeds = {};
        _cleanup_(json_freep) Json *j = NULL;
        const Feed *f = NULL;
        ExitStatus s;
        int r;

        endpoint_lock(&lock);
        s = feeds_load(NULL, &feeds);
        if (s == EXIT_STATUS_OK)
                s = feed_choose(&feeds, command_argument(c, 1), &f);
        if (s != EXIT_STATUS_OK)
                return s;

        r = feed_remove(f);
        if (r < 0)
                return fail_errno(r, "end the feed");
        if (bus_connect(&bus) >= 0)
                endpoint_take_down_unless_needed(bus);
        if (!c->json)
                return feed_report_removed(f);

        j = json_new();
        feed_to_json(f, &feeds.snapshot, j, "feed");
        return json_write(j);
}

static ExitStatus feed_check_usage(const Command *c, const char *action) {
        int max = streq(action, "add") ? 3 : streq(action, "remove") ? 2 : 1;

        if (c->n_arguments > max)
                return fail_usage("Too many arguments: \"%s\"; see \"yadiskctl feed --help\".",
                                  command_argument(c, max));
        if (!streq(action, "add") && (command_option(c, "remote") || command_option(c, "write")))
                return fail_usage("--remote and --write are for \"yadiskctl feed add\".");
        return EXIT_STATUS_OK;
}

ExitStatus verb_feed(const Command *c) {
        const char *action = command_argument(c, 0) ?: "list";
        ExitStatus s;

        s = feed_check_usage(c, action);
        if (s == EXIT_STATUS_OK)
                s = library_expect(&glib_library);
        if (s != EXIT_STATUS_OK)
                return s;
        if (streq(action, "add"))
                return feed_add(c);
        if (streq(action, "remove"))
                return feed_end(c);
        if (streq(action, "list"))
                return feed_list(c);
        return fail_usage("Unknown action \"%s\"; \"add\", \"list\" and \"remove\" are known.",
                          action);
}
