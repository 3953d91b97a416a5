/* SPDX-License-Identifier: MIT */

/* Manager.SignIn: from the options of the call to a request. */

#include "bus/account.h"
#include "bus/application.h"
#include "bus/error.h"
#include "bus/operation.h"
#include "bus/options.h"
#include "bus/request-private.h"
#include "common/condition.h"
#include "common/i18n.h"
#include "yandex/oauth.h"

/* As they came. The array is ours, the strings are the message's. */
typedef struct SignInWish {
        const char *client_id;
        const char *client_secret;
        const char *flow;
        const char *label;
        const char *account_path;
        const char *refresh_token;
        const char *access_token;
        char **scopes;
} SignInWish;

static void sign_in_wish_done(SignInWish *w) {
        strv_free(w->scopes);
}

static int read_wish(sd_bus_message *m, SignInWish *w, sd_bus_error *error) {
        const Option options[] = {
                { "client_id", "s", &w->client_id, NULL },
                { "client_secret", "s", &w->client_secret, NULL },
                { "flow", "s", &w->flow, NULL },
                { "label", "s", &w->label, NULL },
                { "account", "o", &w->account_path, NULL },
                { "scopes", "as", &w->scopes, NULL },
                { "refresh_token", "s", &w->refresh_token, NULL },
                { "access_token", "s", &w->access_token, NULL },
        };

        return options_read(m, options, ELEMENTSOF(options), error);
}

static SignInFlow wished_flow(const SignInWish *w) {
        return w->flow ? sign_in_flow_from_string(w->flow) : SIGN_IN_DEVICE;
}

/* What the other flows do not know is ignored there, as any option. */
static int check_import(const SignInWish *w, sd_bus_error *error) {
        if (!w->refresh_token)
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      N_("An import needs a refresh_token; give one."));
        if (!oauth_is_token(w->refresh_token) ||
            (w->access_token && !oauth_is_token(w->access_token)))
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      N_("A token has visible characters only, at most 16384; copy "
                                         "it once more."));
        if (w->account_path)
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      N_("An import makes an account of its own; leave out "
                                         "account."));
        return 0;
}

static int check_wish(const SignInWish *w, sd_bus_error *error) {
        if (wished_flow(w) < 0)
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      N_("There is no such flow; use \"device\", \"code\" or "
                                         "\"import\"."));
        if (w->client_id && !client_id_is_valid(w->client_id))
                return bus_error_bad_client_id(error);
        if (w->label && !label_is_valid(w->label))
                return bus_error_bad_label(error);
        if (!scopes_are_valid(w->scopes))
                return bus_error_bad_scope(error);
        return wished_flow(w) == SIGN_IN_IMPORT ? check_import(w, error) : 0;
}

/* Through which application: the one that is named, the account's, or the only one there is. The caller
 * frees *ret. */
static int choose_application(World *world, const SignInWish *w, const Account *account, char **ret,
                              sd_bus_error *error) {
        const char *of_account = account ? account_record(account)->client_id : NULL;
        _cleanup_(strv_freep) char **known = NULL;
        int r;

        if (of_account && w->client_id && !streq(of_account, w->client_id))
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      N_("The account belongs to another application; sign in "
                                         "without naming the account."));
        if (of_account || w->client_id)
                return str_replace(ret, of_account ?: w->client_id);

        r = applications_list(world->applications, &known);
        if (r < 0)
                return r;
        if (strv_length(known) != 1)
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      N_("It is not clear through which application; name its "
                                         "client_id."));

        return str_replace(ret, known[0]);
}

static int token_from_string(const char *text, Secret **ret) {
        return text ? secret_new_from(text, strlen(text), ret) : 0;
}

static int start(Operation *o, Requests *all, const SignInWish *w, sd_bus_error *error) {
        World *world = operation_world(o);
        _cleanup_(secret_unrefp) Secret *secret = NULL, *refresh_token = NULL, *access_token = NULL;
        _cleanup_free_ char *client_id = NULL;
        Account *account = NULL;
        _cleanup_(sign_in_details_unrefp) SignInDetails *d = NULL;
        const char *path;
        int r;

        if (w->account_path) {
                r = account_from_path(world, w->account_path, &account);
                if (r != 0)
                        return r;
        }

        r = choose_application(world, w, account, &client_id, error);
        if (r == 0)
                r = client_secret_from_string(w->client_secret, &secret, error);
        if (r == 0)
                r = token_from_string(w->refresh_token, &refresh_token);
        if (r == 0)
                r = token_from_string(w->access_token, &access_token);
        if (r != 0)
                return r;

        if (!secret && sign_in_flow_needs_secret(wished_flow(w)) &&
            !applications_find(world->applications, client_id))
                return bus_error_setf(
                        error, CONDITION_INVALID_ARGS,
                        N_("The application is not known yet; give its client_secret."));

        r = sign_in_details_new(wished_flow(w), &d);
        if (r == 0)
                r = strv_copy(w->scopes, &d->scopes);
        if (r == 0)
                r = str_replace(&d->label, w->label);
        if (r == 0)
                r = str_replace(&d->account_id, account ? account_id(account) : NULL);
        if (r < 0)
                return r;

        d->client_id = TAKE_PTR(client_id);
        d->client_secret = TAKE_PTR(secret);
        d->refresh_token = TAKE_PTR(refresh_token);
        d->access_token = TAKE_PTR(access_token);
        r = requests_add(all, operation_message(o), d, &path);
        return r != 0 ? r : operation_reply_path(o, path);
}

static int do_sign_in(Operation *o, sd_bus_error *error) {
        _cleanup_(sign_in_wish_done) SignInWish w = {};
        int r;

        r = read_wish(operation_message(o), &w, error);
        if (r == 0)
                r = check_wish(&w, error);
        if (r < 0)
                return r;

        /* Before anything is asked of Yandex: what it gives must have a place. */
        r = operation_require_keyring(o);
        if (r <= 0)
                return r;

        return start(o, operation_context(o), &w, error);
}

int requests_method_sign_in(Requests *all, sd_bus_message *m, sd_bus_error *error) {
        Bus *b = all->bus;
        OperationStart what = { .fn = do_sign_in, .context = all };

        return operation_run(bus_operations(b), bus_world(b), m, &what, error);
}
