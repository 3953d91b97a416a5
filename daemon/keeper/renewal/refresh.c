/* SPDX-License-Identifier: MIT */

#include "keeper/renewal/refresh.h"

#include "common/condition.h"
#include "common/log.h"
#include "keeper/storage/answer-slot.h"
#include "platform/clock.h"

struct Refresh {
        const RefreshEvents *events;
        void *userdata;

        Oauth *oauth;
        Vault *vault;
        char *id;
        char *client_id;
        Secret *client_secret;
        Secret *previous_secret; /* NULL once it is tried */
        Secret *refused_secret;  /* the one before it, then */
        Grant *grant;
        Grant *previous;

        AnswerSlot *slot; /* NULL until Yandex is asked */
        bool due;
        bool asked;
        bool asked_again;
        bool secret_accepted;
        OauthCall *call;
        VaultCall *unlock; /* before Yandex is asked */
        VaultCall *find;   /* after Yandex has refused */
};

static void refresh_finish(Refresh *f, RefreshResult result) {
        result.grant = f->grant;
        result.asked = f->asked;
        result.accepted_secret = f->secret_accepted ? f->client_secret : NULL;
        result.refused_secret = f->refused_secret;
        f->events->on_end(&result, f->userdata);
}

static void refresh_fail(Refresh *f, int r, const char *reason) {
        refresh_finish(f, (RefreshResult){
                                  .r = r,
                                  .reason = reason,
                                  .retry_after = HTTP_NO_RETRY_AFTER,
                          });
}

static bool refresh_is_token_of(const AccountRecord *record, const Grant *grant) {
        return grant && secret_equal(record->current->refresh_token, grant->refresh_token);
}

/* The record is news if it has a later generation, or another refresh token in the same generation.
 * A token that was ours before is no news, or else two items could send us to and fro for ever. */
static bool refresh_is_news(const Refresh *f, const AccountRecord *record) {
        uint32_t theirs = record->current->generation, ours = f->grant->generation;

        if (!account_record_is_of(record, f->id, f->client_id) || !record->current->refresh_token)
                return false;

        return theirs > ours || (theirs == ours && !refresh_is_token_of(record, f->grant) &&
                                 !refresh_is_token_of(record, f->previous));
}

/* Finds the record with the latest generation that is news. */
static bool refresh_find_newest(const Refresh *f, const VaultItem *items, size_t n_items,
                                AccountRecord *ret) {
        AccountRecord newest = {};

        for (size_t i = 0; i < n_items; i++) {
                AccountRecord record;

                if (!items[i].document ||
                    account_record_parse(items[i].document, &record, NULL) != 0)
                        continue;

                if (refresh_is_news(f, &record) &&
                    (!newest.current || record.current->generation > newest.current->generation)) {
                        account_record_done(&newest);
                        newest = record;
                } else
                        account_record_done(&record);
        }

        *ret = newest;
        return newest.current;
}

static bool refresh_any_locked(const VaultItem *items, size_t n_items) {
        for (size_t i = 0; i < n_items; i++)
                if (!items[i].document)
                        return true;
        return false;
}

/* The refusal is believed only if the keyring could be read. */
static void refresh_on_found(int r, const VaultItem *items, size_t n_items, void *userdata) {
        Refresh *f = userdata;
        AccountRecord newer;

        f->find = vault_call_free(f->find);

        if (r == 0 && refresh_any_locked(items, n_items))
                r = CONDITION_KEYRING_LOCKED;
        if (r != 0)
                return refresh_fail(f, r,
                                    "refused, but the keyring cannot be asked for a newer grant");

        if (!refresh_find_newest(f, items, n_items, &newer))
                return refresh_fail(f, CONDITION_SIGN_IN_NEEDED, "the refresh token was refused");

        refresh_finish(f, (RefreshResult){ .newer = &newer, .retry_after = HTTP_NO_RETRY_AFTER });
        account_record_done(&newer);
}

static int refresh_ask(Refresh *f);

/* A refusal uses nothing up. */
static int refresh_ask_with_previous_secret(Refresh *f) {
        f->refused_secret = TAKE_PTR(f->client_secret);
        f->client_secret = TAKE_PTR(f->previous_secret);
        return refresh_ask(f);
}

static void refresh_on_answer(const OauthAnswer *answer, void *userdata) {
        Refresh *f = userdata;
        VaultKey key = { .kind = VAULT_ACCOUNT, .id = f->id, .client_id = f->client_id };

        f->call = oauth_call_free(f->call);

        /* The connection broke on the way, so Yandex may have rotated the refresh token. The old
         * one usually still works, so ask with it once more before anything is concluded. A server
         * that did answer, although with an error, is not asked again before the schedule says
         * so. */
        if (answer->lost && answer->r == CONDITION_OFFLINE && !f->asked_again) {
                f->asked_again = true;
                if (refresh_ask(f) >= 0)
                        return;
        }

        if (answer->r == CONDITION_APP_REFUSED && f->previous_secret &&
            refresh_ask_with_previous_secret(f) >= 0)
                return;

        /* Yandex looks at the application before it looks at the refresh token. */
        f->secret_accepted = answer->r == 0 || answer->r == CONDITION_SIGN_IN_NEEDED;
        if (answer->r != CONDITION_SIGN_IN_NEEDED)
                return refresh_finish(f, (RefreshResult){
                                                 .r = answer->r,
                                                 .reason = answer->reason,
                                                 .retry_after = answer->retry_after,
                                                 .token = answer->r == 0 ? answer->token : NULL,
                                         });

        vault_find(f->vault, &key, refresh_on_found, f, &f->find);
}

static int refresh_ask(Refresh *f) {
        OauthClient client = { .client_id = f->client_id, .client_secret = f->client_secret };
        OauthRenewal renewal = { f->grant->refresh_token, f->due };
        int r;

        r = answer_slot_lend(f->slot);
        if (r < 0)
                log_event(LOG_WARNING, &(LogContext){ .account = f->id, .condition = r },
                          "The service manager does not keep what is asked for now.");

        return oauth_token_by_refresh(f->oauth, &client, &renewal, f->slot->body, refresh_on_answer,
                                      f, &f->call);
}

static int refresh_begin(Refresh *f) {
        _cleanup_free_ char *name = NULL;
        int r;

        f->asked = true;
        f->events->on_asking(f->userdata);

        r = answer_slot_name(f->id, f->grant->generation, clock_now(), &name);
        if (r == 0)
                r = answer_slot_new(name, &f->slot);
        return r < 0 ? r : refresh_ask(f);
}

/* What Yandex gives must be kept, so it is not asked while the keyring cannot keep it. */
static void refresh_on_unlocked(int r, void *userdata) {
        Refresh *f = userdata;

        f->unlock = vault_call_free(f->unlock);
        if (r == 0)
                r = refresh_begin(f);
        if (r != 0)
                refresh_fail(f, r, NULL);
}

int refresh_start(const RefreshRequest *request, const RefreshEvents *events, void *userdata,
                  Refresh **ret) {
        _cleanup_(refresh_freep) Refresh *f = NULL;
        int r;

        f = malloc(sizeof(Refresh));
        if (!f)
                return -ENOMEM;

        *f = (Refresh){
                .events = events,
                .userdata = userdata,
                .oauth = request->oauth,
                .vault = request->vault,
                .id = strdup(request->key.id),
                .client_id = strdup(request->key.client_id),
                .client_secret = secret_ref(request->client_secret),
                .previous_secret = secret_ref(request->previous_secret),
                .grant = grant_ref(request->grant),
                .previous = grant_ref(request->previous),
                .due = request->due,
        };
        if (!f->id || !f->client_id)
                return -ENOMEM;

        if (!request->urgent)
                vault_unlock(f->vault, VAULT_NO_PROMPT, refresh_on_unlocked, f, &f->unlock);
        else {
                r = refresh_begin(f);
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(f);
        return 0;
}

Refresh *refresh_free(Refresh *f) {
        if (!f)
                return NULL;

        oauth_call_free(f->call);
        vault_call_free(f->find);
        vault_call_free(f->unlock);
        answer_slot_free(f->slot);
        grant_unref(f->previous);
        grant_unref(f->grant);
        secret_unref(f->refused_secret);
        secret_unref(f->previous_secret);
        secret_unref(f->client_secret);
        free(f->client_id);
        free(f->id);
        free(f);
        return NULL;
}

bool refresh_has_asked(const Refresh *f) {
        return f->asked && (f->asked_again || !f->call || oauth_call_is_sent(f->call));
}
