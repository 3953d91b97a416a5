/* SPDX-License-Identifier: MIT */

#include "keeper/sign-in/adoption.h"

#include "common/condition.h"
#include "platform/clock.h"
#include "platform/machine.h"

Account *adopt_find(const World *w, const char *client_id, const char *uid) {
        for (size_t i = 0; i < accounts_count(w->accounts); i++) {
                Account *a = accounts_at(w->accounts, i);

                if (!account_is_signing_out(a) && streq(account_record(a)->client_id, client_id) &&
                    streq(account_record(a)->uid, uid))
                        return a;
        }
        return NULL;
}

/* The account a sign-in belongs to, where there is one already, or NULL. */
static int find_adopter(const World *w, const Adoption *adoption, Account **ret) {
        const OauthIdentity *identity = adoption->identity;
        const char *uid;
        Account *a;

        if (!adoption->account_id) {
                *ret = identity ? accounts_by_user(w->accounts, adoption->client_id, identity->uid)
                                : NULL;
                return 0;
        }

        a = accounts_by_id(w->accounts, adoption->account_id);
        if (!a || account_is_signing_out(a))
                return CONDITION_NO_SUCH_ACCOUNT;

        /* What is in the keyring would be written over. */
        if (account_state(a) == ACCOUNT_LOCKED)
                return account_refusal(a);

        uid = account_record(a)->uid;
        if (uid && !identity)
                return CONDITION_SERVER_TROUBLE;
        if (uid && !streq(uid, identity->uid))
                return CONDITION_ACCESS_DENIED;

        *ret = a;
        return 0;
}

static const char *choose_label(const Adoption *adoption) {
        if (adoption->label)
                return adoption->label;
        if (adoption->identity && label_is_valid(adoption->identity->login))
                return adoption->identity->login;
        return LABEL_UNKNOWN;
}

static int make_record(const World *w, const Adoption *adoption, AccountRecord *record) {
        const OauthIdentity *identity = adoption->identity;
        const OauthToken *token = adoption->token;
        int r;

        record->created_at = clock_now();
        record->needs_secret = applications_client_secret(w->applications, adoption->client_id);
        r = machine_random_id(&record->id);
        if (r == 0)
                r = str_replace(&record->client_id, adoption->client_id);
        if (r == 0)
                r = str_replace(&record->uid, identity ? identity->uid : NULL);
        if (r == 0)
                r = str_replace(&record->login, identity ? identity->login : NULL);
        if (r == 0)
                r = str_replace(&record->label, choose_label(adoption));
        if (r == 0)
                r = strv_copy(token->scopes ?: adoption->scopes, &record->scopes);
        if (r == 0)
                r = grant_new(token->access_token, token->refresh_token,
                              grant_times(record->created_at, token->expires_in), 1,
                              &record->current);
        return r;
}

static int adopt_new(World *w, const Adoption *adoption, Account **ret) {
        AccountRecord record = {};
        Account *a = NULL;
        int r;

        r = make_record(w, adoption, &record);
        if (r == 0)
                r = accounts_add(w->accounts, &record, &a);
        account_record_done(&record);
        if (r == 0)
                r = account_keep(a);
        if (r < 0)
                return r;

        *ret = a;
        return 0;
}

static int adopt_again(Account *a, const Adoption *adoption) {
        int r;

        r = account_renew(a, adoption->token, adoption->identity, adoption->scopes);
        if (r == 0 && adoption->label)
                r = account_set_label(a, adoption->label);
        return r;
}

/* The secret to keep. The application may have gone while its user was at Yandex. */
static Secret *choose_secret(const World *w, const Adoption *adoption) {
        if (adoption->client_secret || applications_find(w->applications, adoption->client_id))
                return adoption->client_secret;
        return adoption->used_secret;
}

int adopt(World *w, const Adoption *adoption, Account **ret) {
        Secret *client_secret = choose_secret(w, adoption);
        Account *a = NULL;
        int r;

        r = find_adopter(w, adoption, &a);
        if (r != 0)
                return r;

        if (client_secret) {
                r = applications_put(w->applications, adoption->client_id, client_secret, false);
                if (r < 0)
                        return r;
        }

        r = a ? adopt_again(a, adoption) : adopt_new(w, adoption, &a);
        if (r < 0)
                return r;

        if (client_secret)
                accounts_retry_refused(w->accounts, adoption->client_id);
        *ret = a;
        return 0;
}
