/* SPDX-License-Identifier: MIT */

#include "keeper/notify/sign-in-again.h"

#include <sys/queue.h>

#include "common/condition.h"
#include "common/i18n.h"
#include "common/log.h"
#include "keeper/sign-in/sign-in.h"
#include "platform/opener.h"

/* A user on the way back in: first the keyring is unlocked, then the sign-in runs. */
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

static Prompted *prompted_free(Prompted *g) {
        if (!g)
                return NULL;

        sign_in_free(g->sign_in);
        unlock_free(g->unlock);
        free(g->account_id);
        free(g);
        return NULL;
}

DEFINE_CLEANUP(Prompted *, prompted_free)

static void prompted_remove(Prompted *g) {
        LIST_REMOVE(g, entry);
        prompted_free(g);
}

static Prompted *find(const SignInAgain *u, const char *id) {
        Prompted *g;

        LIST_FOREACH(g, &u->prompted, entry)
                if (streq(g->account_id, id))
                        return g;
        return NULL;
}

static Account *prompted_account(const Prompted *g) {
        return accounts_by_id(g->sign_in_again->world->accounts, g->account_id);
}

static bool needs_sign_in(const Account *account) {
        return account && account_state(account) == ACCOUNT_SIGN_IN_NEEDED;
}

static void show_prompt(const Prompted *g, const SignInPrompt *prompt) {
        _cleanup_free_ char *summary = NULL, *body = NULL;
        const Account *account = prompted_account(g);
        SignInAgain *u = g->sign_in_again;

        if (str_format(&summary, _("Yandex Disk: enter the code %s"), prompt->user_code) < 0 ||
            str_format(&body, _("Open %s and enter the code %s there to sign in to \"%s\" again."),
                       prompt->verification_url, prompt->user_code,
                       account_record(account)->label) < 0)
                return;

        if (notifications_replace(
                    u->notifications, account,
                    &(Note){ .summary = summary, .body = body, .action = _("Open the page") }))
                opener_open(u->opener, prompt->verification_url);
}

static bool has_secret(const Prompted *g, const Account *account) {
        return applications_client_secret(g->sign_in_again->world->applications,
                                          account_record(account)->client_id);
}

/* Why it failed, where the user is at a desktop and not at a terminal; else the Condition has the words. */
static int make_reason(const Prompted *g, const SignInResult *result, char **ret) {
        const Account *account = prompted_account(g);

        if (result->r == CONDITION_KEYRING_LOCKED)
                return str_replace(ret, _("The keyring is locked; unlock it and try again."));

        if (result->r == CONDITION_INVALID_ARGS && !has_secret(g, account))
                return str_format(ret,
                                  _("The secret of the application is not known; run \"yadiskctl "
                                    "login --client-id %s\" in a terminal."),
                                  account_record(account)->client_id);

        /* Yandex's own refusal needs no sentence beside that of the Condition. */
        if (result->r == CONDITION_ACCESS_DENIED && result->sentence)
                return str_replace(ret, _("Somebody else signed in than the account belongs to; "
                                          "sign in again as its user."));

        return str_replace(ret, _(result->sentence ?: condition_sentence(result->r)));
}

static void show_failure(const Prompted *g, const SignInResult *result) {
        _cleanup_free_ char *summary = NULL, *body = NULL;
        const Account *account = prompted_account(g);

        if (str_format(&summary, _("Yandex Disk: \"%s\" is not signed in"),
                       account_record(account)->label) < 0 ||
            make_reason(g, result, &body) < 0)
                return;

        (void) notifications_replace(
                g->sign_in_again->notifications, account,
                &(Note){ .summary = summary, .body = body, .action = _("Sign in") });
}

static void end(Prompted *g, const SignInResult *result) {
        if (result->r != 0)
                show_failure(g, result);
        prompted_remove(g);
}

static void on_prompt(void *userdata) {
        Prompted *g = userdata;

        show_prompt(g, sign_in_prompt(g->sign_in));
}

static void on_end(const SignInResult *result, void *userdata) {
        end(userdata, result);
}

static const SignInEvents sign_in_events = {
        .on_prompt = on_prompt,
        .on_end = on_end,
};

static int start(Prompted *g) {
        const AccountRecord *record = account_record(prompted_account(g));
        _cleanup_(sign_in_details_unrefp) SignInDetails *details = NULL;
        int r;

        r = sign_in_details_new(SIGN_IN_DEVICE, &details);
        if (r == 0)
                r = str_replace(&details->client_id, record->client_id);
        if (r == 0)
                r = strv_copy(record->scopes, &details->scopes);
        if (r == 0)
                r = str_replace(&details->account_id, g->account_id);
        return r < 0 ? r
                     : sign_in_start(g->sign_in_again->world, details, &sign_in_events, g,
                                     &g->sign_in);
}

static void on_unlocked(int r, void *userdata) {
        Prompted *g = userdata;

        g->unlock = unlock_free(g->unlock);
        if (!needs_sign_in(prompted_account(g))) /* a newer grant was found in the keyring */
                return prompted_remove(g);

        if (r == 0)
                r = start(g);
        if (r != 0)
                end(g, &(SignInResult){ .r = r });
}

/* Who presses a button sits in front of the screen and wants something of us: so he may be asked for the
 * password of the keyring, which nobody else in the background is. */
static int prompted_new(SignInAgain *u, const char *id, Prompted **ret) {
        _cleanup_(prompted_freep) Prompted *g = NULL;
        int r;

        g = malloc(sizeof(Prompted));
        if (!g)
                return -ENOMEM;

        *g = (Prompted){ .sign_in_again = u };
        r = str_replace(&g->account_id, id);
        if (r == 0)
                r = loader_unlock(u->world->loader, VAULT_MAY_PROMPT, on_unlocked, g, &g->unlock);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(g);
        return 0;
}

static void receive_again(const Prompted *g) {
        const SignInPrompt *prompt = g->sign_in ? sign_in_prompt(g->sign_in) : NULL;

        if (prompt)
                show_prompt(g, prompt);
}

void sign_in_again_start(SignInAgain *u, const char *account_id) {
        Prompted *g = find(u, account_id);

        if (!needs_sign_in(accounts_by_id(u->world->accounts, account_id)))
                return;
        if (g)
                return receive_again(g);

        log_event(LOG_INFO, &(LogContext){ .account = account_id },
                  "The user signs in again, from the notification.");
        if (prompted_new(u, account_id, &g) == 0)
                LIST_INSERT_HEAD(&u->prompted, g, entry);
}

void sign_in_again_cancel(SignInAgain *u, const Account *account) {
        Prompted *g = find(u, account_id(account));

        if (g)
                prompted_remove(g);
}

int sign_in_again_new(World *world, Notifications *notifications, SignInAgain **ret) {
        _cleanup_(sign_in_again_freep) SignInAgain *u = NULL;
        int r;

        u = malloc(sizeof(SignInAgain));
        if (!u)
                return -ENOMEM;

        *u = (SignInAgain){
                .world = world,
                .notifications = notifications,
                .prompted = LIST_HEAD_INITIALIZER(u->prompted),
        };
        r = opener_new(world->event, &u->opener);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(u);
        return 0;
}

SignInAgain *sign_in_again_free(SignInAgain *u) {
        if (!u)
                return NULL;

        while (!LIST_EMPTY(&u->prompted))
                prompted_remove(LIST_FIRST(&u->prompted));
        opener_free(u->opener);
        free(u);
        return NULL;
}
