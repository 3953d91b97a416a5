/* SPDX-License-Identifier: MIT */

#include "yadiskctl/verbs.h"

int main(int argc, char **argv) {
        _cleanup_(command_done) Command c = {};
        ExitStatus s, flushed;

        output_init();

        s = command_parse(verbs, argc, argv, &c);
        if (s == EXIT_STATUS_OK)
                s = c.verb->run(&c);

        flushed = output_flush();
        return s == EXIT_STATUS_OK ? flushed : s;
}
