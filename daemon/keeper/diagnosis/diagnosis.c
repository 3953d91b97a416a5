/* SPDX-License-Identifier: MIT */

#include "keeper/diagnosis/diagnosis.h"

#include "common/condition.h"
#include "common/deadlines.h"
#include "common/i18n.h"
#include "common/strv.h"
#include "keeper/account/token-probe.h"
#include "platform/clock.h"
#include "platform/machine.h"

/* How one host answered. */
typedef struct HostProbe {
        Diagnosis *diagnosis;
        OauthCall *call;
        bool reached;
        bool untrusted;
        const char *reason; /* NULL if all is well */
        int64_t server_time;
        int64_t local_time;
} HostProbe;

struct Diagnosis {
        DiagnosisFn fn;
        void *userdata;
        World *world;
        Findings findings;

        /* For the network. */
        HostProbe hosts[_OAUTH_HOST_MAX];
        unsigned n_awaited;

        /* For an account. */
        char *account_id;
        Secret *access_token; /* NULL: the account has none yet */
        TokenProbe *token_probe;
        OauthCall *disk;
        OauthDiskPart part;
        bool asked_again; /* about this part */
        Alarm *deadline;

        /* For an application, which may be that of an account. */
        char *client_id;
        Secret *client_secret;
        char **scopes;
        size_t n_scopes_asked;
        char **missing_scopes;
        OauthCall *application;
};

static int diagnosis_new(World *w, DiagnosisFn fn, void *userdata, Diagnosis **ret) {
        Diagnosis *d;

        d = malloc(sizeof(Diagnosis));
        if (!d)
                return -ENOMEM;

        *d = (Diagnosis){
                .fn = fn,
                .userdata = userdata,
                .world = w,
        };
        *ret = d;
        return 0;
}

Diagnosis *diagnosis_free(Diagnosis *d) {
        if (!d)
                return NULL;

        for (OauthHost host = 0; host < _OAUTH_HOST_MAX; host++)
                oauth_call_free(d->hosts[host].call);
        alarm_free(d->deadline);
        oauth_call_free(d->disk);
        token_probe_free(d->token_probe);
        oauth_call_free(d->application);
        strv_free(d->missing_scopes);
        strv_free(d->scopes);
        secret_unref(d->client_secret);
        secret_unref(d->access_token);
        free(d->client_id);
        free(d->account_id);
        free(d);
        return NULL;
}

static void diagnosis_finish(Diagnosis *d) {
        d->fn(0, &d->findings, d->userdata);
}

static void diagnosis_fail(Diagnosis *d, int r) {
        d->fn(r, NULL, d->userdata);
}

/* The network. */

/* The hosts are heard in their order, so that the same problem gives the same words whichever
 * answer comes first. */
static void diagnosis_sum_up_hosts(Diagnosis *d) {
        NetworkFindings *f = &d->findings.network;

        *f = (NetworkFindings){
                .reachable = true,
                .trusted = true,
                .reason = "",
                .host = "",
                .local_time = clock_now(),
        };

        for (OauthHost host = 0; host < _OAUTH_HOST_MAX; host++) {
                const HostProbe *p = &d->hosts[host];

                f->reachable = f->reachable && p->reached;
                f->trusted = f->trusted && !p->untrusted;
                if (p->reason && str_is_empty(f->reason)) {
                        f->reason = p->reason;
                        f->host = oauth_host_url(d->world->oauth, host);
                }
                if (p->server_time > 0 && f->server_time == 0) {
                        f->server_time = p->server_time;
                        f->local_time = p->local_time;
                }
        }
}

static void diagnosis_on_host(const OauthAnswer *answer, void *userdata) {
        HostProbe *p = userdata;
        Diagnosis *d = p->diagnosis;

        p->call = oauth_call_free(p->call);
        if (answer->r < 0)
                return diagnosis_fail(d, answer->r);

        p->reached = answer->r != CONDITION_OFFLINE;
        p->untrusted = answer->untrusted;
        p->reason = answer->reason;
        p->server_time = answer->date;
        p->local_time = clock_now();
        if (--d->n_awaited > 0)
                return;

        diagnosis_sum_up_hosts(d);
        /* The tokens come from this host. */
        world_reached(d->world, d->hosts[OAUTH_HOST_OAUTH].reached);
        diagnosis_finish(d);
}

int diagnosis_of_network(World *w, DiagnosisFn fn, void *userdata, Diagnosis **ret) {
        _cleanup_(diagnosis_freep) Diagnosis *d = NULL;
        int r;

        r = diagnosis_new(w, fn, userdata, &d);
        for (OauthHost host = 0; r == 0 && host < _OAUTH_HOST_MAX; host++) {
                HostProbe *p = &d->hosts[host];

                p->diagnosis = d;
                d->n_awaited++;
                r = oauth_reach(w->oauth, host, diagnosis_on_host, p, &p->call);
        }
        if (r < 0)
                return r;

        *ret = TAKE_PTR(d);
        return 0;
}

/*
 * An account. Its application is asked about at the same time as its token, since another host
 * answers. On the Disk one question follows from the other: if the token is dead there is nothing
 * more to ask, and the folder of the application matters only if the token may not read the whole
 * Disk.
 */

static void diagnosis_finish_account_if_done(Diagnosis *d) {
        if (!d->token_probe && !d->disk && !d->application)
                diagnosis_finish(d);
}

/* Keeps the first reason. */
static void diagnosis_note_reason(Diagnosis *d, const char *reason) {
        if (str_is_empty(d->findings.account.reason))
                d->findings.account.reason = str_or_empty(reason);
}

/* A refresh does not wait for the diagnosis, and may end the token that is looked at. Returns
 * whether there is another token now. */
static bool diagnosis_take_newer_token(Diagnosis *d) {
        Account *a = accounts_by_id(d->world->accounts, d->account_id);
        Grant *grant = a ? account_record(a)->current : NULL;

        if (!grant || secret_equal(grant->access_token, d->access_token))
                return false;

        secret_unref(d->access_token);
        d->access_token = secret_ref(grant->access_token);
        return true;
}

/* Notes what the Disk said of the part. Returns whether the next part is to be asked about. */
static bool diagnosis_note_disk(Diagnosis *d, OauthDiskVerdict verdict) {
        AccountFindings *f = &d->findings.account;

        if (verdict == OAUTH_DISK_UNSUPPORTED) {
                f->disk = VERDICT_REFUSED;
                return false;
        }

        if (verdict == OAUTH_DISK_GRANTED)
                f->disk = VERDICT_ACCEPTED;
        if (d->part == OAUTH_DISK_INFO) {
                f->lacks_info = verdict == OAUTH_DISK_FORBIDDEN;
                return true;
        }
        if (d->part == OAUTH_DISK_FILES)
                return verdict == OAUTH_DISK_FORBIDDEN;

        f->app_folder = verdict == OAUTH_DISK_GRANTED;
        f->lacks_read = verdict == OAUTH_DISK_FORBIDDEN;
        return false;
}

static void diagnosis_ask_disk(Diagnosis *d);

static void diagnosis_on_disk(const OauthAnswer *answer, void *userdata) {
        Diagnosis *d = userdata;

        d->disk = oauth_call_free(d->disk);
        if (answer->r < 0)
                return diagnosis_fail(d, answer->r);

        /* The Disk sometimes refuses a token that it has just accepted; see
         * keeper/account/token-probe.h. */
        if (answer->r == CONDITION_ACCESS_DENIED &&
            (diagnosis_take_newer_token(d) || !d->asked_again)) {
                d->asked_again = true;
                return diagnosis_ask_disk(d);
        }
        if (answer->r == 0 && diagnosis_note_disk(d, answer->disk)) {
                d->asked_again = false;
                d->part++;
                return diagnosis_ask_disk(d);
        }

        diagnosis_note_reason(d, answer->reason);
        diagnosis_finish_account_if_done(d);
}

static void diagnosis_ask_disk(Diagnosis *d) {
        int r;

        r = oauth_disk(d->world->oauth, d->part, d->access_token, diagnosis_on_disk, d, &d->disk);
        if (r < 0)
                diagnosis_fail(d, r);
}

static int diagnosis_probe_token(Diagnosis *d);

static void diagnosis_on_token_probed(int r, const char *reason, void *userdata) {
        Diagnosis *d = userdata;

        d->token_probe = token_probe_free(d->token_probe);
        if (r == CONDITION_ACCESS_DENIED && diagnosis_take_newer_token(d)) {
                r = diagnosis_probe_token(d);
                if (r == 0)
                        return;
        }
        if (r < 0)
                return diagnosis_fail(d, r);
        if (r == 0) {
                d->findings.account.token = VERDICT_ACCEPTED;
                return diagnosis_ask_disk(d);
        }

        if (r == CONDITION_ACCESS_DENIED)
                d->findings.account.token = VERDICT_REFUSED;
        else
                diagnosis_note_reason(d, reason);
        diagnosis_finish_account_if_done(d);
}

static int diagnosis_probe_token(Diagnosis *d) {
        return token_probe_start(d->world->event, d->world->oauth, d->access_token,
                                 diagnosis_on_token_probed, d, &d->token_probe);
}

static void diagnosis_on_account_application(const OauthAnswer *answer, void *userdata) {
        Diagnosis *d = userdata;

        d->application = oauth_call_free(d->application);
        if (answer->r < 0)
                return diagnosis_fail(d, answer->r);

        if (answer->r == 0)
                d->findings.account.application = VERDICT_ACCEPTED;
        else if (condition_is_of_application(answer->r))
                d->findings.account.application = VERDICT_REFUSED;
        else
                diagnosis_note_reason(d, answer->reason);
        diagnosis_finish_account_if_done(d);
}

static void diagnosis_on_deadline(void *userdata) {
        Diagnosis *d = userdata;

        diagnosis_note_reason(d, N_("no answer in time"));
        diagnosis_finish(d);
}

int diagnosis_of_account(World *w, Account *account, DiagnosisFn fn, void *userdata,
                         Diagnosis **ret) {
        _cleanup_(diagnosis_freep) Diagnosis *d = NULL;
        const AccountRecord *record = account_record(account);
        Secret *client_secret;
        int r;

        if (account_state(account) == ACCOUNT_LOCKED)
                return account_refusal(account);

        r = diagnosis_new(w, fn, userdata, &d);
        if (r == 0)
                r = str_replace(&d->account_id, record->id);
        if (r == 0)
                r = alarm_new(w->event, "account-diagnosis", diagnosis_on_deadline, d,
                              &d->deadline);
        if (r == 0)
                r = alarm_set_after(d->deadline, DEADLINE_DIAGNOSIS_MS);
        if (r < 0)
                return r;

        d->findings.account = (AccountFindings){ .reason = "" };
        d->findings.account.secret = account_find_client_secret(account, &client_secret);
        d->access_token = secret_ref(record->current->access_token);
        if (d->access_token)
                r = diagnosis_probe_token(d);
        else
                diagnosis_note_reason(d, N_("there is no access token yet"));
        if (r == 0)
                r = oauth_device_code(w->oauth, record->client_id, NULL,
                                      diagnosis_on_account_application, d, &d->application);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(d);
        return 0;
}

/*
 * An application. /device/code takes no client secret, so its answer tells of the client id and the
 * scopes alone. /token looks at the client secret before it looks at the code, so its answer to a
 * made-up code tells of the secret.
 */

/* An unexpected answer means that the server is in trouble, too. */
static void diagnosis_fail_application(Diagnosis *d, int r) {
        if (r > 0 && r != CONDITION_OFFLINE && r != CONDITION_RATE_LIMITED &&
            r != CONDITION_APP_NOT_ALLOWED && !condition_is_unknown_refusal(r))
                r = CONDITION_SERVER_TROUBLE;

        diagnosis_fail(d, r);
}

static void diagnosis_ask_next_scope(Diagnosis *d);

static void diagnosis_on_scope(const OauthAnswer *answer, void *userdata) {
        Diagnosis *d = userdata;
        int r = 0;

        d->application = oauth_call_free(d->application);
        if (answer->r != 0 && answer->r != CONDITION_INVALID_ARGS)
                return diagnosis_fail_application(d, answer->r);

        if (answer->r != 0)
                r = strv_extend(&d->missing_scopes, d->scopes[d->n_scopes_asked]);
        if (r < 0)
                return diagnosis_fail(d, r);

        d->n_scopes_asked++;
        diagnosis_ask_next_scope(d);
}

/* If Yandex refused the scopes together, each is asked about by itself. */
static void diagnosis_ask_next_scope(Diagnosis *d) {
        char *scope[] = { NULL, NULL };
        int r;

        if (d->findings.application.scopes == VERDICT_REFUSED)
                scope[0] = d->scopes[d->n_scopes_asked];
        if (!scope[0]) {
                d->findings.application.missing_scopes = d->missing_scopes;
                return diagnosis_finish(d);
        }

        r = oauth_device_code(d->world->oauth, d->client_id, scope, diagnosis_on_scope, d,
                              &d->application);
        if (r < 0)
                diagnosis_fail(d, r);
}

/* If Yandex complains about the code, it has accepted the client secret. */
static void diagnosis_on_secret(const OauthAnswer *answer, void *userdata) {
        Diagnosis *d = userdata;

        d->application = oauth_call_free(d->application);
        if (answer->r == CONDITION_APP_NOT_ALLOWED || (answer->r != 0 && !answer->error))
                return diagnosis_fail_application(d, answer->r);

        d->findings.application.secret =
                streq(answer->error, "invalid_client") ? VERDICT_REFUSED : VERDICT_ACCEPTED;
        if (d->findings.application.secret == VERDICT_ACCEPTED)
                applications_accept(d->world->applications, d->client_id, d->client_secret, NULL);
        diagnosis_ask_next_scope(d);
}

static int diagnosis_ask_secret(Diagnosis *d) {
        OauthClient client = { .client_id = d->client_id, .client_secret = d->client_secret };
        _cleanup_(secret_unrefp) Secret *code = NULL;
        _cleanup_free_ char *text = NULL;
        int r;

        r = machine_random_id(&text);
        if (r == 0)
                r = secret_new_from(text, strlen(text), &code);
        if (r < 0)
                return r;

        return oauth_token_by_device_code(d->world->oauth, &client, code, NULL, diagnosis_on_secret,
                                          d, &d->application);
}

static void diagnosis_on_client_id(const OauthAnswer *answer, void *userdata) {
        Diagnosis *d = userdata;
        ApplicationFindings *f = &d->findings.application;
        int r;

        d->application = oauth_call_free(d->application);
        world_reached(d->world, answer->r != CONDITION_OFFLINE);
        if (answer->r == CONDITION_APP_REFUSED) {
                f->id = VERDICT_REFUSED;
                return diagnosis_finish(d);
        }
        if (answer->r != 0 && answer->r != CONDITION_INVALID_ARGS)
                return diagnosis_fail_application(d, answer->r);

        f->id = VERDICT_ACCEPTED;
        if (d->scopes)
                f->scopes = answer->r == 0 ? VERDICT_ACCEPTED : VERDICT_REFUSED;
        if (!d->client_secret)
                return diagnosis_ask_next_scope(d);

        r = diagnosis_ask_secret(d);
        if (r < 0)
                diagnosis_fail(d, r);
}

int diagnosis_of_application(World *w, const ApplicationQuestion *question, DiagnosisFn fn,
                             void *userdata, Diagnosis **ret) {
        _cleanup_(diagnosis_freep) Diagnosis *d = NULL;
        int r;

        r = diagnosis_new(w, fn, userdata, &d);
        if (r == 0)
                r = str_replace(&d->client_id, question->client_id);
        if (r == 0)
                r = strv_copy(question->scopes, &d->scopes);
        if (r < 0)
                return r;

        d->findings.application = (ApplicationFindings){};
        d->client_secret = secret_ref(question->client_secret);
        r = oauth_device_code(w->oauth, d->client_id, d->scopes, diagnosis_on_client_id, d,
                              &d->application);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(d);
        return 0;
}
