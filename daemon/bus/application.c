/* SPDX-License-Identifier: MIT */

#include "bus/application.h"

#include "bus/error.h"
#include "common/condition.h"

#define CLIENT_SECRET_MAX 1024
#define APPLICATIONS_MAX  64

_Static_assert(CLIENT_SECRET_MAX == 1024, "a sentence says so");

int client_secret_from_string(const char *text, Secret **ret_secret, sd_bus_error *error) {
        size_t length = strlen(str_or_empty(text));

        if (!text) {
                *ret_secret = NULL;
                return 0;
        }
        if (length == 0 || length > CLIENT_SECRET_MAX)
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      "A client secret has 1 to 1024 bytes; copy it from "
                                      "https://oauth.yandex.ru once more.");

        return secret_new_from(text, length, ret_secret);
}

int application_list(Operation *o, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(strv_freep) char **l = NULL;
        int r;

        /* A locked keyring may hide some. */
        r = operation_world(o)->seen_all ? 0 : loader_verdict(operation_world(o)->loader);
        if (r != 0)
                return r;

        r = applications_list(operation_world(o)->applications, &l);
        if (r < 0)
                return r;

        r = sd_bus_message_new_method_return(operation_message(o), &reply);
        if (r < 0)
                return r;

        r = sd_bus_message_append_strv(reply, l);
        if (r < 0)
                return r;

        operation_reply(o, reply);
        return 0;
}

static void on_added(int r, void *userdata) {
        Operation *o = userdata;
        World *world = operation_world(o);
        Wait **wait = operation_wait(o);

        *wait = wait_free(*wait);
        if (r == 0)
                r = operation_reply_empty(o);
        if (r == 0)
                return;

        /* What the keyring did not take is not kept; what it holds instead is read again. */
        if (!accounts_use_application(world->accounts, operation_subject(o))) {
                applications_remove(world->applications, operation_subject(o));
                loader_look(world->loader);
        }
        operation_fail(o, r);
}

int application_add(Operation *o, sd_bus_error *error) {
        Applications *set = operation_world(o)->applications;
        _cleanup_(secret_unrefp) Secret *secret = NULL;
        const char *client_id, *client_secret;
        int r;

        r = sd_bus_message_read(operation_message(o), "ss", &client_id, &client_secret);
        if (r < 0)
                return r;
        if (!client_id_is_valid(client_id))
                return bus_error_bad_client_id(error);

        r = client_secret_from_string(client_secret, &secret, error);
        if (r < 0)
                return r;

        r = operation_require_keyring(o);
        if (r <= 0)
                return r;

        if (!applications_find(set, client_id) && applications_count(set) >= APPLICATIONS_MAX)
                return CONDITION_LIMITS_EXCEEDED;

        r = applications_put(set, client_id, secret, true);
        if (r < 0)
                return r;

        accounts_retry_refused(operation_world(o)->accounts, client_id);
        return application_wait(applications_find(set, client_id), on_added, o, operation_wait(o));
}

static int refuse_used(sd_bus_error *error) {
        return bus_error_setf(error, CONDITION_INVALID_ARGS,
                              "An account is signed in through this application; sign it out "
                              "first.");
}

static void on_erased(int r, void *userdata) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        Operation *o = userdata;
        VaultCall **call = operation_vault_call(o);

        *call = vault_call_free(*call);
        if (accounts_end_erasure(operation_world(o)->accounts, operation_subject(o), r) && r == 0)
                r = refuse_used(&error);
        if (r == 0)
                r = operation_reply_empty(o);
        if (r != 0)
                operation_fail_with(o, r, &error);
}

int application_remove(Operation *o, sd_bus_error *error) {
        const char *client_id = operation_subject(o);
        World *world = operation_world(o);
        int r;

        r = operation_require_keyring(o);
        if (r <= 0)
                return r;

        if (!applications_find(world->applications, client_id))
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      "There is no such application; ListApplications names those "
                                      "there are.");
        if (accounts_use_application(world->accounts, client_id))
                return refuse_used(error);

        return applications_erase(world->applications, client_id, on_erased, o,
                                  operation_vault_call(o));
}
