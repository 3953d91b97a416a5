/* SPDX-License-Identifier: MIT */

/*
 * yadiskctl-disk: the verbs of yadiskctl that speak with the Disk. libcurl takes ten times as long
 * to load as everything else that yadiskctl needs, so these verbs are a program of their own, which
 * yadiskctl becomes with its command line as it is. Both parse it with the same table.
 */

#include "api/api.h"
#include "api/info.h"
#include "common/i18n.h"

static ExitStatus disk_run_verb(const Command *c) {
        if (streq(c->verb->name, "api"))
                return api_run(c);
        if (streq(c->verb->name, "info"))
                return info_run(c);
        return c->verb->run(c);
}

int main(int argc, char **argv) {
        _cleanup_(command_done) Command c = {};
        ExitStatus s, flushed;

        output_init();
        i18n_open(YADISK_LOCALE_DIR);
        i18n_speak();

        s = command_parse(argc, argv, &c);
        if (s == EXIT_STATUS_OK)
                s = disk_run_verb(&c);

        flushed = output_flush();
        return s == EXIT_STATUS_OK ? flushed : s;
}
