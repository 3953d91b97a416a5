/* SPDX-License-Identifier: MIT */

#include "yadiskctl/daemon/keyring-open.h"

#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/terminal/terminal.h"

/* A keyring that asks nobody answers sooner. */
#define REMARK_USEC (UINT64_C(1500) * 1000)

static int on_opened(sd_bus_message *m, void *userdata, sd_bus_error *ret_error) {
        sd_bus_message **reply = userdata;

        *reply = sd_bus_message_ref(m);
        return 0;
}

/* The window may be behind others, or on another screen. */
static int await_person(sd_bus *bus, sd_bus_message *const *reply) {
        bool was_told = false;
        int r;

        while (!*reply) {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, was_told ? UINT64_MAX : REMARK_USEC);
                else if (r > 0)
                        continue;
                if (r < 0)
                        return r;
                if (r == 0 && !was_told) {
                        remark("Waiting for the keyring; it may ask in a window of its own.");
                        was_told = true;
                }
        }
        return 0;
}

static int new_call(sd_bus *bus, bool may_prompt, sd_bus_message **ret) {
        int r;

        r = sd_bus_message_new_method_call(bus, ret, TOKENS_BUS_NAME, TOKENS_PATH,
                                           TOKENS_MANAGER_INTERFACE, "OpenKeyring");
        if (r >= 0)
                r = sd_bus_message_set_allow_interactive_authorization(
                        *ret, may_prompt && terminal_is_attended());
        return r < 0 ? r : sd_bus_message_append(*ret, "a{sv}", 0);
}

/* Fails with a negative errno, and maybe an *error. */
static int open_once(sd_bus *bus, bool may_prompt, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        _cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
        int r;

        r = new_call(bus, may_prompt, &call);
        if (r >= 0)
                r = sd_bus_call_async(bus, &slot, call, on_opened, &reply, 0);
        if (r >= 0)
                r = await_person(bus, &reply);
        if (r < 0)
                return r;
        return sd_bus_message_is_method_error(reply, NULL)
                       ? sd_bus_error_copy(error, sd_bus_message_get_error(reply))
                       : 0;
}

int keyring_look(sd_bus *bus, bool may_prompt) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = open_once(bus, may_prompt, &error);
        return r < 0 && sd_bus_error_is_set(&error) ? bus_find_condition(&error) : r;
}

/* A daemon of an earlier version cannot be asked: then it says so when the time comes. */
ExitStatus keyring_open(sd_bus *bus) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        ExitStatus s;
        int r;

        s = bus_start_daemon(bus);
        if (s != EXIT_STATUS_OK)
                return s;

        r = open_once(bus, true, &error);
        if (r >= 0 || sd_bus_error_has_name(&error, SD_BUS_ERROR_UNKNOWN_METHOD))
                return EXIT_STATUS_OK;
        return sd_bus_error_is_set(&error) ? bus_explain(bus, &error)
                                           : fail_errno(r, "make a call");
}
