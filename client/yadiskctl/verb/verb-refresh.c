/* SPDX-License-Identifier: MIT */

/* yadiskctl refresh: renews the token now, and says if the keyring does not have the new one. */

#include "yadiskctl/command.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/keyring.h"
#include "yadiskctl/terminal/duration.h"

static ExitStatus refresh_print(const Command *c, const Account *a, uint64_t expires_at,
                                bool saved) {
        char expiry[TIME_MAX_BYTES];

        if (c->json) {
                _cleanup_(json_freep) Json *j = json_new();

                json_string(j, "account", a->id);
                json_time(j, "expires_at", expires_at);
                json_bool(j, "saved", saved);
                return json_write(j);
        }

        say("The token of \"%s\" is valid until %s.", account_name(a),
            time_print(expires_at, time_now(), expiry));
        return EXIT_STATUS_OK;
}

ExitStatus verb_refresh(const Command *c) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        _cleanup_(saving_done) Saving saving = {};
        const Account *account;
        uint64_t expires_at;
        ExitStatus s;
        int r;

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = snapshot_read_account(bus, command_argument(c, 0), &snapshot, &account);
        if (s == EXIT_STATUS_OK)
                s = bus_new_call(bus, account->path, &call, "Refresh", NULL);
        if (s == EXIT_STATUS_OK)
                s = saving_send(bus, call, account, &reply, &saving);
        if (s != EXIT_STATUS_OK)
                return s;

        r = sd_bus_message_read(reply, "t", &expires_at);
        if (r < 0)
                return bus_explain_answer(r);

        s = refresh_print(c, account, expires_at, saving.saved);
        return s == EXIT_STATUS_OK ? saving_conclude(&saving) : s;
}
