/* SPDX-License-Identifier: MIT */

/* yadiskctl default: sets the account that is meant if none is named. */

#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/keyring.h"

static ExitStatus default_print(const Command *c, const Account *a, bool saved) {
        if (c->json) {
                _cleanup_(json_freep) Json *j = json_new();

                json_string(j, "account", a->id);
                json_string(j, "label", a->label);
                json_bool(j, "saved", saved);
                return json_write(j);
        }

        say("\"%s\" is now the default account.", account_name(a));
        return EXIT_STATUS_OK;
}

ExitStatus verb_default(const Command *c) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        _cleanup_(saving_done) Saving saving = {};
        const Account *account;
        ExitStatus s;

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = snapshot_read_account(bus, command_argument(c, 0), &snapshot, &account);
        if (s == EXIT_STATUS_OK)
                s = bus_new_call(bus, NULL, &call, "SetDefaultAccount", "o", account->path);
        if (s == EXIT_STATUS_OK)
                s = saving_send(bus, call, account, NULL, &saving);
        if (s == EXIT_STATUS_OK)
                s = default_print(c, account, saving.saved);
        return s == EXIT_STATUS_OK ? saving_conclude(&saving) : s;
}
