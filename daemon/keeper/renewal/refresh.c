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
        Grant *grant;
        Grant *previous;

        AnswerSlot *slot; /* NULL until Yandex is asked */
        bool asked;
        bool asked_again;
        VaultCall *probe;
        OauthCall *call;
        VaultCall *look;
};

static void finish(Refresh *f, const RefreshResult *result) {
        RefreshResult r = *result;

        r.grant = f->grant;
        r.asked = f->asked;
        f->events->on_end(&r, f->userdata);
}

static void fail(Refresh *f, int r, const char *reason) {
        finish(f, &(RefreshResult){
                          .r = r,
                          .reason = reason,
                          .retry_after = HTTP_NO_RETRY_AFTER,
                  });
}

static bool has_refresh_token_of(const AccountRecord *record, const Grant *grant) {
        return grant &&
               secret_equal(grant_refresh_token(record->current), grant_refresh_token(grant));
}

/* Written by somebody who knew more than we do: the next generation, or another refresh token in this
 * one, but none that was ours before; else two items could send us to and fro for ever. */
static bool is_news(const Refresh *f, const AccountRecord *record) {
        uint32_t theirs = grant_generation(record->current), ours = grant_generation(f->grant);

        if (!account_record_is_of(record, f->id, f->client_id) ||
            !grant_refresh_token(record->current))
                return false;

        return theirs > ours || (theirs == ours && !has_refresh_token_of(record, f->grant) &&
                                 !has_refresh_token_of(record, f->previous));
}

/* The newest readable record among the items found that tells us anything new. */
static bool find_news(const Refresh *f, const VaultItem *items, size_t n_items,
                      AccountRecord *ret) {
        bool found = false;

        for (size_t i = 0; i < n_items; i++) {
                AccountRecord record;

                if (!items[i].document ||
                    account_record_parse(items[i].document, &record, NULL) != 0)
                        continue;

                if (is_news(f, &record) &&
                    (!found || grant_generation(record.current) > grant_generation(ret->current))) {
                        if (found)
                                account_record_done(ret);
                        *ret = record;
                        found = true;
                } else
                        account_record_done(&record);
        }
        return found;
}

static bool any_locked(const VaultItem *items, size_t n_items) {
        for (size_t i = 0; i < n_items; i++)
                if (!items[i].document)
                        return true;
        return false;
}

static void on_look(int r, const VaultItem *items, size_t n_items, void *userdata) {
        Refresh *f = userdata;
        AccountRecord newer;

        f->look = vault_call_free(f->look);

        /* A death is only believed when the keyring could be asked. */
        if (r == 0 && any_locked(items, n_items))
                r = CONDITION_KEYRING_LOCKED;
        if (r != 0)
                return fail(f, r, "refused, but the keyring cannot be asked for a newer grant");

        if (!find_news(f, items, n_items, &newer))
                return fail(f, CONDITION_SIGN_IN_NEEDED, "the refresh token was refused");

        finish(f, &(RefreshResult){ .newer = &newer, .retry_after = HTTP_NO_RETRY_AFTER });
        account_record_done(&newer);
}

static void look_into_keyring(Refresh *f) {
        VaultKey key = { .kind = VAULT_ACCOUNT, .id = f->id, .client_id = f->client_id };
        int r;

        r = vault_find(f->vault, &key, on_look, f, &f->look);
        if (r < 0)
                fail(f, r, "the keyring cannot be asked");
}

static int ask(Refresh *f);

static void on_answer(const OauthAnswer *answer, void *userdata) {
        Refresh *f = userdata;

        f->call = oauth_call_free(f->call);

        /* The connection broke on the way: Yandex may have rotated and we did not hear it. The old
         * refresh token usually still works: ask again with it before anything is concluded. A server
         * in trouble, which did answer, is left alone until the schedule says so. */
        if (answer->lost && answer->r == CONDITION_OFFLINE && !f->asked_again) {
                f->asked_again = true;
                if (ask(f) >= 0)
                        return;
        }

        if (answer->r == CONDITION_SIGN_IN_NEEDED)
                return look_into_keyring(f);

        finish(f, &(RefreshResult){
                          .r = answer->r,
                          .reason = answer->reason,
                          .retry_after = answer->retry_after,
                          .token = answer->r == 0 ? answer->token : NULL,
                  });
}

static int ask(Refresh *f) {
        OauthClient client = { .client_id = f->client_id, .client_secret = f->client_secret };
        int r;

        r = answer_slot_lend(f->slot);
        if (r < 0)
                log_event(LOG_WARNING, &(LogContext){ .account = f->id, .condition = r },
                          "The service manager does not keep what is asked for now.");

        return oauth_token_by_refresh(f->oauth, &client, grant_refresh_token(f->grant),
                                      f->slot->body, on_answer, f, &f->call);
}

static int begin(Refresh *f) {
        _cleanup_free_ char *name = NULL;
        int r;

        f->asked = true;
        f->events->on_asking(f->userdata);
        r = answer_slot_name(f->id, grant_generation(f->grant), clock_now(), &name);
        if (r == 0)
                r = answer_slot_new(name, &f->slot);
        return r < 0 ? r : ask(f);
}

/* What Yandex gives must be kept, so it is not asked while it cannot be. */
static void on_probed(int r, void *userdata) {
        Refresh *f = userdata;

        f->probe = vault_call_free(f->probe);
        if (r != 0)
                return fail(f, r, NULL);

        r = begin(f);
        if (r < 0)
                fail(f, r, NULL);
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
                .grant = grant_ref(request->grant),
                .previous = grant_ref(request->previous),
        };
        if (!f->id || !f->client_id)
                return -ENOMEM;

        r = request->urgent ? begin(f)
                            : vault_unlock(f->vault, VAULT_NO_PROMPT, on_probed, f, &f->probe);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(f);
        return 0;
}

Refresh *refresh_free(Refresh *f) {
        if (!f)
                return NULL;

        oauth_call_free(f->call);
        vault_call_free(f->look);
        vault_call_free(f->probe);
        grant_unref(f->previous);
        answer_slot_free(f->slot);
        grant_unref(f->grant);
        secret_unref(f->client_secret);
        free(f->client_id);
        free(f->id);
        free(f);
        return NULL;
}

bool refresh_has_asked(const Refresh *f) {
        return f->asked;
}
