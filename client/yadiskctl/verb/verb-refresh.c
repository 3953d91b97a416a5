/* SPDX-License-Identifier: MIT */

/* yadiskctl refresh: renews now, and says whether the keyring has the new token. */

#include "yadiskctl/daemon/account.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/saving.h"
#include "yadiskctl/terminal/duration.h"
#include "yadiskctl/verb/verbs.h"

static ExitStatus print(const Command *c, const Account *a, uint64_t expires_at, bool saved) {
        char moment[MOMENT_MAX_BYTES];

        if (c->json) {
                _cleanup_(json_freep) Json *j = json_new();

                json_string(j, "account", a->id);
                json_time(j, "expires_at", expires_at);
                json_bool(j, "saved", saved);
                return json_write(j);
        }

        say("The token of \"%s\" is valid until %s.", account_name(a),
            moment_print(expires_at, moment_now(), moment));
        return EXIT_STATUS_OK;
}

static ExitStatus refresh(sd_bus *bus, const char *path, uint64_t *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        ExitStatus s;
        int r;

        s = bus_account_call(bus, path, &call, "Refresh", NULL);
        if (s == EXIT_STATUS_OK)
                s = bus_send(bus, call, &reply);
        if (s != EXIT_STATUS_OK)
                return s;

        r = sd_bus_message_read(reply, "t", ret);
        return r < 0 ? bus_explain_answer(r) : EXIT_STATUS_OK;
}

ExitStatus verb_refresh(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        _cleanup_(saving_done) Saving saving = {};
        const Account *account;
        uint64_t expires_at;
        ExitStatus s;

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = snapshot_read_account(bus, command_argument(c, 0), &snapshot, &account);
        if (s == EXIT_STATUS_OK)
                s = refresh(bus, account->path, &expires_at);
        if (s == EXIT_STATUS_OK)
                s = saving_await(bus, account->path, account, &saving);
        if (s == EXIT_STATUS_OK)
                s = print(c, account, expires_at, saving.saved);
        return s == EXIT_STATUS_OK ? saving_conclude(&saving) : s;
}
