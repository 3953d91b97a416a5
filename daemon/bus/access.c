/* SPDX-License-Identifier: MIT */

#include "bus/access.h"

#include "bus/message.h"
#include "common/condition.h"
#include "common/i18n.h"
#include "common/names.h"

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
