/* SPDX-License-Identifier: MIT */

/* yadiskctl logout: signs out, and says whether Yandex ended the access as well. */

#include "common/i18n.h"
#include "yadiskctl/account.h"
#include "yadiskctl/bus.h"
#include "yadiskctl/dict.h"
#include "yadiskctl/verbs.h"

const Option logout_options[] = {
        { "keep-grant", NULL, N_("Forget the tokens here, but do not end the access at Yandex") },
        {},
};

typedef struct Outcome {
        bool revoked;
        const char *reason;
        sd_bus_message *message; /* holds the reason */
} Outcome;

static const DictField outcome_fields[] = {
        { "revoked", "b", offsetof(Outcome, revoked) },
        { "reason", "s", offsetof(Outcome, reason) },
        {},
};

static void outcome_done(Outcome *o) {
        o->message = sd_bus_message_unref(o->message);
}

static ExitStatus sign_out(sd_bus *bus, const char *path, bool revoke, Outcome *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        ExitStatus s;
        int r;

        s = bus_account_call(bus, path, &call, "SignOut", "a{sv}", 1, "revoke", "b", (int) revoke);
        if (s == EXIT_STATUS_OK)
                s = bus_send(bus, call, &ret->message);
        if (s != EXIT_STATUS_OK)
                return s;

        r = dict_read(ret->message, outcome_fields, ret);
        return r < 0 ? bus_explain_answer(r) : EXIT_STATUS_OK;
}

static ExitStatus print_json(const Account *a, const Outcome *o) {
        _cleanup_(json_freep) Json *j = json_new();

        json_string(j, "account", a->id);
        json_string(j, "label", a->label);
        json_bool(j, "revoked", o->revoked);
        json_string(j, "reason", str_is_empty(o->reason) ? NULL : o->reason);
        return json_write(j);
}

/* The daemon's reason is a clause that usually ends with where to go. */
static void print_not_revoked(const char *name, const char *reason) {
        if (str_is_empty(reason))
                reason = N_("the reason is not known.");

        say("\"%s\" is signed out here, but its access at Yandex was not revoked: %s%s", name,
            _(reason),
            strstr(reason, YANDEX_DATA_ACCESS_URL)
                    ? ""
                    : _(" To end it by hand, visit https://id.yandex.ru/personal/data-access."));
}

static void print_outcome(const Account *a, bool revoke, const Outcome *o) {
        const char *name = account_name(a);

        if (o->revoked)
                say("\"%s\" is signed out, and its access is revoked at Yandex.", name);
        else if (revoke)
                print_not_revoked(name, o->reason);
        else
                say("\"%s\" is signed out here; its access at Yandex is kept. To end that too, "
                    "visit https://id.yandex.ru/personal/data-access.",
                    name);
}

ExitStatus verb_logout(const Command *c) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        _cleanup_(snapshot_done) Snapshot snapshot = {};
        _cleanup_(outcome_done) Outcome outcome = {};
        bool revoke = !command_option(c, "keep-grant");
        const Account *account;
        ExitStatus s;

        s = bus_open(&bus);
        if (s == EXIT_STATUS_OK)
                s = snapshot_read_account(bus, command_argument(c, 0), &snapshot, &account);
        if (s == EXIT_STATUS_OK)
                s = sign_out(bus, account->path, revoke, &outcome);
        if (s != EXIT_STATUS_OK)
                return s;
        if (c->json)
                return print_json(account, &outcome);

        print_outcome(account, revoke, &outcome);
        return EXIT_STATUS_OK;
}
