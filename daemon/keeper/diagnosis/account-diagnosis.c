/* SPDX-License-Identifier: MIT */

/*
 * The application is asked about beside the rest: another host answers. On the Disk one thing follows from
 * the other: where the token is dead there is nothing more to ask, and whether the folder of the application
 * may be read matters only where the whole Disk may not.
 */

#include "keeper/diagnosis/account-diagnosis.h"

#include "common/condition.h"
#include "common/deadlines.h"
#include "common/i18n.h"
#include "keeper/account/token-probe.h"
#include "platform/clock.h"

struct AccountDiagnosis {
        AccountDiagnosisFn fn;
        void *userdata;

        World *world;
        char *id;
        Secret *access_token; /* NULL: the account has none yet */
        AccountFindings findings;

        TokenProbe *check;
        OauthCall *disk;
        OauthDiskPart part;
        bool asked_again; /* about that part */
        OauthCall *application;
        Alarm *deadline;
};

static void fail(AccountDiagnosis *d, int r) {
        d->fn(r, NULL, d->userdata);
}

static void finish(AccountDiagnosis *d) {
        d->fn(0, &d->findings, d->userdata);
}

static void finish_if_done(AccountDiagnosis *d) {
        if (!d->check && !d->disk && !d->application)
                finish(d);
}

/* The first is told. */
static void note_reason(AccountDiagnosis *d, const char *reason) {
        if (str_is_empty(d->findings.reason))
                d->findings.reason = str_or_empty(reason);
}

static void on_disk(const OauthAnswer *answer, void *userdata);

static void ask_disk(AccountDiagnosis *d) {
        int r;

        r = oauth_disk(d->world->oauth, d->part, d->access_token, on_disk, d, &d->disk);
        if (r < 0)
                fail(d, r);
}

/* Takes down what the Disk said of the part. Whether there is more to ask. */
static bool take_verdict(AccountDiagnosis *d, OauthDiskVerdict verdict) {
        AccountFindings *f = &d->findings;

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

/* A renewal does not wait for us, and may end the token that is looked at. Whether there is another now. */
static bool take_newer_token(AccountDiagnosis *d) {
        Account *a = accounts_by_id(d->world->accounts, d->id);
        Grant *grant = a ? account_record(a)->current : NULL;

        if (!grant || secret_equal(grant_access_token(grant), d->access_token))
                return false;

        secret_unref(d->access_token);
        d->access_token = secret_ref(grant_access_token(grant));
        return true;
}

/* A token that was just accepted may be refused all the same, now and then: see keeper/check. */
static bool is_worth_asking_again(AccountDiagnosis *d) {
        if (!take_newer_token(d) && d->asked_again)
                return false;

        d->asked_again = true;
        return true;
}

static void on_disk(const OauthAnswer *answer, void *userdata) {
        AccountDiagnosis *d = userdata;

        d->disk = oauth_call_free(d->disk);
        if (answer->r < 0)
                return fail(d, answer->r);

        if (answer->r == CONDITION_ACCESS_DENIED && is_worth_asking_again(d))
                return ask_disk(d);
        if (answer->r == 0 && take_verdict(d, answer->disk)) {
                d->asked_again = false;
                d->part++;
                return ask_disk(d);
        }

        note_reason(d, answer->reason);
        finish_if_done(d);
}

static int look_at_token(AccountDiagnosis *d);

static void on_checked(int r, const char *reason, void *userdata) {
        AccountDiagnosis *d = userdata;

        d->check = token_probe_free(d->check);
        if (r == CONDITION_ACCESS_DENIED && take_newer_token(d)) {
                r = look_at_token(d);
                if (r == 0)
                        return;
        }
        if (r < 0)
                return fail(d, r);
        if (r == 0) {
                d->findings.token = VERDICT_ACCEPTED;
                return ask_disk(d);
        }

        if (r == CONDITION_ACCESS_DENIED)
                d->findings.token = VERDICT_REFUSED;
        else
                note_reason(d, reason);
        finish_if_done(d);
}

static int look_at_token(AccountDiagnosis *d) {
        return token_probe_start(d->world->event, d->world->oauth, d->access_token, on_checked, d,
                                 &d->check);
}

static void on_application(const OauthAnswer *answer, void *userdata) {
        AccountDiagnosis *d = userdata;

        d->application = oauth_call_free(d->application);
        if (answer->r < 0)
                return fail(d, answer->r);

        if (answer->r == 0)
                d->findings.application = VERDICT_ACCEPTED;
        else if (answer->r == CONDITION_APP_REFUSED)
                d->findings.application = VERDICT_REFUSED;
        else
                note_reason(d, answer->reason);
        finish_if_done(d);
}

static void on_deadline(void *userdata) {
        AccountDiagnosis *d = userdata;

        note_reason(d, N_("no answer in time"));
        finish(d);
}

static int start(AccountDiagnosis *d, const AccountRecord *record) {
        int r;

        r = str_replace(&d->id, record->id);
        if (r < 0)
                return r;

        r = alarm_new(d->world->event, "account-diagnosis", on_deadline, d, &d->deadline);
        if (r == 0)
                r = alarm_set_after(d->deadline, DEADLINE_DIAGNOSIS_MS);
        if (r < 0)
                return r;

        if (!d->access_token)
                note_reason(d, N_("there is no access token yet"));
        else
                r = look_at_token(d);
        if (r < 0)
                return r;

        return oauth_device_code(d->world->oauth, record->client_id, NULL, on_application, d,
                                 &d->application);
}

int account_diagnosis_start(World *w, Account *account, AccountDiagnosisFn fn, void *userdata,
                            AccountDiagnosis **ret) {
        _cleanup_(account_diagnosis_freep) AccountDiagnosis *d = NULL;
        const AccountRecord *record = account_record(account);
        int r;

        if (account_state(account) == ACCOUNT_LOCKED)
                return account_refusal(account);

        d = malloc(sizeof(AccountDiagnosis));
        if (!d)
                return -ENOMEM;

        *d = (AccountDiagnosis){
                .fn = fn,
                .userdata = userdata,
                .world = w,
                .access_token = secret_ref(grant_access_token(record->current)),
                .findings = { .reason = "" },
        };

        r = start(d, record);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(d);
        return 0;
}

AccountDiagnosis *account_diagnosis_free(AccountDiagnosis *d) {
        if (!d)
                return NULL;

        alarm_free(d->deadline);
        oauth_call_free(d->application);
        oauth_call_free(d->disk);
        token_probe_free(d->check);
        secret_unref(d->access_token);
        free(d->id);
        free(d);
        return NULL;
}
