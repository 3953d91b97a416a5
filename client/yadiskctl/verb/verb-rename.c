/* SPDX-License-Identifier: MIT */

/* yadiskctl rename: gives an account another label. */

#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/keyring.h"

static ExitStatus rename_print(const Command *c, const Account *a, const char *label, bool saved) {
        if (c->json) {
                _cleanup_(json_freep) Json *j = json_new();

                json_string(j, "account", a->id);
                json_string(j, "label", label);
                json_bool(j, "saved", saved);
                return json_write(j);
        }

        say("\"%s\" is now called \"%s\".", account_name(a), label);
        return EXIT_STATUS_OK;
}

ExitStatus verb_rename(const Command *c) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        _cleanup_(saving_done) Saving saving = {};
        const char *label = command_argument(c, 1);
        const Account *account;
        ExitStatus s;

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = snapshot_read_account(bus, command_argument(c, 0), &snapshot, &account);
        if (s == EXIT_STATUS_OK)
                s = bus_new_call(bus, account->path, &call, "SetLabel", "s", label);
        if (s == EXIT_STATUS_OK)
                s = saving_send(bus, call, account, NULL, &saving);
        if (s == EXIT_STATUS_OK)
                s = rename_print(c, account, label, saving.saved);
        return s == EXIT_STATUS_OK ? saving_conclude(&saving) : s;
}
