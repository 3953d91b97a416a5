/* SPDX-License-Identifier: MIT */

/* yadiskctl import: takes over the tokens that another program keeps in a file. */

#include "common/i18n.h"
#include "yadiskctl/daemon/application.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/keyring-open.h"
#include "yadiskctl/daemon/saving.h"
#include "yadiskctl/import/heap.h"
#include "yadiskctl/import/import-report.h"
#include "yadiskctl/import/token-file.h"
#include "yadiskctl/sign-in/sign-in.h"
#include "yadiskctl/terminal/secret.h"
#include "yadiskctl/verb/verbs.h"

const Option import_options[] = {
        { "remote", "NAME", N_("Take the token of this remote of rclone") },
        { "client-id", "ID", N_("The application that the tokens belong to") },
        { "client-secret-file", "FILE",
          N_("Read its client secret from FILE; - is standard input") },
        { "label", "NAME", N_("Name for the account; otherwise it is called by its login") },
        {},
};

static bool comes_by_stdin(const Command *c, const TokenFormat *f) {
        const char *file = command_argument(c, 1);

        return file ? streq(file, "-") : streq(f->name, "json");
}

static ExitStatus check_usage(const Command *c, const TokenFormat **ret) {
        const TokenFormat *f = token_format_find(command_argument(c, 0));

        if (!f)
                return fail(EXIT_STATUS_USAGE,
                            "Unknown format \"%s\"; \"rclone\", \"ydcmd\" and \"json\" are known.",
                            command_argument(c, 0));
        if (command_option(c, "remote") && !streq(f->name, "rclone"))
                return fail(
                        EXIT_STATUS_USAGE,
                        "Only rclone has remotes; leave --remote out, or run \"yadiskctl import "
                        "rclone\".");
        if (streq(command_option(c, "client-secret-file"), "-") && comes_by_stdin(c, f))
                return fail(
                        EXIT_STATUS_USAGE,
                        "Tokens and client secret cannot both come from standard input; put one "
                        "of them into a file.");

        *ret = f;
        return EXIT_STATUS_OK;
}

/* A secret belongs to the ClientID that it stands beside. */
static void drop_foreign_secret(TokenPair *p, const char *id) {
        if (id && p->client_id && !streq(id, p->client_id))
                p->client_secret = secret_free(p->client_secret);
}

/* The command line has the first word, then the file, then what the keyring knows or the user. */
static ExitStatus complete_application(const Command *c, sd_bus *bus, TokenPair *p) {
        _cleanup_(application_done) Application a = {};
        const char *id = command_option(c, "client-id") ?: p->client_id;
        const char *secret_file = command_option(c, "client-secret-file");
        ExitStatus s;

        drop_foreign_secret(p, id);
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

static int append_text(sd_bus_message *m, const char *key, const char *value) {
        return value ? sd_bus_message_append(m, "{sv}", key, "s", value) : 0;
}

static int append_options(sd_bus_message *m, const TokenPair *p, const char *label) {
        int r;

        r = sd_bus_message_sensitive(m);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0)
                r = append_text(m, "flow", "import");
        if (r >= 0)
                r = append_text(m, "client_id", p->client_id);
        if (r >= 0)
                r = append_text(m, "client_secret", p->client_secret);
        if (r >= 0)
                r = append_text(m, "refresh_token", p->refresh_token);
        if (r >= 0)
                r = append_text(m, "access_token", p->access_token);
        if (r >= 0)
                r = append_text(m, "label", label);
        if (r >= 0 && p->expires_at != 0)
                r = sd_bus_message_append(m, "{sv}", "expires_at", "t", p->expires_at);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static ExitStatus make_call(const Command *c, sd_bus *bus, TokenPair *p, sd_bus_message **ret) {
        ExitStatus s;
        int r;

        s = complete_application(c, bus, p);
        if (s == EXIT_STATUS_OK)
                s = bus_manager_call(bus, ret, "SignIn", NULL);
        if (s != EXIT_STATUS_OK)
                return s;

        r = append_options(*ret, p, command_option(c, "label"));
        return r < 0 ? fail_errno(r, "make a call") : EXIT_STATUS_OK;
}

static ExitStatus hand_over(const Command *c, sd_bus *bus, TokenPair *p, char **ret_path) {
        static const SignInStyle style = { .asks_nothing = true };
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        ExitStatus s;

        s = make_call(c, bus, p, &call);
        return s == EXIT_STATUS_OK ? sign_in(bus, call, &style, ret_path) : s;
}

static ExitStatus report(const Command *c, sd_bus *bus, const char *path, ImportReport *report) {
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        _cleanup_(saving_done) Saving saving = {};
        ExitStatus s;

        s = saving_await(bus, path, NULL, &saving);
        if (s == EXIT_STATUS_OK)
                s = snapshot_read(bus, &snapshot);
        if (s != EXIT_STATUS_OK)
                return s;

        report->account = snapshot_find(&snapshot, path);
        if (!report->account)
                return bus_explain_answer(-EBADMSG);

        s = c->json ? import_report_json(report) : import_report(report);
        return s == EXIT_STATUS_OK ? saving_conclude(&saving) : s;
}

static ExitStatus read_file(const Command *c, const TokenFormat *format, TokenSource *ret_source,
                            TokenPair *ret_pair) {
        TokenWish wish = {
                .remote = command_option(c, "remote"),
                .client_id = command_option(c, "client-id"),
        };
        ExitStatus s;

        heap_perturb();
        s = token_file_read(format, command_argument(c, 1), &wish, ret_source, ret_pair);
        heap_scrub();
        return s;
}

/* The file comes first: what is wrong with it can be told without a daemon. */
ExitStatus verb_import(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(token_source_done) TokenSource source = {};
        _cleanup_(token_pair_done) TokenPair pair = {};
        _cleanup_free_ char *path = NULL;
        const TokenFormat *format = NULL;
        ExitStatus s;

        s = check_usage(c, &format);
        if (s == EXIT_STATUS_OK)
                s = read_file(c, format, &source, &pair);
        if (s == EXIT_STATUS_OK)
                s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = keyring_open(bus);
        if (s == EXIT_STATUS_OK)
                s = hand_over(c, bus, &pair, &path);
        if (s == EXIT_STATUS_OK)
                s = report(c, bus, path,
                           &(ImportReport){
                                   .format = format->name,
                                   .file_given = command_argument(c, 1),
                                   .source = &source,
                                   .remote = pair.remote,
                           });
        return s;
}
