/* SPDX-License-Identifier: MIT */

/* yadiskctl api, info: become the program that speaks with the Disk, with the same command line. */

#include "common/i18n.h"
#include "yadiskctl/command.h"
#include "yadiskctl/daemon/daemon.h"

#define PROGRAM "yadiskctl-disk"

const Option api_options[] = {
        { "account", "ACCOUNT", N_("Whose Disk is meant, if not that of the default account") },
        { "input", "FILE", N_("Send what is in FILE; \"-\" is the standard input") },
        { "content-type", "TYPE", N_("What is sent; without this option application/json") },
        { "paginate", NULL, N_("Print all of a list, a line of JSON for each element") },
        { "include", NULL, N_("Print the status and the header of the answer, too") },
        {},
};

ExitStatus verb_disk(const Command *c) {
        _cleanup_free_ char *program = program_find(PROGRAM);

        if (!program)
                return fail(EXIT_STATUS_FAILURE,
                            "The program %s, which speaks with the Disk, is missing; install "
                            "yadiskctl again, all of it.",
                            PROGRAM);
        (void) execv(program, c->words);
        return fail(EXIT_STATUS_FAILURE, "Cannot run %s: %s; install yadiskctl again, all of it.",
                    program, strerror(errno));
}
