/* SPDX-License-Identifier: MIT */

#include "yadiskctl/exec/program.h"

#include "common/harden.h"
#include "shared/token-answer.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/exec/rclone-environment.h"

/* Our memory is hidden as long as there is a token in it, and the daemon is called only while there
 * is none: it may be another one by then, which has to see who we are. */
void lent_done(Lent *l) {
        if (!l->token)
                return;

        l->token = secret_free(l->token);
        memory_show();
}

void program_done(Program *p) {
        lent_done(&p->lent);
        p->handle = secret_free(p->handle);
        p->lock = fd_close(p->lock);
        free(p->account);
        free(p->id);
        p->account = p->id = NULL;
}

ExitStatus program_find_account(Program *p, sd_bus *bus, const char *name) {
        ExitStatus s;
        int r;

        s = bus_find_account(bus, name, &p->account);
        if (s != EXIT_STATUS_OK)
                return s;

        r = sd_bus_path_decode(p->account, TOKENS_ACCOUNT_PATH, &p->id);
        return r <= 0 ? bus_explain_answer(r < 0 ? r : -EBADMSG) : EXIT_STATUS_OK;
}

ExitStatus program_new_call(const Program *p, sd_bus *bus, sd_bus_message **ret) {
        return bus_new_call(bus, NULL, ret, "GetTokenFD", "sa{sv}", p->id, 0);
}

int lent_read(sd_bus_message *reply, Lent *ret) {
        TokenAnswer answer;
        int r;

        memory_hide();
        r = token_answer_read(reply, "", &answer);
        if (r < 0) {
                memory_show();
                return r;
        }

        *ret = (Lent){ answer.token, answer.expires_at, answer.generation };
        return 0;
}

ExitStatus program_get_token(Program *p, sd_bus *bus) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        ExitStatus s;
        int r;

        s = program_new_call(p, bus, &call);
        if (s == EXIT_STATUS_OK)
                s = bus_send(bus, call, &reply);
        if (s != EXIT_STATUS_OK)
                return s;

        r = lent_read(reply, &p->lent);
        return r < 0 ? bus_explain_answer(r) : EXIT_STATUS_OK;
}

static int program_set_environment(const Program *p) {
        const char *name;

        for (int i = 0; (name = command_nth_option(p->command, "env", i)); i++)
                if (setenv(name, p->lent.token, true) < 0)
                        return -errno;
        if (!p->remote)
                return 0;
        return p->port != 0
                       ? rclone_environment_set_feed(p->remote, p->handle, p->port)
                       : rclone_environment_set_token(p->remote, p->lent.token, p->lent.expires_at);
}

ExitStatus program_run(const Program *p) {
        char **words = p->command->arguments;
        int r;

        r = program_set_environment(p);
        if (r < 0)
                return fail_errno(r, "set up the environment");

        (void) execvp(words[0], words);
        if (errno == ENOENT)
                return fail(PROGRAM_NOT_FOUND,
                            "There is no program \"%s\", or not the interpreter that it names; "
                            "install it, or correct its name, or PATH.",
                            words[0]);
        return fail(PROGRAM_CANNOT_RUN,
                    "\"%s\" cannot be run (%s); check that it is a program and may be executed.",
                    words[0], strerror(errno));
}
