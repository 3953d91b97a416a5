/* SPDX-License-Identifier: MIT */

#include "yadiskctl/daemon/nobody.h"

#include "common/i18n.h"
#include "common/names.h"
#include "common/strv.h"

NobodyYet nobody_find(sd_bus *bus) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(strv_freep) char **ids = NULL;
        int r;

        r = sd_bus_call_method(bus, TOKENS_BUS_NAME, TOKENS_PATH, TOKENS_MANAGER_INTERFACE,
                               "ListApplications", NULL, &reply, NULL);
        if (r >= 0)
                r = sd_bus_message_read_strv(reply, &ids);
        if (r < 0)
                return NOBODY_UNKNOWN;
        return strv_length(ids) > 0 ? NOBODY_WITH_APPLICATION : NOBODY_WITHOUT_APPLICATION;
}

void nobody_judge(NobodyYet n, Trouble *t) {
        trouble_set(t, EXIT_STATUS_NO_ACCOUNT, N_("Nobody is signed in yet."));
        if (n == NOBODY_WITHOUT_APPLICATION)
                trouble_advise(t, N_("Run \"yadiskctl setup\", which shows how to register an "
                                     "application and signs in."));
        else
                trouble_advise(t, N_("Run \"yadiskctl login\"."));
}
