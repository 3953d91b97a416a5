/* SPDX-License-Identifier: MIT */

#include "keeper/notify/sign-in-again.h"

#include <sys/queue.h>

#include "common/condition.h"
#include "common/i18n.h"
#include "common/log.h"
#include "keeper/sign-in/sign-in.h"
#include "platform/opener.h"

/* A user on the way back in: first the keyring is unlocked, then the sign-in runs. */
typedef struct Guest {
        LIST_ENTRY(Guest) entry;
        Usher *usher;
        char *account_id;
        Unlock *unlock;
        SignIn *sign_in;
} Guest;

struct Usher {
        Keeper *keeper;
        Herald *herald;
        Opener *opener;
        LIST_HEAD(, Guest) guests;
};

static Guest *guest_free(Guest *g) {
        if (!g)
                return NULL;

        sign_in_free(g->sign_in);
        unlock_free(g->unlock);
        free(g->account_id);
        free(g);
        return NULL;
}

DEFINE_CLEANUP(Guest *, guest_free)

static void guest_remove(Guest *g) {
        LIST_REMOVE(g, entry);
        guest_free(g);
}

static Guest *find(const Usher *u, const char *id) {
        Guest *g;

        LIST_FOREACH(g, &u->guests, entry)
                if (streq(g->account_id, id))
                        return g;
        return NULL;
}

static Account *guest_account(const Guest *g) {
        return keeper_account_by_id(g->usher->keeper, g->account_id);
}

static bool needs_sign_in(const Account *account) {
        return account && account_state(account) == ACCOUNT_SIGN_IN_NEEDED;
}

static void show_prompt(const Guest *g, const SignInPrompt *prompt) {
        _cleanup_free_ char *summary = NULL, *body = NULL;
        const Account *account = guest_account(g);
        Usher *u = g->usher;

        if (str_format(&summary, _("Yandex Disk: enter the code %s"), prompt->user_code) < 0 ||
            str_format(&body, _("Open %s and enter the code %s there to sign in to \"%s\" again."),
                       prompt->verification_url, prompt->user_code,
                       account_record(account)->label) < 0)
                return;

        if (herald_tell(u->herald, account,
                        &(Note){ .summary = summary, .body = body, .action = _("Open the page") }))
                opener_open(u->opener, prompt->verification_url);
}

static bool has_secret(const Guest *g, const Account *account) {
        return applications_client_secret(keeper_applications(g->usher->keeper),
                                          account_record(account)->client_id);
}

/* Why it failed, where the user is at a desktop and not at a terminal; else the Condition has the words. */
static int make_reason(const Guest *g, const SignInResult *result, char **ret) {
        const Account *account = guest_account(g);

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

static void show_failure(const Guest *g, const SignInResult *result) {
        _cleanup_free_ char *summary = NULL, *body = NULL;
        const Account *account = guest_account(g);

        if (str_format(&summary, _("Yandex Disk: \"%s\" is not signed in"),
                       account_record(account)->label) < 0 ||
            make_reason(g, result, &body) < 0)
                return;

        (void) herald_tell(g->usher->herald, account,
                           &(Note){ .summary = summary, .body = body, .action = _("Sign in") });
}

static void end(Guest *g, const SignInResult *result) {
        if (result->r != 0)
                show_failure(g, result);
        guest_remove(g);
}

static void on_prompt(void *userdata) {
        Guest *g = userdata;

        show_prompt(g, sign_in_prompt(g->sign_in));
}

static void on_end(const SignInResult *result, void *userdata) {
        end(userdata, result);
}

static const SignInEvents sign_in_events = {
        .on_prompt = on_prompt,
        .on_end = on_end,
};

static int start(Guest *g) {
        const AccountRecord *record = account_record(guest_account(g));
        SignInOptions options = {
                .client_id = record->client_id,
                .scopes = record->scopes,
                .account_id = g->account_id,
        };

        return sign_in_start(g->usher->keeper, &options, &sign_in_events, g, &g->sign_in);
}

static void on_unlocked(int r, void *userdata) {
        Guest *g = userdata;

        g->unlock = unlock_free(g->unlock);
        if (!needs_sign_in(guest_account(g))) /* a newer grant was found in the keyring */
                return guest_remove(g);

        if (r == 0)
                r = start(g);
        if (r != 0)
                end(g, &(SignInResult){ .r = r });
}

/* Who presses a button sits in front of the screen and wants something of us: so he may be asked for the
 * password of the keyring, which nobody else in the background is. */
static int guest_new(Usher *u, const char *id, Guest **ret) {
        _cleanup_(guest_freep) Guest *g = NULL;
        int r;

        g = malloc(sizeof(Guest));
        if (!g)
                return -ENOMEM;

        *g = (Guest){ .usher = u };
        r = str_replace(&g->account_id, id);
        if (r == 0)
                r = loader_unlock(keeper_loader(u->keeper), VAULT_MAY_PROMPT, on_unlocked, g,
                                  &g->unlock);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(g);
        return 0;
}

static void receive_again(const Guest *g) {
        const SignInPrompt *prompt = g->sign_in ? sign_in_prompt(g->sign_in) : NULL;

        if (prompt)
                show_prompt(g, prompt);
}

void usher_receive(Usher *u, const char *account_id) {
        Guest *g = find(u, account_id);

        if (!needs_sign_in(keeper_account_by_id(u->keeper, account_id)))
                return;
        if (g)
                return receive_again(g);

        log_event(LOG_INFO, &(LogContext){ .account = account_id },
                  "The user signs in again, from the notification.");
        if (guest_new(u, account_id, &g) == 0)
                LIST_INSERT_HEAD(&u->guests, g, entry);
}

void usher_forget(Usher *u, const Account *account) {
        Guest *g = find(u, account_id(account));

        if (g)
                guest_remove(g);
}

int usher_new(Keeper *keeper, Herald *herald, Usher **ret) {
        _cleanup_(usher_freep) Usher *u = NULL;
        int r;

        u = malloc(sizeof(Usher));
        if (!u)
                return -ENOMEM;

        *u = (Usher){
                .keeper = keeper,
                .herald = herald,
                .guests = LIST_HEAD_INITIALIZER(u->guests),
        };
        r = opener_new(keeper_event(keeper), &u->opener);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(u);
        return 0;
}

Usher *usher_free(Usher *u) {
        if (!u)
                return NULL;

        while (!LIST_EMPTY(&u->guests))
                guest_remove(LIST_FIRST(&u->guests));
        opener_free(u->opener);
        free(u);
        return NULL;
}
