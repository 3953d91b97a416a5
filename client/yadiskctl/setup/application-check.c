/* SPDX-License-Identifier: MIT */

#include "yadiskctl/setup/application-check.h"

#include "common/strv.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/dict.h"

static const DictField fields[] = {
        { "client_id", "b", offsetof(ApplicationCheck, is_known) },
        { "client_secret", "b", offsetof(ApplicationCheck, secret_fits) },
        { "missing_scopes", "as", offsetof(ApplicationCheck, missing_scopes) },
        {},
};

void application_check_done(ApplicationCheck *check) {
        check->missing_scopes = strv_free(check->missing_scopes);
}

static int append_arguments(sd_bus_message *m, const Application *a, const char *const *scopes) {
        int r;

        r = sd_bus_message_sensitive(m);
        if (r >= 0)
                r = sd_bus_message_append(m, "s", a->client_id);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(m, "{sv}", "client_secret", "s", a->client_secret);
        if (r >= 0 && scopes)
                r = bus_append_scopes(m, scopes);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

ExitStatus application_check(sd_bus *bus, const Application *a, const char *const *scopes,
                             ApplicationCheck *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        _cleanup_(application_check_done) ApplicationCheck check = {};
        ExitStatus s;
        int r;

        s = bus_manager_call(bus, &call, "CheckApplication", NULL);
        if (s != EXIT_STATUS_OK)
                return s;

        r = append_arguments(call, a, scopes);
        if (r < 0)
                return fail_errno(r, "make a call");

        s = bus_send(bus, call, &reply);
        if (s != EXIT_STATUS_OK)
                return s;

        r = dict_read(reply, fields, &check);
        if (r < 0)
                return bus_explain_answer(r);

        *ret = check;
        check = (ApplicationCheck){};
        return EXIT_STATUS_OK;
}
