/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in/sign-out.h"

#include "common/condition.h"
#include "common/i18n.h"
#include "common/log.h"

struct SignOut {
        SignOutFn fn;
        void *userdata;
        World *world;
        char *account_id;
        char *client_id;
        bool revoke;
        bool has_begun;  /* on the account */
        bool has_turned; /* to the secret before, since Yandex refused the new one */

        bool revoked;
        const char *reason;

        Unlock *unlock;
        OauthCall *call;
        VaultCall *erase;
};

static void sign_out_finish(SignOut *s) {
        s->fn(0, s->revoked, s->reason, s->userdata);
}

static void sign_out_fail(SignOut *s, int r) {
        Account *account = accounts_by_id(s->world->accounts, s->account_id);

        if (account && s->has_begun)
                account_cancel_sign_out(account, s->revoked);
        s->fn(r, s->revoked, s->reason, s->userdata);
}

static void sign_out_on_application_erased(int r, void *userdata) {
        SignOut *s = userdata;

        s->erase = vault_call_free(s->erase);
        if (!accounts_end_erasure(s->world->accounts, s->client_id, r) && r != 0)
                log_event(LOG_WARNING, &(LogContext){ .condition = r },
                          "The application without accounts is still in the keyring.");
        sign_out_finish(s);
}

/* An application goes with its last account, unless it was added by hand. */
static bool sign_out_outlives_its_accounts(const SignOut *s) {
        const Application *a = applications_find(s->world->applications, s->client_id);

        return accounts_use_application(s->world->accounts, s->client_id) || !a ||
               application_is_kept(a);
}

static void sign_out_on_account_erased(int r, void *userdata) {
        SignOut *s = userdata;
        Account *account;

        s->erase = vault_call_free(s->erase);
        if (r != 0)
                return sign_out_fail(s, r);

        account = accounts_by_id(s->world->accounts, s->account_id);
        if (account)
                accounts_remove(s->world->accounts, account);
        log_event(LOG_INFO, &(LogContext){ .account = s->account_id }, "Signed out.");

        if (sign_out_outlives_its_accounts(s))
                return sign_out_finish(s);

        r = applications_erase(s->world->applications, s->client_id, sign_out_on_application_erased,
                               s, &s->erase);
        if (r < 0)
                sign_out_finish(s);
}

static void sign_out_erase_account(SignOut *s) {
        VaultKey key = {
                .kind = VAULT_ACCOUNT,
                .id = s->account_id,
                .client_id = s->client_id,
        };
        Account *account = accounts_by_id(s->world->accounts, s->account_id);
        int r;

        /* A write under way would bring the item back. */
        if (account)
                account_begin_sign_out(account);

        r = vault_erase(s->world->vault, &key, VAULT_NO_PROMPT, sign_out_on_account_erased, s,
                        &s->erase);
        if (r < 0)
                sign_out_fail(s, r);
}

/* An account that was signed in without a client secret may have none. */
static Secret *sign_out_client_secret(const SignOut *s) {
        return applications_client_secret(s->world->applications, s->client_id);
}

static const char without_secret[] =
        N_("Yandex revokes nothing without the secret of the application, which is not known; end "
           "the access at https://id.yandex.ru/personal/data-access.");

static const char *sign_out_outcome(const SignOut *s, const OauthAnswer *answer) {
        if (answer->r == 0 && answer->revocable)
                return "";
        if (answer->r == 0)
                return N_("Yandex cannot revoke this token; end the access at "
                          "https://id.yandex.ru/personal/data-access.");
        if (answer->r == CONDITION_OFFLINE)
                return N_("Yandex could not be reached; end the access at "
                          "https://id.yandex.ru/personal/data-access.");
        if (answer->r == CONDITION_APP_REFUSED && !sign_out_client_secret(s))
                return without_secret;
        if (answer->r == CONDITION_APP_REFUSED)
                return N_("Yandex refused the application; end the access at "
                          "https://id.yandex.ru/personal/data-access.");
        return N_("Yandex did not answer as it should; end the access at "
                  "https://id.yandex.ru/personal/data-access.");
}

static void sign_out_on_revoked(const OauthAnswer *answer, void *userdata);

static int sign_out_revoke(SignOut *s, const Secret *client_secret) {
        OauthClient client = { s->client_id, client_secret };
        Account *account = accounts_by_id(s->world->accounts, s->account_id);

        return account ? oauth_revoke(s->world->oauth, &client,
                                      account_record(account)->current->access_token,
                                      sign_out_on_revoked, s, &s->call)
                       : -ENOENT;
}

/* A secret that is new may be wrong. */
static bool sign_out_turns_to_previous_secret(SignOut *s, const OauthAnswer *answer) {
        Secret *previous = applications_previous_secret(s->world->applications, s->client_id);

        if (answer->r != CONDITION_APP_REFUSED || !previous || s->has_turned)
                return false;

        s->has_turned = true;
        return sign_out_revoke(s, previous) == 0;
}

static void sign_out_on_revoked(const OauthAnswer *answer, void *userdata) {
        SignOut *s = userdata;

        s->call = oauth_call_free(s->call);
        if (sign_out_turns_to_previous_secret(s, answer))
                return;

        s->revoked = answer->r == 0 && answer->revocable;
        s->reason = sign_out_outcome(s, answer);
        sign_out_erase_account(s);
}

/* Why Yandex is not asked to end the grant; NULL if it is. */
static const char *sign_out_why_not_revoke(const SignOut *s, const AccountRecord *record) {
        if (!record->current)
                return N_("the keyring item cannot be read; end the access at "
                          "https://id.yandex.ru/personal/data-access.");
        if (!s->revoke)
                return N_("the grant was left alone, as asked; end the access at "
                          "https://id.yandex.ru/personal/data-access.");
        if (!record->current->access_token)
                return N_("there is no access token that could be revoked; end the access at "
                          "https://id.yandex.ru/personal/data-access.");
        return record->needs_secret && !sign_out_client_secret(s) ? without_secret : NULL;
}

static void sign_out_on_unlocked(int r, void *userdata) {
        SignOut *s = userdata;
        const char *reason;
        Account *account;

        s->unlock = unlock_free(s->unlock);
        if (r != 0)
                return sign_out_fail(s, r);

        account = accounts_by_id(s->world->accounts, s->account_id);
        if (!account)
                return sign_out_fail(s, CONDITION_NO_SUCH_ACCOUNT);
        if (account_is_hidden(account))
                return sign_out_fail(s, account_refusal(account));
        if (account_is_signing_out(account))
                return sign_out_fail(s, CONDITION_CANCELLED);

        /* The grant must not change under the request that ends it. */
        s->has_begun = true;
        account_begin_sign_out(account);
        reason = sign_out_why_not_revoke(s, account_record(account));
        if (reason) {
                s->reason = reason;
                return sign_out_erase_account(s);
        }

        r = sign_out_revoke(s, sign_out_client_secret(s));
        if (r < 0)
                sign_out_fail(s, r);
}

int sign_out_start(World *w, Account *account, bool revoke_too, SignOutFn fn, void *userdata,
                   SignOut **ret) {
        _cleanup_(sign_out_freep) SignOut *s = NULL;
        int r;

        s = malloc(sizeof(SignOut));
        if (!s)
                return -ENOMEM;

        *s = (SignOut){
                .fn = fn,
                .userdata = userdata,
                .world = w,
                .account_id = strdup(account_id(account)),
                .client_id = strdup(account_record(account)->client_id),
                .revoke = revoke_too,
                .reason = "",
        };
        if (!s->account_id || !s->client_id)
                return -ENOMEM;

        r = loader_unlock(w->loader, VAULT_NO_PROMPT, sign_out_on_unlocked, s, &s->unlock);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(s);
        return 0;
}

SignOut *sign_out_free(SignOut *s) {
        if (!s)
                return NULL;

        vault_call_free(s->erase);
        oauth_call_free(s->call);
        unlock_free(s->unlock);
        free(s->client_id);
        free(s->account_id);
        free(s);
        return NULL;
}
