/* SPDX-License-Identifier: MIT */

#include "common/i18n.h"
#include "yadiskctl/command.h"

int main(int argc, char **argv) {
        _cleanup_(command_done) Command c = {};
        ExitStatus s, flushed;

        output_init();
        i18n_speak_later(YADISK_LOCALE_DIR);

        s = command_parse(argc, argv, &c);
        if (s == EXIT_STATUS_OK && !c.verb->is_silent)
                i18n_speak_now();
        if (s == EXIT_STATUS_OK)
                s = c.verb->run(&c);

        flushed = output_flush();
        return s == EXIT_STATUS_OK ? flushed : s;
}
