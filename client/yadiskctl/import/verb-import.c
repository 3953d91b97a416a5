/* SPDX-License-Identifier: MIT */

/* yadiskctl import: takes over the tokens that another program keeps in a file. */

#include "common/harden.h"
#include "common/i18n.h"
#include "common/shell.h"
#include "common/strv.h"
#include "shared/libraries.h"
#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/keyring.h"
#include "yadiskctl/feed/endpoint.h"
#include "yadiskctl/feed/rclone-feed.h"
#include "yadiskctl/import/token-file.h"
#include "yadiskctl/setup/application.h"
#include "yadiskctl/setup/owner.h"
#include "yadiskctl/sign-in/sign-in.h"
#include "yadiskctl/terminal/terminal.h"
#include "yadiskctl/terminal/text.h"
#include "yadiskctl/verb/report.h"

const Option import_options[] = {
        { "remote", "NAME", N_("Take the token of this remote of rclone") },
        { "client-id", "ID", N_("The application that the tokens belong to") },
        { "client-secret-file", "FILE",
          N_("Read its client secret from FILE; - is standard input") },
        { "label", "NAME", N_("Name for the account; otherwise it is called by its login") },
        { "no-feed", NULL, N_("Leave rclone.conf as it is, with a remote that is of no use") },
        {},
};

typedef enum FeedState {
        FEED_NOT_WANTED,
        FEED_WANTED,
        FEED_ADDED,
        FEED_FAILED,
} FeedState;

/* What is imported, and from where. */
typedef struct Import {
        const Command *command;
        const TokenFormat *format;
        TokenSource source;
        TokenPair pair;

        /* What the remote of rclone gets its tokens from afterwards. */
        FeedState feed_state;
        RcloneConf conf; /* unless it came from standard input */
        RcloneFeed feed;
        Problem problem; /* why it failed */
} Import;

static void import_done(Import *i) {
        rclone_feed_done(&i->feed);
        rclone_conf_done(&i->conf);
        token_pair_done(&i->pair);
        token_source_done(&i->source);
}

static bool import_reads_stdin(const Command *c, const TokenFormat *f) {
        const char *file = command_argument(c, 1);

        return file ? streq(file, "-") : streq(f->name, "json");
}

static ExitStatus import_check_usage(const Command *c, const TokenFormat **ret) {
        const TokenFormat *f = token_format_find(command_argument(c, 0));

        if (!f)
                return fail_usage(
                        "Unknown format \"%s\"; \"rclone\", \"ydcmd\" and \"json\" are known.",
                        command_argument(c, 0));
        if (!streq(f->name, "rclone") && command_option(c, "remote"))
                return fail_usage("Only rclone has remotes; leave --remote out, or run \"yadiskctl "
                                  "import rclone\".");
        if (!streq(f->name, "rclone") && command_option(c, "no-feed"))
                return fail_usage("Only rclone is fed; leave --no-feed out.");
        if (streq(command_option(c, "client-secret-file"), "-") && import_reads_stdin(c, f))
                return fail_usage("Tokens and client secret cannot both come from standard input; "
                                  "put one of them into a file.");

        *ret = f;
        return EXIT_STATUS_OK;
}

/* A client secret in the file belongs to the client id in the file, and to no other. */
static void import_drop_foreign_secret(TokenPair *p, const char *id) {
        if (id && p->client_id && !streq(id, p->client_id))
                p->client_secret = secret_free(p->client_secret);
}

/* The command line takes precedence over the file, and the file over the keyring. If none tells,
 * the user is asked. */
static ExitStatus import_choose_application(const Command *c, sd_bus *bus, TokenPair *p) {
        _cleanup_(application_done) Application a = {};
        const char *id = command_option(c, "client-id") ?: p->client_id;
        const char *secret_file = command_option(c, "client-secret-file");
        ExitStatus s;

        import_drop_foreign_secret(p, id);
        if (id && p->client_secret && !secret_file)
                return str_replace(&p->client_id, id) < 0
                               ? fail_errno(-ENOMEM, "choose an application")
                               : EXIT_STATUS_OK;

        s = application_choose(bus, id, secret_file, true, &a);
        if (s != EXIT_STATUS_OK)
                return s;

        free(p->client_id);
        p->client_id = TAKE_PTR(a.client_id);
        if (a.client_secret) {
                (void) secret_free(p->client_secret);
                p->client_secret = TAKE_PTR(a.client_secret);
        }
        return EXIT_STATUS_OK;
}

static ExitStatus import_make_call(const Import *i, sd_bus *bus, sd_bus_message **ret) {
        const TokenPair *p = &i->pair;
        const BusOption options[] = {
                { "flow", .text = "import" },
                { "client_id", .text = p->client_id },
                { "client_secret", .text = p->client_secret },
                { "refresh_token", .text = p->refresh_token },
                { "access_token", .text = p->access_token },
                { "label", .text = command_option(i->command, "label") },
                {},
        };
        ExitStatus s;

        s = bus_new_call(bus, NULL, ret, "SignIn", NULL);
        return s == EXIT_STATUS_OK ? bus_append_options(*ret, options) : s;
}

static ExitStatus import_sign_in(Import *i, sd_bus *bus, char **ret_path) {
        static const SignInStyle style = { .asks_nothing = true };
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        ExitStatus s;

        s = import_choose_application(i->command, bus, &i->pair);
        if (s == EXIT_STATUS_OK)
                s = import_make_call(i, bus, &call);
        return s == EXIT_STATUS_OK ? sign_in(bus, call, &style, ret_path) : s;
}

static ExitStatus import_report_account(const Account *a) {
        _cleanup_free_ char *scopes = NULL;

        if (strv_join(a->scopes, &scopes) < 0)
                return fail_errno(-ENOMEM, "show the account");

        report_sign_in(a);
        if (*scopes)
                say("Permissions: %s", scopes);
        report_expiry(a);
        say_gap();
        return EXIT_STATUS_OK;
}

/* What would keep the remote from being fed is found out before anything is done. Without systemd
 * there is no endpoint, and then the file is only read. */
static ExitStatus import_prepare_feed(Import *i, sd_bus *bus) {
        Problem *p = &i->problem;

        if (!streq(i->format->name, "rclone") || command_option(i->command, "no-feed"))
                return EXIT_STATUS_OK;
        if (!endpoint_check(bus, p)) {
                remark("%s The remote \"%s\" is not fed.", p->message, i->pair.remote);
                return EXIT_STATUS_OK;
        }

        i->feed_state = FEED_WANTED;
        if (!i->source.path || rclone_conf_read(i->source.path, i->pair.remote, &i->conf, p))
                return EXIT_STATUS_OK;
        problem_advise(p, "Make that possible, or add --no-feed, which leaves the file as it is.");
        return problem_tell(p);
}

static void import_feed(Import *i, sd_bus *bus, const Account *account) {
        RcloneConf *conf = i->source.path ? &i->conf : NULL;

        if (i->feed_state == FEED_WANTED)
                i->feed_state =
                        rclone_feed_add(bus, account, i->pair.remote, conf, &i->feed, &i->problem)
                                ? FEED_ADDED
                                : FEED_FAILED;
}

/* A file that was named on the command line has to be named to rclone as well. Returns NULL if it
 * is the one that rclone takes by itself. */
static const char *import_named_file(const Import *i) {
        return command_argument(i->command, 1) ? i->source.path : NULL;
}

/* Prints the command that makes the feed that failed. The default account may be another one. */
static int import_print_feed_command(const Import *i, const Account *account, char **ret) {
        const char *file = import_named_file(i);
        _cleanup_free_ char *remote = NULL, *path = NULL;
        int r;

        r = shell_quote_word(i->pair.remote, &remote);
        if (r >= 0)
                r = shell_quote_word(str_or_empty(file), &path);
        if (r < 0)
                return r;
        return str_format(ret, "%s%s%syadiskctl feed add rclone --remote %s%s %s",
                          file ? "RCLONE_CONFIG=" : "", file ? path : "", file ? " " : "", remote,
                          i->source.path ? " --write" : "", account->id);
}

/* The account is here, whatever became of the feed. */
static ExitStatus import_conclude_feed(Import *i, const Account *account) {
        _cleanup_free_ char *command = NULL;

        if (i->feed_state != FEED_FAILED)
                return EXIT_STATUS_OK;
        if (import_print_feed_command(i, account, &command) < 0)
                return fail_errno(-ENOMEM, "show the account");

        problem_advise(&i->problem,
                       "The account is here all the same; when that is cured, run \"%s\".",
                       command);
        return problem_tell(&i->problem);
}

static void import_report_old_copy(const TokenSource *s) {
        if (s->path)
                say("The token was renewed once, so the copy in %s is out of date.", s->name);
        else
                say("The token was renewed once, so the copy that was piped in is out of date.");
}

static ExitStatus import_report_feed(const Import *i) {
        const char *file = import_named_file(i);
        _cleanup_free_ char *word = NULL, *remote = NULL, *path = NULL;

        if (str_format(&remote, "%s:", i->pair.remote) < 0 || shell_quote_word(remote, &word) < 0 ||
            shell_quote_word(str_or_empty(file), &path) < 0)
                return fail_errno(-ENOMEM, "show the account");

        if (i->source.path)
                say("The remote \"%s\" in %s gets its tokens from here now; its own and the client "
                    "secret are no longer in the file.",
                    i->pair.remote, i->source.name);
        else {
                import_report_old_copy(&i->source);
                say("Put this in its place:");
                say_gap();
                rclone_feed_say(&i->feed);
                say_gap();
        }
        if (file)
                say("Try \"rclone --config %s lsd %s\".", path, word);
        else
                say("Try \"rclone lsd %s\".", word);
        return EXIT_STATUS_OK;
}

static ExitStatus import_advise_rclone(const Import *i) {
        const char *file = import_named_file(i);
        _cleanup_free_ char *remote = NULL, *path = NULL;

        if (shell_quote_word(i->pair.remote, &remote) < 0 ||
            shell_quote_word(str_or_empty(file), &path) < 0)
                return fail_errno(-ENOMEM, "show the account");

        say("Delete it, before rclone tries to renew it:");
        say_gap();
        if (file)
                say_to_copy("    rclone --config %s config delete %s", path, remote);
        else
                say_to_copy("    rclone config delete %s", remote);
        say_gap();
        say("rclone can go on with a token that yadiskctl lends it; see yadiskctl(1).");
        return EXIT_STATUS_OK;
}

static ExitStatus import_advise(const Import *i) {
        if (streq(i->format->name, "rclone"))
                return import_advise_rclone(i);
        if (streq(i->format->name, "ydcmd"))
                say("Delete the lines \"token\" and \"refresh-token\" there; ydcmd can go on with "
                    "a token that yadiskctl lends it, see yadiskctl(1).");
        else
                say("Delete it wherever it is kept; \"yadiskctl token\" prints a fresh one.");
        return EXIT_STATUS_OK;
}

static void import_remark_exposure(const TokenSource *s) {
        if (s->exposed)
                remark("%s could be read by every user of this machine; if another user may have "
                       "done so, revoke the access at https://id.yandex.ru/personal/data-access "
                       "and sign in again with \"yadiskctl login\".",
                       s->name);
}

static ExitStatus import_report(const Import *i, const Account *account) {
        ExitStatus s;

        s = import_report_account(account);
        if (s != EXIT_STATUS_OK)
                return s;

        if (i->feed_state == FEED_ADDED)
                s = import_report_feed(i);
        else
                import_report_old_copy(&i->source);
        if (i->feed_state == FEED_NOT_WANTED)
                s = import_advise(i);
        import_remark_exposure(&i->source);
        return s;
}

static ExitStatus import_print_json(const Import *i, const Account *account) {
        _cleanup_(json_freep) Json *j = json_new();

        account_to_json(account, j, "account");
        json_string(j, "format", i->format->name);
        json_string(j, "file", i->source.path);
        json_string(j, "remote", i->pair.remote);
        json_bool(j, "exposed", i->source.exposed);
        json_bool(j, "fed", i->feed_state == FEED_ADDED);
        json_string(j, "section", i->source.path ? NULL : i->feed.token);
        import_remark_exposure(&i->source);
        return json_write(j);
}

static ExitStatus import_conclude(Import *i, sd_bus *bus, const char *path) {
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        _cleanup_(saving_done) Saving saving = {};
        const Account *account;
        ExitStatus s, fed;

        s = saving_await_sign_in(bus, path, &saving, &snapshot, &account);
        if (s != EXIT_STATUS_OK)
                return s;

        import_feed(i, bus, account);
        s = i->command->json ? import_print_json(i, account) : import_report(i, account);
        if (s != EXIT_STATUS_OK)
                return s;

        fed = import_conclude_feed(i, account);
        s = saving_conclude(&saving);
        return s == EXIT_STATUS_OK ? fed : s;
}

static ExitStatus import_read_file(Import *i) {
        ImportOptions options = {
                .remote = command_option(i->command, "remote"),
                .client_id = command_option(i->command, "client-id"),
        };
        ExitStatus s;

        memory_hide(); /* what is piped in is in no file; the daemon looks at us later */
        harden_heap();
        s = token_file_read(i->format, command_argument(i->command, 1), &options, &i->source,
                            &i->pair);
        heap_scrub();
        return s;
}

/* The file comes first: what is wrong with it can be said without a daemon. */
ExitStatus verb_import(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(import_done) Import import = { .command = c };
        _cleanup_free_ char *path = NULL;
        ExitStatus s;

        s = import_check_usage(c, &import.format);
        if (s == EXIT_STATUS_OK)
                s = library_expect(&json_library);
        if (s == EXIT_STATUS_OK)
                s = import_read_file(&import);
        if (s == EXIT_STATUS_OK)
                s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = import_prepare_feed(&import, bus);
        if (s == EXIT_STATUS_OK)
                s = keyring_open(bus);
        if (s == EXIT_STATUS_OK)
                s = owner_check(bus, !c->json && terminal_can_ask());
        if (s == EXIT_STATUS_OK)
                s = import_sign_in(&import, bus, &path);
        return s == EXIT_STATUS_OK ? import_conclude(&import, bus, path) : s;
}
