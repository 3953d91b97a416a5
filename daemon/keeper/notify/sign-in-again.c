/* SPDX-License-Identifier: MIT */

#include "keeper/notify/sign-in-again.h"

#include <sys/queue.h>

#include "common/condition.h"
#include "common/i18n.h"
#include "common/log.h"
#include "keeper/sign-in/sign-in.h"
#include "platform/opener.h"

/* A user who has pressed "Sign in": first the keyring is unlocked, then the sign-in runs. */
typedef struct Prompted {
        LIST_ENTRY(Prompted) entry;
        SignInAgain *sign_in_again;
        char *account_id;
        Unlock *unlock;
        SignIn *sign_in;
} Prompted;

struct SignInAgain {
        World *world;
        Notifications *notifications;
        Opener *opener;
        LIST_HEAD(, Prompted) prompted;
};

static Prompted *prompted_free(Prompted *p) {
        if (!p)
                return NULL;

        sign_in_free(p->sign_in);
        unlock_free(p->unlock);
        free(p->account_id);
        free(p);
        return NULL;
}

DEFINE_CLEANUP(Prompted *, prompted_free)

static void prompted_remove(Prompted *p) {
        LIST_REMOVE(p, entry);
        prompted_free(p);
}

static Prompted *sign_in_again_find(const SignInAgain *s, const char *id) {
        Prompted *p;

        LIST_FOREACH(p, &s->prompted, entry)
                if (streq(p->account_id, id))
                        return p;
        return NULL;
}

static Account *prompted_account(const Prompted *p) {
        return accounts_by_id(p->sign_in_again->world->accounts, p->account_id);
}

static bool sign_in_again_is_needed(const Account *account) {
        return account && account_state(account) == ACCOUNT_SIGN_IN_NEEDED;
}

static void prompted_on_prompt(void *userdata) {
        Prompted *p = userdata;
        const SignInPrompt *prompt = sign_in_prompt(p->sign_in);
        _cleanup_free_ char *summary = NULL, *body = NULL;
        const Account *account = prompted_account(p);
        SignInAgain *s = p->sign_in_again;

        if (str_format(&summary, _("Yandex Disk: enter the code %s"), prompt->user_code) < 0 ||
            str_format(&body, _("Open %s and enter the code %s there to sign in to \"%s\" again."),
                       prompt->verification_url, prompt->user_code,
                       account_record(account)->label) < 0)
                return;

        if (notifications_replace(
                    s->notifications, account,
                    &(Note){ .summary = summary, .body = body, .action = _("Open the page") }))
                opener_open(s->opener, prompt->verification_url);
}

static bool prompted_has_secret(const Prompted *p, const Account *account) {
        return applications_client_secret(p->sign_in_again->world->applications,
                                          account_record(account)->client_id);
}

/* Says why the sign-in failed. The sentences of a Condition are for a user at a terminal, so some
 * have to be replaced. */
static int prompted_make_reason(const Prompted *p, const SignInResult *result, char **ret) {
        const Account *account = prompted_account(p);

        if (result->r == CONDITION_KEYRING_LOCKED)
                return str_replace(ret, _("The keyring is locked; unlock it and try again."));

        if (result->r == CONDITION_INVALID_ARGS && !prompted_has_secret(p, account))
                return str_format(ret,
                                  _("The secret of the application is not known; run \"yadiskctl "
                                    "login --client-id %s\" in a terminal."),
                                  account_record(account)->client_id);

        /* Without a sentence it is Yandex that refuses. */
        if (result->r == CONDITION_ACCESS_DENIED && result->sentence)
                return str_replace(ret, _("Another user signed in than the account belongs to; "
                                          "sign in again as its user."));

        return str_replace(ret, i18n_reason(result->sentence ?: condition_sentence(result->r)));
}

static void prompted_show_failure(const Prompted *p, const SignInResult *result) {
        _cleanup_free_ char *summary = NULL, *body = NULL;
        const Account *account = prompted_account(p);

        if (str_format(&summary, _("Yandex Disk: \"%s\" is not signed in"),
                       account_record(account)->label) < 0 ||
            prompted_make_reason(p, result, &body) < 0)
                return;

        (void) notifications_replace(
                p->sign_in_again->notifications, account,
                &(Note){ .summary = summary, .body = body, .action = _("Sign in") });
}

static void prompted_end(Prompted *p, const SignInResult *result) {
        if (result->r != 0)
                prompted_show_failure(p, result);
        prompted_remove(p);
}

static void prompted_on_end(const SignInResult *result, void *userdata) {
        prompted_end(userdata, result);
}

static const SignInEvents sign_in_events = {
        .on_prompt = prompted_on_prompt,
        .on_end = prompted_on_end,
};

static int prompted_start(Prompted *p) {
        const AccountRecord *record = account_record(prompted_account(p));
        _cleanup_(sign_in_details_unrefp) SignInDetails *details = NULL;
        int r;

        r = sign_in_details_new(SIGN_IN_DEVICE, &details);
        if (r == 0)
                r = str_replace(&details->client_id, record->client_id);
        if (r == 0)
                r = strv_copy(record->scopes, &details->scopes);
        if (r == 0)
                r = str_replace(&details->account_id, p->account_id);
        return r < 0 ? r
                     : sign_in_start(p->sign_in_again->world, details, &sign_in_events, p,
                                     &p->sign_in);
}

static void prompted_on_unlocked(int r, void *userdata) {
        Prompted *p = userdata;

        p->unlock = unlock_free(p->unlock);
        /* The keyring may have held a newer grant. */
        if (!sign_in_again_is_needed(prompted_account(p)))
                return prompted_remove(p);

        if (r == 0)
                r = prompted_start(p);
        if (r != 0)
                prompted_end(p, &(SignInResult){ .r = r });
}

/* A user who presses a button sits in front of the screen, so the keyring may ask for its password,
 * as it may not for other work in the background. */
static int prompted_new(SignInAgain *s, const char *id, Prompted **ret) {
        _cleanup_(prompted_freep) Prompted *p = NULL;
        int r;

        p = malloc(sizeof(Prompted));
        if (!p)
                return -ENOMEM;

        *p = (Prompted){ .sign_in_again = s };
        r = str_replace(&p->account_id, id);
        if (r == 0)
                r = loader_unlock(s->world->loader, VAULT_MAY_PROMPT, prompted_on_unlocked, p,
                                  &p->unlock);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(p);
        return 0;
}

void sign_in_again_start(SignInAgain *s, const char *account_id) {
        Prompted *p = sign_in_again_find(s, account_id);

        if (!sign_in_again_is_needed(accounts_by_id(s->world->accounts, account_id)))
                return;
        if (p) {
                if (p->sign_in && sign_in_prompt(p->sign_in))
                        prompted_on_prompt(p);
                return;
        }

        log_event(LOG_INFO, &(LogContext){ .account = account_id },
                  "The user signs in again, from the notification.");
        if (prompted_new(s, account_id, &p) == 0)
                LIST_INSERT_HEAD(&s->prompted, p, entry);
}

void sign_in_again_cancel(SignInAgain *s, const Account *account) {
        Prompted *p = sign_in_again_find(s, account_id(account));

        if (p)
                prompted_remove(p);
}

int sign_in_again_new(World *world, Notifications *notifications, SignInAgain **ret) {
        _cleanup_(sign_in_again_freep) SignInAgain *s = NULL;
        int r;

        s = malloc(sizeof(SignInAgain));
        if (!s)
                return -ENOMEM;

        *s = (SignInAgain){
                .world = world,
                .notifications = notifications,
                .prompted = LIST_HEAD_INITIALIZER(s->prompted),
        };
        r = opener_new(world->event, &s->opener);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

SignInAgain *sign_in_again_free(SignInAgain *s) {
        if (!s)
                return NULL;

        while (!LIST_EMPTY(&s->prompted))
                prompted_remove(LIST_FIRST(&s->prompted));
        opener_free(s->opener);
        free(s);
        return NULL;
}
