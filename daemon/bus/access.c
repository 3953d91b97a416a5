/* SPDX-License-Identifier: MIT */

#include "bus/bus-private.h"
#include "bus/message.h"
#include "common/condition.h"
#include "common/i18n.h"
#include "common/names.h"
#include "keeper/notify/permission.h"

static bool access_is_token_call(sd_bus_message *m) {
        const char *interface = sd_bus_message_get_interface(m);

        return (!interface || streq(interface, TOKENS_MANAGER_INTERFACE)) &&
               (sd_bus_message_is_method_call(m, NULL, "GetToken") > 0 ||
                sd_bus_message_is_method_call(m, NULL, "GetTokenFD") > 0);
}

int access_check_call(const Sender *sender, sd_bus_message *m, sd_bus_error *error) {
        if (sender_process(sender)->is_host || access_is_token_call(m))
                return 0;

        return bus_error_setf(error, CONDITION_ACCESS_DENIED,
                              N_("A program in a sandbox may only ask for tokens; do this outside "
                                 "of it."));
}

static int access_deny(const Operation *o, sd_bus_error *error) {
        const char *app = sender_process(o->sender)->app, *name;
        _cleanup_free_ char *command = NULL;
        int r;

        if (!app_name_is_valid(app))
                return bus_error_setf(
                        error, CONDITION_ACCESS_DENIED,
                        "A program in a sandbox that has no name cannot be allowed to "
                        "have tokens; run it outside of the sandbox.");

        (void) sd_bus_message_rewind(o->message, true);
        r = sd_bus_message_read(o->message, "s", &name);
        if (r >= 0)
                r = permission_make_command(app, name, &command);
        if (r < 0)
                return r;

        return bus_error_setf(error, CONDITION_ACCESS_DENIED,
                              "\"%s\" is in a sandbox and was not allowed to have this token; to "
                              "allow it, run \"%s\" outside of the sandbox.",
                              app, command);
}

void access_refuse(Operation *o) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = access_deny(o, &error);
        operation_fail_with(o, r, &error);
}

static void access_on_answer(int r, void *userdata) {
        Operation *o = userdata;

        o->wait = wait_free(o->wait);
        o->explain_delay = NULL;
        if (r == 0)
                operation_work(o);
        else
                access_refuse(o);
}

static int access_ask(Operation *o, const Account *account, sd_bus_error *error) {
        const char *app = sender_process(o->sender)->app;
        int r = CONDITION_ACCESS_DENIED;

        if (app && sd_bus_message_get_allow_interactive_authorization(o->message) > 0)
                r = permissions_ask(o->world->permissions, account, app, access_on_answer, o,
                                    &o->wait);
        if (r == 0)
                o->explain_delay = access_deny;
        return r == CONDITION_ACCESS_DENIED ? access_deny(o, error) : r;
}

bool access_is_allowed(const Operation *o, const Account *account) {
        const ProcessInfo *process = sender_process(o->sender);

        return process->is_host || (process->app && account_allows(account, process->app));
}

/* While the keyring is locked it is not known what is allowed. */
int access_find_account(Operation *o, const char *name, Account **ret, sd_bus_error *error) {
        bool is_host = sender_process(o->sender)->is_host;
        Account *account = NULL;
        int r = accounts_find(o->world->accounts, name, &account), condition;

        *ret = NULL;
        if (is_host || (r == 0 && access_is_allowed(o, account))) {
                *ret = account;
                return r;
        }

        condition = r == 0 ? account_refusal(account) : r;
        if (condition_is_of_keyring_state(condition))
                return condition;
        callers_note_denied(o->context->callers, o->sender, account);
        return account ? access_ask(o, account, error) : access_deny(o, error);
}
