/* SPDX-License-Identifier: MIT */

/*
 * yadiskctl exec: runs a program with the token where it looks for it.
 *
 * We become the program, so that its signals, its terminal and its exit status are its own. Only
 * with --restart a process of ours stays.
 */

#include "common/i18n.h"
#include "common/utf8.h"
#include "feed/feed.h"
#include "shared/libraries.h"
#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/exec/program.h"
#include "yadiskctl/exec/rclone-environment.h"
#include "yadiskctl/exec/supervisor.h"
#include "yadiskctl/feed/endpoint.h"
#include "yadiskctl/feed/rclone-feed.h"

const Option exec_options[] = {
        { "account", "ACCOUNT", N_("Whose token: not the default account's, but this one's") },
        { "env", "NAME", N_("Put the token into this variable; may be repeated") },
        { "rclone", "REMOTE", N_("Give rclone a remote of this name") },
        { "restart", NULL, N_("Start the program again whenever the token was renewed") },
        {},
};

/* What shells take for a name. */
static bool exec_is_variable(const char *name) {
        return strspn(name, ASCII_LETTERS "_") > 0 &&
               !name[strspn(name, ASCII_LETTERS ASCII_DIGITS "_")];
}

static ExitStatus exec_check(const Command *c) {
        const char *name, *remote = command_option(c, "rclone");

        if (c->json)
                return fail_usage("exec writes nothing by itself; leave --json out.");
        if (!remote && !command_option(c, "env"))
                return fail_usage("exec does not know where the program looks for the token; say "
                                  "so with --env NAME or --rclone REMOTE.");
        for (int i = 0; (name = command_nth_option(c, "env", i)); i++)
                if (!exec_is_variable(name))
                        return fail_usage("\"%s\" is not a name of a variable; --env takes one of "
                                          "letters, digits and \"_\", such as YADISK_TOKEN.",
                                          name);
        if (remote && !rclone_remote_is_valid(remote))
                return fail_usage("\"%s\" cannot be a remote in the environment; --rclone takes a "
                                  "name of Latin letters, digits, \"_\" and \"-\", such as disk.",
                                  remote);
        return EXIT_STATUS_OK;
}

/* rclone gets a feed if there is an endpoint already; setting one up is for a feed that lasts. */
static ExitStatus exec_feed_rclone(sd_bus *bus, Program *p) {
        _cleanup_fd_ int lock = -EBADF;
        Problem problem = {};
        ExitStatus s;
        int r;

        /* Otherwise the endpoint could be stopped before the feed is there, which needs it. */
        endpoint_lock(&lock);
        if (!endpoint_read(bus, &p->port, &problem)) {
                if (command_option(p->command, "restart"))
                        return EXIT_STATUS_OK;
                remark("The remote \"%s:\" works only until the token is renewed.", p->remote);
                if (problem.status != EXIT_STATUS_NO_DAEMON) /* here there can be no endpoint */
                        problem_remark(&problem);
                return EXIT_STATUS_OK;
        }

        s = library_expect(&glib_library);
        if (s != EXIT_STATUS_OK)
                return s;
        r = feed_create_temporary(RCLONE_PROGRAM, p->remote, p->id, &p->handle, &p->lock);
        return r < 0 ? fail_errno(r, "make a feed") : EXIT_STATUS_OK;
}

ExitStatus verb_exec(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(program_done) Program program = PROGRAM_INIT;
        ExitStatus s;

        program.command = c;
        program.remote = command_option(c, "rclone");

        s = exec_check(c);
        if (s == EXIT_STATUS_OK)
                s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = program_find_account(&program, bus, command_option(c, "account"));
        if (s == EXIT_STATUS_OK)
                s = program_get_token(&program, bus);
        if (s == EXIT_STATUS_OK && program.remote)
                s = exec_feed_rclone(bus, &program);
        if (s != EXIT_STATUS_OK)
                return s;
        return command_option(c, "restart") ? supervise(bus, &program) : program_run(&program);
}
