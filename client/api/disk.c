/* SPDX-License-Identifier: MIT */

#include "api/disk.h"

#include <yadisk-token.h>

#include "common/harden.h"
#include "common/i18n.h"
#include "yadiskctl/daemon/bus.h"
#include "yadiskctl/daemon/dict.h"
#include "yadiskctl/daemon/keyring.h"

#define TRIES_MAX    3
#define WAIT_MAX     60 /* seconds, of all pauses of a call together */
#define WAIT_FIRST   1  /* if the Disk does not say how long; then twice that */
#define CHECK_MAX    10 /* seconds that the daemon may take to check a token, and to renew it */
#define REFUSAL_MAX  ((size_t) 64 * 1024)
#define DOCUMENT_MAX ((size_t) 64 * 1024 * 1024)

struct Disk {
        char *account; /* NULL: the default one, until the first token tells which that is */
        char *url;
        Connection *connection;
};

/* A call while it is tried. */
typedef struct Attempt {
        const DiskCall *call;
        int64_t wait;        /* seconds to the next attempt, or -1 */
        int64_t waited;      /* in all */
        unsigned n_pauses;   /* that the Disk asked for */
        bool was_reported;   /* a token, as refused */
        uint32_t generation; /* of the token */
        bool is_repeated;    /* another attempt follows, so this answer does not count */

        /* The answer. */
        long status;
        int64_t retry_after;
        char refusal[REFUSAL_MAX + 1]; /* the beginning of the body, if the status is an error */
        size_t refusal_size;
} Attempt;

DEFINE_CLEANUP(YadiskToken *, yadisk_token_free)

/* The library says no more than that the keyring is locked, or failed. What to do depends on the
 * machine, and on which of several keyrings it is. Returns EXIT_STATUS_OK if nothing better is
 * known. */
static ExitStatus disk_explain_keyring(int r) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        Problem problem = {};
        int condition;

        condition = bus_connect(&bus) >= 0 ? keyring_look(bus, false) : -ENOTCONN;
        if (condition == 0 && r == YADISK_TOKEN_KEYRING_LOCKED)
                condition = CONDITION_KEYRING_LOCKED;
        if (condition <= 0)
                return EXIT_STATUS_OK;

        bus_judge_condition(bus, condition, &problem);
        return problem_tell(&problem);
}

static ExitStatus disk_fail_token(int r) {
        static const ExitStatus statuses[] = {
                [YADISK_TOKEN_NOT_SIGNED_IN] = EXIT_STATUS_NO_ACCOUNT,
                [YADISK_TOKEN_SIGN_IN_NEEDED] = EXIT_STATUS_SIGN_IN_NEEDED,
                [YADISK_TOKEN_APP_REFUSED] = EXIT_STATUS_DENIED,
                [YADISK_TOKEN_KEYRING_LOCKED] = EXIT_STATUS_KEYRING,
                [YADISK_TOKEN_KEYRING_FAILED] = EXIT_STATUS_KEYRING,
                [YADISK_TOKEN_TRY_LATER] = EXIT_STATUS_TRY_LATER,
                [YADISK_TOKEN_ACCESS_DENIED] = EXIT_STATUS_DENIED,
                [YADISK_TOKEN_NO_SUCH_ACCOUNT] = EXIT_STATUS_NO_ACCOUNT,
                [YADISK_TOKEN_NO_DAEMON] = EXIT_STATUS_NO_DAEMON,
                [YADISK_TOKEN_FAILED] = EXIT_STATUS_FAILURE,
        };
        ExitStatus s;

        if (r < 0)
                return fail_errno(r, "get a token");
        if (r == YADISK_TOKEN_KEYRING_LOCKED || r == YADISK_TOKEN_KEYRING_FAILED) {
                s = disk_explain_keyring(r);
                if (s != EXIT_STATUS_OK)
                        return s;
        }
        return fail((size_t) r < ELEMENTSOF(statuses) ? statuses[r] : EXIT_STATUS_FAILURE, "%s",
                    _(yadisk_token_strerror(r)));
}

/* A full Disk is one of the errors that a server should not have, but no waiting helps. */
static bool status_is_server_trouble(long status) {
        return status >= 500 && status != 507;
}

/* 429 means that the Disk did nothing. After an error of the server that is not known, so only a
 * call that may be made twice is repeated. */
static bool attempt_can_repeat(const Attempt *a) {
        return a->n_pauses + 1 < TRIES_MAX &&
               (a->status == 429 ||
                (status_is_server_trouble(a->status) && a->call->method->idempotent));
}

static void attempt_plan(Attempt *a) {
        a->wait = -1;
        if (a->status == 401)
                a->wait = a->was_reported ? -1 : 0;
        else if (attempt_can_repeat(a))
                a->wait = a->retry_after >= 0 ? a->retry_after : WAIT_FIRST << a->n_pauses;

        if (a->wait > WAIT_MAX - a->waited)
                a->wait = -1;
        a->is_repeated = a->wait >= 0;
}

static ExitStatus attempt_on_begin(const AnswerHead *head, void *userdata) {
        Attempt *a = userdata;
        const Receiver *receiver = &a->call->receiver;

        a->status = head->status;
        a->retry_after = head->retry_after;
        attempt_plan(a);
        if (a->is_repeated)
                return EXIT_STATUS_OK;
        if (a->status >= 300 && a->status < 400 && head->location)
                remark("The answer is a redirect, which is not followed: %s", head->location);
        return receiver->begin ? receiver->begin(head, receiver->userdata) : EXIT_STATUS_OK;
}

static ExitStatus attempt_on_body(const char *data, size_t size, void *userdata) {
        Attempt *a = userdata;
        size_t kept = MIN_OF(size, REFUSAL_MAX - a->refusal_size);

        if (a->is_repeated)
                return EXIT_STATUS_OK;
        if (a->status >= 400) {
                memcpy(a->refusal + a->refusal_size, data, kept);
                a->refusal_size += kept;
        }
        return a->call->receiver.take(data, size, a->call->receiver.userdata);
}

static ExitStatus attempt_tell_denied(const Attempt *a, const char *error) {
        if (streq(error, "DiskUnsupportedUserAccountTypeError"))
                return fail(EXIT_STATUS_DENIED, "%s %s",
                            _("The account has no Disk that programs can use."),
                            _("Sign in with another Yandex account; one without Yandex Mail, such "
                              "as one made through a social network, has no Disk for programs."));
        return fail(EXIT_STATUS_DENIED,
                    "The Disk denies this, probably because the application lacks the permission "
                    "%s; tick it at https://oauth.yandex.ru, then run \"yadiskctl login\".",
                    target_permission(&a->call->target, a->call->method->name));
}

/* Says what is wrong with this call, in the words of the Disk. */
static ExitStatus attempt_tell_words(const Attempt *a, Document *document, const char *error) {
        /* The Disk says it twice. Translators: put "message" here, in which the Disk speaks
         * Russian, if that is your language. */
        const char *own = document_string(document, _("description")),
                   *english = document_string(document, "description");

        if (!str_is_empty(own) || !str_is_empty(english))
                return fail(EXIT_STATUS_FAILURE, "The Disk refuses (%ld %s): %s", a->status, error,
                            str_is_empty(own) ? english : own);
        return fail(EXIT_STATUS_FAILURE,
                    "The Disk refuses with status %ld; check the method, the path and the query.",
                    a->status);
}

/* Says in one line what an error of the Disk means, and what to do. Returns the exit status of
 * it. */
static ExitStatus attempt_tell(const Attempt *a) {
        _cleanup_(document_freep) Document *document = NULL;
        const char *error;

        (void) document_parse(a->refusal, a->refusal_size, &document);
        error = str_or_empty(document_string(document, "error"));

        switch (a->status) {
        case 401:
                return fail(EXIT_STATUS_SIGN_IN_NEEDED,
                            "The Disk refuses the token, also after it was checked; run "
                            "\"yadiskctl refresh\" for a new one, and \"yadiskctl login\" if that "
                            "fails.");
        case 403:
                return attempt_tell_denied(a, error);
        case 429:
                if (a->retry_after > 0)
                        return fail(EXIT_STATUS_TRY_LATER,
                                    "The Disk asks for a pause; try again in %lld s.",
                                    (long long) a->retry_after);
                return fail(EXIT_STATUS_TRY_LATER, "The Disk asks for a pause; try again later.");
        }
        if (a->status == 423 || status_is_server_trouble(a->status)) /* 423: locked, for now */
                return fail(EXIT_STATUS_TRY_LATER,
                            "The Disk cannot do that now (%ld %s); try again later.", a->status,
                            error);
        return attempt_tell_words(a, document, error);
}

/* Asks the daemon for the token each time: it answers from memory, and knows of a newer one. A
 * token that the Disk has refused is reported, so that the daemon checks it. */
static ExitStatus disk_try(Disk *d, const char *url, Attempt *a) {
        _cleanup_(yadisk_token_freep) YadiskToken *token = NULL;
        Receiver receiver = { attempt_on_begin, attempt_on_body, a };
        ExitStatus s;
        int r;

        r = yadisk_token_get(d->account, 0, &token);
        if (r != 0)
                return disk_fail_token(r);
        if (str_replace(&d->account, yadisk_token_account(token)) < 0)
                return fail_errno(-ENOMEM, "ask the Disk");

        memory_hide();
        a->generation = yadisk_token_generation(token);
        s = connection_request(d->connection,
                               &(Request){
                                       .method = a->call->method,
                                       .url = url,
                                       .authorization = yadisk_token_header(token),
                                       .body = a->call->body,
                               },
                               &receiver);
        memory_show(); /* the library makes a connection for each call, which the daemon looks at */
        if (s == EXIT_STATUS_OK && a->status == 401)
                (void) yadisk_token_report_refused(token); /* asking again tells how that went */
        return s;
}

/* The Disk refuses a good token now and then, so the daemon asks it twice before it renews one.
 * Returns when there is another token, or none, or when it has taken so long that the token is
 * good. */
static void disk_await_token(const Disk *d, uint32_t refused) {
        for (unsigned i = 0; i < CHECK_MAX; i++) {
                _cleanup_(yadisk_token_freep) YadiskToken *token = NULL;

                if (yadisk_token_get(d->account, 0, &token) != 0 ||
                    yadisk_token_generation(token) != refused)
                        return;
                (void) sleep(1);
        }
}

/* Tells a person at the terminal why nothing happens. */
static void disk_pause(const Disk *d, Attempt *a) {
        bool is_told = isatty(STDERR_FILENO);

        if (a->status == 401) {
                if (is_told)
                        remark("The Disk refuses the token, which yadisk-tokend checks; the next "
                               "attempt is in %i s at most.",
                               CHECK_MAX);
                a->was_reported = true;
                disk_await_token(d, a->generation);
                return;
        }

        if (is_told)
                remark("The Disk asks for a pause; the next attempt is in %u s.",
                       (unsigned) a->wait);
        (void) sleep((unsigned) a->wait);
        a->waited += a->wait;
        a->n_pauses++;
}

ExitStatus disk_call(Disk *d, const DiskCall *call) {
        _cleanup_free_ Attempt *a = calloc(1, sizeof(Attempt));
        _cleanup_free_ char *url = NULL;
        ExitStatus s;

        if (!a || target_url(&call->target, d->url, &url) < 0)
                return fail_errno(-ENOMEM, "ask the Disk");

        a->call = call;
        for (;;) {
                s = disk_try(d, url, a);
                if (s != EXIT_STATUS_OK || !a->is_repeated)
                        break;
                disk_pause(d, a);
        }
        if (s != EXIT_STATUS_OK || a->status < 400)
                return s;

        a->refusal[a->refusal_size] = '\0';
        return attempt_tell(a);
}

/* A whole answer. */
typedef struct DiskAnswer {
        char *text; /* with a NUL behind it */
        size_t size, room;
} DiskAnswer;

static ExitStatus disk_answer_on_body(const char *data, size_t size, void *userdata) {
        DiskAnswer *a = userdata;
        char *larger;

        if (size > DOCUMENT_MAX - a->size)
                return fail(EXIT_STATUS_FAILURE,
                            "The answer of the Disk is larger than 64 MiB; ask for less at once, "
                            "as with limit=20.");
        if (a->size + size >= a->room) {
                a->room = 2 * (a->size + size) + 1;
                larger = realloc(a->text, a->room);
                if (!larger)
                        return fail_errno(-ENOMEM, "read the answer of the Disk");
                a->text = larger;
        }

        memcpy(a->text + a->size, data, size);
        a->size += size;
        a->text[a->size] = '\0';
        return EXIT_STATUS_OK;
}

ExitStatus disk_get(Disk *d, const Target *target, Document **ret) {
        DiskAnswer answer = {};
        ExitStatus s;

        s = disk_call(d, &(DiskCall){
                                 .method = http_method_find("GET"),
                                 .target = *target,
                                 .receiver = { .take = disk_answer_on_body, .userdata = &answer },
                         });
        if (s == EXIT_STATUS_OK &&
            (answer.size == 0 || document_parse(answer.text, answer.size, ret) < 0))
                s = fail(EXIT_STATUS_TRY_LATER,
                         "The answer of the Disk is not JSON; try again later.");
        free(answer.text);
        return s;
}

typedef struct DiskAddress {
        const char *url, *ca_file;
} DiskAddress;

static const DictField address_fields[] = {
        { "DiskURL", "s", offsetof(DiskAddress, url) },
        { "CAFile", "s", offsetof(DiskAddress, ca_file) },
        {},
};

/* A daemon of an older version does not tell them. */
static ExitStatus disk_read_address(sd_bus_message *reply, Disk *d, const char **ret_ca_file) {
        DiskAddress address = { "", "" };
        int r;

        r = dict_read(reply, address_fields, &address);
        if (r >= 0 && !str_has_prefix(address.url, "https://"))
                r = -EBADMSG;
        if (r >= 0)
                r = str_replace(&d->url, address.url);
        if (r < 0)
                return bus_explain_answer(r);

        *ret_ca_file = address.ca_file;
        return EXIT_STATUS_OK;
}

/* Goes over the bus of yadiskctl and not by the library, since the words for a daemon that cannot
 * be reached are here, too. */
static ExitStatus disk_ask_address(sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        ExitStatus s;
        int r;

        s = bus_open(&bus);
        if (s != EXIT_STATUS_OK)
                return s;

        r = sd_bus_message_new_method_call(bus, &call, TOKENS_BUS_NAME, TOKENS_PATH,
                                           "org.freedesktop.DBus.Properties", "GetAll");
        if (r >= 0)
                r = sd_bus_message_append(call, "s", TOKENS_MANAGER_INTERFACE);
        return r < 0 ? fail_errno(r, "make a call") : bus_send(bus, call, ret);
}

ExitStatus disk_open(const char *account, Disk **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(disk_freep) Disk *d = NULL;
        const char *ca_file = NULL;
        ExitStatus s;

        d = calloc(1, sizeof(Disk));
        if (!d || str_replace(&d->account, account) < 0)
                return fail_errno(-ENOMEM, "ask the Disk");

        s = disk_ask_address(&reply);
        if (s == EXIT_STATUS_OK)
                s = disk_read_address(reply, d, &ca_file);
        if (s == EXIT_STATUS_OK)
                s = connection_new(ca_file, &d->connection);
        if (s != EXIT_STATUS_OK)
                return s;

        *ret = TAKE_PTR(d);
        return EXIT_STATUS_OK;
}

const char *disk_account(const Disk *d) {
        return d->account;
}

void disk_print_head(Disk *d, FILE *f) {
        connection_print_head(d->connection, f);
}

Disk *disk_free(Disk *d) {
        if (!d)
                return NULL;

        connection_free(d->connection);
        free(d->account);
        free(d->url);
        free(d);
        return NULL;
}
