/* SPDX-License-Identifier: MIT */

#include "bus/bus-private.h"
#include "bus/message.h"
#include "common/condition.h"
#include "keeper/diagnosis/diagnosis.h"

#define CLIENT_SECRET_MAX 1024
#define APPLICATIONS_MAX  256

/* If one of them is missing, Yandex is asked about each, while the caller waits. */
#define CHECKED_SCOPES_MAX 16

_Static_assert(CLIENT_SECRET_MAX == 1024, "a sentence says so");
_Static_assert(CHECKED_SCOPES_MAX == 16, "a sentence says so");

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

static int application_do_list(Operation *o, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(strv_freep) char **l = NULL;
        int r;

        /* A locked keyring may hide some. */
        r = o->world->seen_all ? 0 : loader_verdict(o->world->loader);
        if (r == 0)
                r = applications_list(o->world->applications, &l);
        if (r != 0)
                return r;

        r = sd_bus_message_new_method_return(o->message, &reply);
        if (r >= 0)
                r = sd_bus_message_append_strv(reply, l);
        if (r < 0)
                return r;

        operation_send(o, reply);
        return 0;
}

int application_method_list(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operation_run(userdata, m, application_do_list, NULL, error);
}

/* The first argument is the client id; it becomes the subject of the operation. */
static int application_run(sd_bus_message *m, BusContext *context, OperationFn fn,
                           sd_bus_error *error) {
        const char *client_id;
        int r;

        r = sd_bus_message_read(m, "s", &client_id);
        return r < 0 ? r : operation_run(context, m, fn, client_id, error);
}

static void application_on_set(int r, void *userdata) {
        Operation *o = userdata;
        World *world = o->world;

        o->wait = wait_free(o->wait);
        if (r == 0)
                r = operation_reply(o, NULL);
        if (r == 0)
                return;

        /* If the keyring did not take the application, it is not kept. The keyring is read again,
         * since it may hold an older secret of it. */
        if (!accounts_use_application(world->accounts, o->subject)) {
                applications_remove(world->applications, o->subject);
                loader_look(world->loader);
        }
        operation_fail(o, r);
}

/* AddApplication has no options. */
static int application_read_set(Operation *o, Secret **ret_secret, int *ret_replace,
                                sd_bus_error *error) {
        const Option options[] = { { "replace", "b", ret_replace } };
        const char *client_secret;
        int r;

        r = sd_bus_message_read(o->message, "ss", NULL, &client_secret);
        if (r >= 0 && streq(sd_bus_message_get_member(o->message), "SetApplication"))
                r = dict_read_options(o->message, options, ELEMENTSOF(options), error);
        if (r < 0)
                return r;

        return client_id_is_valid(o->subject)
                       ? client_secret_from_string(client_secret, ret_secret, error)
                       : bus_error_bad_client_id(error);
}

static int application_do_set(Operation *o, sd_bus_error *error) {
        Applications *set = o->world->applications;
        _cleanup_(secret_unrefp) Secret *secret = NULL;
        int r, replace = false;

        r = application_read_set(o, &secret, &replace, error);
        if (r < 0)
                return r;

        r = operation_require_keyring(o);
        if (r <= 0)
                return r;

        r = accounts_check_secret(o->world->accounts, o->subject, secret, replace);
        if (r == 0 && !applications_find(set, o->subject))
                r = applications_count(set) < APPLICATIONS_MAX
                            ? sender_take(o->sender, SHARE_APPLICATIONS)
                            : CONDITION_LIMITS_EXCEEDED;
        if (r == 0)
                r = applications_put(set, o->subject, secret, true);
        if (r != 0)
                return r;

        accounts_retry_refused(o->world->accounts, o->subject);
        return application_wait(applications_find(set, o->subject), application_on_set, o,
                                &o->wait);
}

int application_method_set(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return application_run(m, userdata, application_do_set, error);
}

static int application_refuse_used(sd_bus_error *error) {
        return bus_error_setf(error, CONDITION_INVALID_ARGS,
                              "An account is signed in through this application; sign it out "
                              "first.");
}

static void application_on_erased(int r, void *userdata) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        Operation *o = userdata;

        o->vault_call = vault_call_free(o->vault_call);
        if (accounts_end_erasure(o->world->accounts, o->subject, r) && r == 0)
                r = application_refuse_used(&error);
        if (r == 0)
                r = operation_reply(o, NULL);
        if (r != 0)
                operation_fail_with(o, r, &error);
}

static int application_do_remove(Operation *o, sd_bus_error *error) {
        World *world = o->world;
        int r;

        r = operation_require_keyring(o);
        if (r <= 0)
                return r;

        if (!applications_find(world->applications, o->subject))
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      "There is no such application; ListApplications names those "
                                      "there are.");
        if (accounts_use_application(world->accounts, o->subject))
                return application_refuse_used(error);

        return applications_erase(world->applications, o->subject, application_on_erased, o,
                                  &o->vault_call);
}

int application_method_remove(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return application_run(m, userdata, application_do_remove, error);
}

/* The array of scopes is the caller's, the secret is the message's. */
static int application_read_check(Operation *o, char ***ret_scopes, const char **ret_secret,
                                  sd_bus_error *error) {
        const Option options[] = {
                { "client_secret", "s", ret_secret },
                { "scopes", "as", ret_scopes },
        };
        int r;

        r = sd_bus_message_skip(o->message, "s");
        if (r >= 0)
                r = dict_read_options(o->message, options, ELEMENTSOF(options), error);
        if (r < 0)
                return r;

        if (!client_id_is_valid(o->subject))
                return bus_error_bad_client_id(error);
        if (!scopes_are_valid(*ret_scopes))
                return bus_error_bad_scope(error);
        if (strv_length(*ret_scopes) > CHECKED_SCOPES_MAX)
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      "Give at most 16 scopes; ask about the others apart.");
        return 0;
}

static int application_reply_findings(Operation *o, const ApplicationFindings *f) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(o->message, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}", "client_id", "b",
                                          (int) (f->id == VERDICT_ACCEPTED));
        if (r >= 0 && f->secret != VERDICT_UNKNOWN)
                r = sd_bus_message_append(reply, "{sv}", "client_secret", "b",
                                          (int) (f->secret == VERDICT_ACCEPTED));
        if (r >= 0 && f->scopes != VERDICT_UNKNOWN)
                r = dict_append_strv(reply, "missing_scopes", f->missing_scopes);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;

        operation_send(o, reply);
        return 0;
}

static void application_on_checked(int r, const Findings *findings, void *userdata) {
        Operation *o = userdata;

        if (r == 0)
                r = application_reply_findings(o, &findings->application);
        if (r != 0)
                operation_fail(o, r);
}

/* Nothing of this is kept, so it works without a keyring. */
static int application_do_check(Operation *o, sd_bus_error *error) {
        _cleanup_(secret_unrefp) Secret *secret = NULL;
        _cleanup_(strv_freep) char **scopes = NULL;
        const char *client_secret = NULL;
        int r;

        r = application_read_check(o, &scopes, &client_secret, error);
        if (r == 0)
                r = client_secret_from_string(client_secret, &secret, error);
        if (r == 0)
                r = operation_may_diagnose(o);
        if (r != 0)
                return r;

        const ApplicationQuestion question = {
                .client_id = o->subject,
                .client_secret = secret,
                .scopes = scopes,
        };

        return diagnosis_of_application(o->world, &question, application_on_checked, o,
                                        &o->diagnosis);
}

int application_method_check(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return application_run(m, userdata, application_do_check, error);
}
