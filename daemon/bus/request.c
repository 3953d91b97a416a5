/* SPDX-License-Identifier: MIT */

#include <inttypes.h>

#include "bus/bus-private.h"
#include "bus/message.h"
#include "common/condition.h"
#include "common/i18n.h"
#include "common/names.h"
#include "keeper/sign-in/sign-in.h"
#include "yandex/oauth.h"

typedef struct Request {
        LIST_ENTRY(Request) entry;
        BusContext *context;
        char *path;
        Sender *creator; /* the request ends with it */
        SignIn *sign_in; /* NULL once completed */
        SignInFlow flow;
        int result;     /* CONDITION_PENDING until completed */
        char *sentence; /* says more than that of the result; or NULL */
        WaitList waits; /* callers of GetPrompt */
} Request;

static Request *request_free(Request *q) {
        if (!q)
                return NULL;

        wait_list_answer(&q->waits, CONDITION_CANCELLED);
        sign_in_free(q->sign_in);
        free(q->sentence);
        free(q->path);
        free(q);
        return NULL;
}

DEFINE_CLEANUP(Request *, request_free)

static void request_remove(Request *q) {
        LIST_REMOVE(q, entry);
        request_free(q);
}

static Request *request_at_path(const BusContext *context, const char *path) {
        Request *q;

        LIST_FOREACH(q, &context->requests, entry)
                if (streq(q->path, path))
                        return q;
        return NULL;
}

/* The request may have gone while the operation waited. */
static Request *request_of_operation(const Operation *o) {
        return request_at_path(o->context, o->subject);
}

/* Completed */

/* The first argument of the signal. */
enum {
        RESPONSE_DONE = 0,
        RESPONSE_CANCELLED = 1,
        RESPONSE_FAILED = 2,
};

static uint32_t request_response(const Request *q) {
        if (q->result == 0)
                return RESPONSE_DONE;
        return q->result == CONDITION_CANCELLED ? RESPONSE_CANCELLED : RESPONSE_FAILED;
}

/* Why the sign-in failed. */
static const char *request_sentence(const Request *q) {
        return q->sentence ?: condition_sentence(q->result);
}

static int request_append_results(sd_bus_message *m, const Request *q, const SignInResult *result) {
        _cleanup_free_ char *path = NULL;
        int r = 0;

        if (result->account)
                r = account_object_path(result->account, &path);
        if (r >= 0)
                r = sd_bus_message_open_container(m, SD_BUS_TYPE_ARRAY, "{sv}");
        if (r >= 0)
                r = dict_append_text(m, "account", "o", path);
        if (r >= 0 && q->result != 0)
                r = dict_append_text(m, "error", "s", condition_bus_name(q->result));
        if (r >= 0 && q->result != 0)
                r = dict_append_text(m, "message", "s", request_sentence(q));
        if (r >= 0 && q->result != 0 && result->account)
                r = dict_append_text(m, "login", "s", account_record(result->account)->login);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

/* Sends the signal to the creator alone. */
static int request_send_completed(const Request *q, const SignInResult *result) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_signal(q->context->connection, &m, q->path, TOKENS_REQUEST_INTERFACE,
                                      "Completed");
        if (r >= 0 && sender_name(q->creator))
                r = sd_bus_message_set_destination(m, sender_name(q->creator));
        if (r >= 0)
                r = sd_bus_message_append(m, "u", request_response(q));
        if (r >= 0)
                r = request_append_results(m, q, result);
        return r < 0 ? r : sd_bus_send(NULL, m, NULL);
}

/* Every sign-in ends here. The object stays, so that the creator can still ask how it ended. */
static void request_complete(const SignInResult *result, void *userdata) {
        Request *q = userdata;

        q->sign_in = sign_in_free(q->sign_in);
        sender_give_back(q->creator, SHARE_SIGN_INS);
        q->result = result->r;
        (void) str_replace(&q->sentence, result->sentence);
        (void) request_send_completed(q, result);
        wait_list_answer(&q->waits, q->result == 0 ? CONDITION_CANCELLED : q->result);
}

/* Does nothing if the request has completed. */
static void request_cancel(Request *q) {
        if (q->result == CONDITION_PENDING)
                request_complete(&(SignInResult){ .r = CONDITION_CANCELLED }, q);
}

/* SignIn */

static void request_on_prompt(void *userdata) {
        Request *q = userdata;

        wait_list_answer(&q->waits, 0);
}

static const SignInEvents request_sign_in_events = {
        .on_prompt = request_on_prompt,
        .on_end = request_complete,
};

/* A program that begins something new has no more questions about what has completed. */
static void requests_forget_completed(BusContext *context, const Sender *creator) {
        Request *q, *next;

        for (q = LIST_FIRST(&context->requests); q; q = next) {
                next = LIST_NEXT(q, entry);
                if (q->creator == creator && q->result != CONDITION_PENDING)
                        request_remove(q);
        }
}

/* Begins a sign-in for the sender of the call. Returns 0, a Condition, or a negative errno. */
static int request_new(Operation *o, SignInDetails *details, Request **ret) {
        _cleanup_(request_freep) Request *q = NULL;
        BusContext *context = o->context;
        int r;

        requests_forget_completed(context, o->sender);

        q = malloc(sizeof(Request));
        if (!q)
                return -ENOMEM;

        *q = (Request){
                .context = context,
                .creator = o->sender,
                .flow = details->flow,
                .result = CONDITION_PENDING,
                .waits = TAILQ_HEAD_INITIALIZER(q->waits),
        };
        r = str_format(&q->path, TOKENS_REQUEST_PATH "/%" PRIu64, ++context->n_requests_made);
        if (r == 0)
                r = sender_take(o->sender, SHARE_SIGN_INS);
        if (r != 0)
                return r;

        r = sign_in_start(context->world, details, &request_sign_in_events, q, &q->sign_in);
        if (r != 0) {
                sender_give_back(o->sender, SHARE_SIGN_INS);
                return r;
        }

        LIST_INSERT_HEAD(&context->requests, q, entry);
        *ret = TAKE_PTR(q);
        return 0;
}

/* The options of SignIn that only an import understands. The other flows ignore them, as they
 * ignore any unknown option. */
static int request_check_import(const char *refresh_token, const char *access_token,
                                const char *account_path, sd_bus_error *error) {
        if (!refresh_token)
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      N_("An import needs a refresh_token; give one."));
        if (!oauth_is_token(refresh_token) || (access_token && !oauth_is_token(access_token)))
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      N_("A token has visible characters only, at most 16384; copy "
                                         "it once more."));
        if (account_path)
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      N_("An import makes an account of its own; leave out "
                                         "account."));
        return 0;
}

static int request_check_details(const SignInDetails *d, sd_bus_error *error) {
        if (d->flow < 0)
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      N_("There is no such flow; use \"device\", \"code\" or "
                                         "\"import\"."));
        if (d->client_id && !client_id_is_valid(d->client_id))
                return bus_error_bad_client_id(error);
        if (d->label && !label_is_valid(d->label))
                return bus_error_bad_label(error);
        return scopes_are_valid(d->scopes) ? 0 : bus_error_bad_scope(error);
}

static int request_secret_from_string(const char *text, Secret **ret) {
        return text ? secret_new_from(text, strlen(text), ret) : 0;
}

/* *ret_account_path is valid as long as the message. */
static int request_read_details(sd_bus_message *m, SignInDetails **ret,
                                const char **ret_account_path, sd_bus_error *error) {
        const char *client_id = NULL, *client_secret = NULL, *flow = "device", *label = NULL,
                   *refresh_token = NULL, *access_token = NULL;
        _cleanup_(sign_in_details_unrefp) SignInDetails *d = NULL;
        _cleanup_(strv_freep) char **scopes = NULL;
        int r, replace = false;
        const Option options[] = {
                { "client_id", "s", &client_id },
                { "client_secret", "s", &client_secret },
                { "replace", "b", &replace },
                { "flow", "s", &flow },
                { "label", "s", &label },
                { "account", "o", ret_account_path },
                { "scopes", "as", &scopes },
                { "refresh_token", "s", &refresh_token },
                { "access_token", "s", &access_token },
        };

        r = dict_read_options(m, options, ELEMENTSOF(options), error);
        if (r == 0)
                r = sign_in_details_new(sign_in_flow_from_string(flow), &d);
        if (r < 0)
                return r;

        d->scopes = TAKE_PTR(scopes);
        d->replace = replace;
        r = str_replace(&d->client_id, client_id) ?:
            str_replace(&d->label, label) ?:
            request_check_details(d, error);
        if (r == 0 && d->flow == SIGN_IN_IMPORT)
                r = request_check_import(refresh_token, access_token, *ret_account_path, error);
        if (r == 0)
                r = client_secret_from_string(client_secret, &d->client_secret, error);
        if (r == 0 && d->flow == SIGN_IN_IMPORT)
                r = request_secret_from_string(refresh_token, &d->refresh_token)
                            ?: request_secret_from_string(access_token, &d->access_token);
        if (r != 0)
                return r;

        *ret = TAKE_PTR(d);
        return 0;
}

/* Signs in through the application that is named, that of the account, or the only one that there
 * is. */
static int request_choose_application(SignInDetails *d, World *world, const Account *account,
                                      sd_bus_error *error) {
        const char *of_account = account ? account_record(account)->client_id : NULL;
        _cleanup_(strv_freep) char **known = NULL;
        int r;

        if (of_account && d->client_id && !streq(of_account, d->client_id))
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      N_("The account belongs to another application; sign in "
                                         "without naming the account."));
        if (of_account)
                return str_replace(&d->client_id, of_account);
        if (d->client_id)
                return 0;

        r = applications_list(world->applications, &known);
        if (r < 0)
                return r;
        if (strv_length(known) != 1)
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      N_("It is not clear through which application; name its "
                                         "client_id."));

        return str_replace(&d->client_id, known[0]);
}

static int request_start_sign_in(Operation *o, SignInDetails *d, const char *account_path,
                                 sd_bus_error *error) {
        Account *account = NULL;
        Request *q;
        int r = 0;

        if (account_path)
                r = account_at_object_path(o->world->accounts, account_path, &account);
        if (r == 0 && account)
                r = str_replace(&d->account_id, account_id(account));
        if (r == 0)
                r = request_choose_application(d, o->world, account, error);
        if (r != 0)
                return r;

        if (!d->client_secret && sign_in_flow_needs_secret(d->flow) &&
            !applications_find(o->world->applications, d->client_id))
                return bus_error_setf(
                        error, CONDITION_INVALID_ARGS,
                        N_("The application is not known yet; give its client_secret."));
        if (d->client_secret)
                r = accounts_check_secret(o->world->accounts, d->client_id, d->client_secret,
                                          d->replace);
        if (r != 0)
                return r;

        r = request_new(o, d, &q);
        return r != 0 ? r : operation_reply(o, "o", q->path);
}

static int request_do_sign_in(Operation *o, sd_bus_error *error) {
        _cleanup_(sign_in_details_unrefp) SignInDetails *d = NULL;
        const char *account_path = NULL;
        int r;

        r = request_read_details(o->message, &d, &account_path, error);
        if (r != 0)
                return r;

        /* Before Yandex is asked for anything: what it gives must have a place. */
        r = operation_require_keyring(o);
        return r <= 0 ? r : request_start_sign_in(o, d, account_path, error);
}

int request_method_sign_in(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operation_run(userdata, m, request_do_sign_in, NULL, error);
}

/* The methods of a request */

static int request_object_find(sd_bus *bus, const char *path, const char *interface, void *userdata,
                               void **ret_found, sd_bus_error *error) {
        *ret_found = request_at_path(userdata, path);
        return *ret_found != NULL;
}

static int request_check_creator(const Request *q, sd_bus_message *m, sd_bus_error *error) {
        if (q->creator == senders_current(q->context->senders))
                return 0;

        return bus_error_setf(
                error, CONDITION_ACCESS_DENIED,
                N_("This sign-in belongs to another program; start one of your own."));
}

static int request_run(sd_bus_message *m, const Request *q, OperationFn fn, sd_bus_error *error) {
        int r;

        r = request_check_creator(q, m, error);
        return r < 0 ? r : operation_run(q->context, m, fn, q->path, error);
}

static int request_reply_prompt(Operation *o, const SignInPrompt *prompt) {
        uint64_t expires_at = (uint64_t) prompt->expires_at;

        /* clang-format off */
        if (prompt->authorization_url)
                return operation_reply(o, "a{sv}", 2,
                                       "authorization_url", "s", prompt->authorization_url,
                                       "expires_at", "t", expires_at);
        return operation_reply(o, "a{sv}", 4,
                               "verification_url", "s", prompt->verification_url,
                               "user_code", "s", prompt->user_code,
                               "expires_at", "t", expires_at,
                               "interval", "u", (uint32_t) prompt->interval);
        /* clang-format on */
}

static void request_on_prompt_there(int r, void *userdata) {
        Operation *o = userdata;
        Request *q = request_of_operation(o);

        o->wait = wait_free(o->wait);
        if (r == 0)
                r = q ? request_reply_prompt(o, sign_in_prompt(q->sign_in)) : CONDITION_CANCELLED;
        if (r != 0)
                operation_fail(o, r);
}

static int request_do_get_prompt(Operation *o, sd_bus_error *error) {
        Request *q = request_of_operation(o);
        const SignInPrompt *prompt;

        if (!q || q->result == 0)
                return CONDITION_CANCELLED;
        if (q->result != CONDITION_PENDING)
                return bus_error_setf(error, q->result, "%s", request_sentence(q));
        if (q->flow == SIGN_IN_IMPORT)
                return bus_error_setf(
                        error, CONDITION_INVALID_ARGS,
                        N_("An import asks nothing of the user; wait for Completed."));

        prompt = sign_in_prompt(q->sign_in);
        if (prompt)
                return request_reply_prompt(o, prompt);

        return wait_new(&q->waits, request_on_prompt_there, o, &o->wait);
}

static int request_method_get_prompt(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return request_run(m, userdata, request_do_get_prompt, error);
}

static int request_method_submit_code(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *code, *sentence;
        Request *q = userdata;
        int r;

        r = request_check_creator(q, m, error);
        if (r < 0)
                return r;
        if (q->result != CONDITION_PENDING)
                return bus_error_setf(error, CONDITION_INVALID_ARGS,
                                      N_("This sign-in has ended; start another one."));

        r = sd_bus_message_read(m, "s", &code);
        if (r < 0)
                return r;

        r = sign_in_submit(q->sign_in, code, &sentence);
        if (r > 0)
                return bus_error_setf(error, r, "%s", sentence);
        return r < 0 ? r : sd_bus_reply_method_return(m, NULL);
}

static int request_method_cancel(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Request *q = userdata;
        int r;

        r = request_check_creator(q, m, error);
        if (r < 0)
                return r;

        request_cancel(q);
        return sd_bus_reply_method_return(m, NULL);
}

static const sd_bus_vtable request_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("GetPrompt", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sv}", prompt),
                                request_method_get_prompt, SECRET),
        SD_BUS_METHOD_WITH_ARGS("SubmitCode", SD_BUS_ARGS("s", code), SD_BUS_NO_RESULT,
                                request_method_submit_code, SECRET),
        SD_BUS_METHOD_WITH_ARGS("Cancel", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, request_method_cancel,
                                METHOD),
        SD_BUS_SIGNAL_WITH_ARGS("Completed", SD_BUS_ARGS("u", response, "a{sv}", results), 0),
        SD_BUS_VTABLE_END,
};

int requests_register(BusContext *context) {
        return sd_bus_add_fallback_vtable(context->connection, NULL, TOKENS_REQUEST_PATH,
                                          TOKENS_REQUEST_INTERFACE, request_vtable,
                                          request_object_find, context);
}

void requests_forget_sender(BusContext *context, const Sender *sender) {
        Request *q, *next;

        for (q = LIST_FIRST(&context->requests); q; q = next) {
                next = LIST_NEXT(q, entry);
                if (q->creator == sender)
                        request_remove(q);
        }
}

void requests_end(BusContext *context) {
        Request *q;

        while ((q = LIST_FIRST(&context->requests))) {
                request_cancel(q);
                request_remove(q);
        }
}
