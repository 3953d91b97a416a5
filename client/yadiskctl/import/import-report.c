/* SPDX-License-Identifier: MIT */

#include "yadiskctl/import/import-report.h"

#include "common/i18n.h"
#include "common/strv.h"
#include "yadiskctl/import/shell-word.h"
#include "yadiskctl/terminal/duration.h"

static ExitStatus report_account(const Account *a) {
        _cleanup_free_ char *scopes = NULL;
        char moment[MOMENT_MAX_BYTES];

        if (strv_join(a->scopes, &scopes) < 0)
                return fail_errno(-ENOMEM, "show the account");

        if (*a->login)
                say("Signed in as %s; the account is called \"%s\".", a->login, account_name(a));
        else
                say("Signed in; the account is called \"%s\".", account_name(a));
        if (*scopes)
                say("Permissions: %s", scopes);
        if (a->expires_at != 0)
                say("Valid until: %s; renewed automatically before that.",
                    moment_print(a->expires_at, moment_now(), moment));
        say_gap();
        return EXIT_STATUS_OK;
}

static void report_old_copy(const TokenSource *s) {
        if (s->path)
                say("The token was renewed once, so the copy in %s is out of date.", s->name);
        else
                say("The token was renewed once, so the copy that was piped in is out of date.");
}

/* Where rclone would not find the file by itself it has to be told. */
static ExitStatus advise_rclone(const ImportReport *r) {
        const char *file = r->file_given ? r->source->path : NULL;
        _cleanup_free_ char *remote = NULL, *path = NULL;

        if (shell_word(r->remote, &remote) < 0 || shell_word(str_or_empty(file), &path) < 0)
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

static ExitStatus advise(const ImportReport *r) {
        if (streq(r->format, "rclone"))
                return advise_rclone(r);
        if (streq(r->format, "ydcmd"))
                say("Delete the lines \"token\" and \"refresh-token\" there; ydcmd can go on with "
                    "a token that yadiskctl lends it, see yadiskctl(1).");
        else
                say("Delete it wherever it is kept; \"yadiskctl token\" prints a fresh one.");
        return EXIT_STATUS_OK;
}

static void remark_exposure(const TokenSource *s) {
        if (s->exposed)
                remark("%s could be read by every user of this machine; if anybody may have done "
                       "so, revoke the access at https://id.yandex.ru/personal/data-access and "
                       "sign in again with \"yadiskctl login\".",
                       s->name);
}

ExitStatus import_report(const ImportReport *r) {
        ExitStatus s;

        s = report_account(r->account);
        if (s != EXIT_STATUS_OK)
                return s;

        report_old_copy(r->source);
        s = advise(r);
        remark_exposure(r->source);
        return s;
}

ExitStatus import_report_json(const ImportReport *r) {
        _cleanup_(json_freep) Json *j = json_new();

        account_to_json(r->account, j, "account");
        json_string(j, "format", r->format);
        json_string(j, "file", r->source->path);
        json_string(j, "remote", r->remote);
        json_bool(j, "exposed", r->source->exposed);
        remark_exposure(r->source);
        return json_write(j);
}
