/* SPDX-License-Identifier: MIT */

#include "keeper/account/application.h"

#include <ctype.h>
#include <sys/queue.h>

#include "common/condition.h"
#include "common/log.h"
#include "keeper/storage/save.h"
#include "platform/fdstore.h"
#include "platform/machine.h"

#define STORE_PREFIX "application-"

struct Application {
        LIST_ENTRY(Application) entry;
        ApplicationRecord record;
        bool locked; /* in the keyring, but its secret is not known yet */
        bool put;    /* written by this run, so newer than what an earlier run stored */
        bool doomed; /* being erased from the keyring, and not put since */
        Save *save;
        WaitList waits; /* for the write */
};

struct Applications {
        sd_event *event;
        Vault *vault;
        LIST_HEAD(, Application) list;
        char **newer; /* client ids of items that a newer version of this program wrote */
};

static bool application_is_word(const char *s, size_t max) {
        if (str_is_empty(s) || strlen(s) > max)
                return false;

        for (const char *c = s; *c; c++)
                if (!isascii(*c) || !isgraph(*c))
                        return false;
        return true;
}

bool client_id_is_valid(const char *client_id) {
        return application_is_word(client_id, CLIENT_ID_MAX);
}

bool scopes_are_valid(char *const *scopes) {
        for (; scopes && *scopes; scopes++)
                if (!application_is_word(*scopes, SCOPE_MAX))
                        return false;
        return true;
}

static void application_on_saved(int r, void *userdata) {
        Application *a = userdata;

        wait_list_answer(&a->waits, r == CONDITION_PENDING ? 0 : r);
}

static Application *application_free(Application *a) {
        if (!a)
                return NULL;

        wait_list_answer(&a->waits, CONDITION_CANCELLED);
        save_free(a->save);
        application_record_done(&a->record);
        free(a);
        return NULL;
}

DEFINE_CLEANUP(Application *, application_free)

static int application_new(Applications *set, const char *client_id, Application **ret) {
        VaultKey key = { .kind = VAULT_APPLICATION, .id = client_id, .client_id = client_id };
        _cleanup_(application_freep) Application *a = NULL;
        int r;

        a = malloc(sizeof(Application));
        if (!a)
                return -ENOMEM;

        *a = (Application){
                .record.client_id = strdup(client_id),
                .locked = true,
                .waits = TAILQ_HEAD_INITIALIZER(a->waits),
        };
        if (!a->record.client_id)
                return -ENOMEM;

        r = save_new(set->event, set->vault, &key, application_on_saved, a, &a->save);
        if (r < 0)
                return r;

        LIST_INSERT_HEAD(&set->list, a, entry);
        *ret = TAKE_PTR(a);
        return 0;
}

int applications_new(sd_event *event, Vault *vault, Applications **ret) {
        Applications *set;

        set = malloc(sizeof(Applications));
        if (!set)
                return -ENOMEM;

        *set = (Applications){
                .event = event,
                .vault = vault,
                .list = LIST_HEAD_INITIALIZER(set->list),
        };
        *ret = set;
        return 0;
}

Applications *applications_free(Applications *set) {
        Application *a;

        if (!set)
                return NULL;

        while ((a = LIST_FIRST(&set->list))) {
                LIST_REMOVE(a, entry);
                application_free(a);
        }
        strv_free(set->newer);
        free(set);
        return NULL;
}

Application *applications_find(const Applications *set, const char *client_id) {
        Application *a;

        LIST_FOREACH(a, &set->list, entry)
                if (streq(a->record.client_id, client_id))
                        return a;
        return NULL;
}

size_t applications_count(const Applications *set) {
        Application *a;
        size_t n = 0;

        LIST_FOREACH(a, &set->list, entry)
                n++;
        return n;
}

int applications_list(const Applications *set, char ***ret) {
        _cleanup_(strv_freep) char **l = NULL;
        Application *a;

        LIST_FOREACH(a, &set->list, entry) {
                int r = a->locked || a->record.client_secret ? strv_extend(&l, a->record.client_id)
                                                             : 0;

                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(l);
        return 0;
}

static int applications_find_or_new(Applications *set, const char *client_id, Application **ret) {
        *ret = applications_find(set, client_id);

        return *ret ? 0 : application_new(set, client_id, ret);
}

int applications_learn(Applications *set, const VaultItem *item) {
        _cleanup_(application_record_done) ApplicationRecord record = {};
        Application *a;
        bool newer;
        int r;

        if (!client_id_is_valid(item->key.client_id))
                return 0;

        if (item->document) {
                r = application_record_parse(item->document, &record, &newer);
                if (newer && !strv_contains(set->newer, item->key.client_id))
                        (void) strv_extend(&set->newer, item->key.client_id);
                if (r != 0) {
                        log_warning("The keyring item of application %s cannot be read; it is left "
                                    "as it is.",
                                    item->key.client_id);
                        return MIN_OF(r, 0);
                }
        }

        r = applications_find_or_new(set, item->key.client_id, &a);
        if (r < 0 || !item->document || !save_is_done(a->save))
                return r;

        application_record_done(&a->record);
        a->record = record;
        record = (ApplicationRecord){};
        a->locked = false;
        return 0;
}

bool application_is_store_name(const char *name) {
        return str_has_prefix(name, STORE_PREFIX);
}

/* store_name: NULL if the descriptor store has the record already. */
static int application_write(Application *a, const char *store_name) {
        _cleanup_(secret_unrefp) Secret *document = NULL;
        _cleanup_free_ char *label = NULL;
        int r;

        r = application_record_print(&a->record, &document);
        if (r == 0)
                r = str_format(&label, "Yandex application %s", a->record.client_id);
        if (r < 0)
                return r;

        a->put = true;
        return save_put(a->save, label, document, store_name);
}

/* The client id may have characters that a name in the descriptor store cannot have, so the name is
 * random. */
static int application_put(Application *a) {
        _cleanup_free_ char *id = NULL, *store_name = NULL;
        int r;

        a->doomed = false;
        r = machine_random_id(&id);
        if (r == 0)
                r = str_format(&store_name, STORE_PREFIX "%s", id);
        return r < 0 ? r : application_write(a, store_name);
}

static void application_put_again(Application *a) {
        int r;

        r = application_put(a);
        if (r < 0)
                log_event(LOG_ERR, &(LogContext){ .condition = r },
                          "An application could not be written again.");
}

/* The record is newer than the keyring's, or else it would have been removed from the store, and
 * older than one that was put since. */
int applications_restore(Applications *set, ApplicationRecord *record, const char *store_name) {
        Application *a;
        int r;

        r = applications_find_or_new(set, record->client_id, &a);
        if (r < 0 || a->put) {
                application_record_done(record);
                return r < 0 ? r : fdstore_remove(store_name);
        }

        application_record_done(&a->record);
        a->record = *record;
        *record = (ApplicationRecord){};
        a->locked = false;

        r = save_restore(a->save, store_name);
        return r < 0 ? r : application_write(a, NULL);
}

/* The previous secret stays until Yandex has judged the new one, however often the new one is
 * replaced before that. */
static void application_set_secret(ApplicationRecord *record, Secret *client_secret,
                                   bool keep_previous) {
        Secret *replaced = TAKE_PTR(record->client_secret);

        record->client_secret = secret_ref(client_secret);
        if (keep_previous && !record->previous_secret && !secret_equal(replaced, client_secret))
                record->previous_secret = TAKE_PTR(replaced);
        else if (!keep_previous || secret_equal(record->previous_secret, client_secret))
                record->previous_secret = secret_unref(record->previous_secret);
        secret_unref(replaced);
}

int applications_put(Applications *set, const char *client_id, Secret *client_secret, bool kept) {
        Application *a;
        int r;

        r = applications_find_or_new(set, client_id, &a);
        if (r < 0)
                return r;

        application_set_secret(&a->record, client_secret, kept);
        a->record.kept = a->record.kept || kept;
        a->locked = false;
        return application_put(a);
}

void applications_accept(Applications *set, const char *client_id, const Secret *accepted,
                         const Secret *refused) {
        Application *a = applications_find(set, client_id);
        ApplicationRecord *record = a ? &a->record : NULL;

        if (!a || !accepted || !record->previous_secret)
                return;

        if (refused && secret_equal(refused, record->client_secret) &&
            secret_equal(accepted, record->previous_secret)) {
                log_warning("Yandex refused the new secret of the application %s and still takes "
                            "the one before, which is used again.",
                            client_id);
                secret_unref(record->client_secret);
                record->client_secret = TAKE_PTR(record->previous_secret);
        } else if (secret_equal(accepted, record->client_secret))
                record->previous_secret = secret_unref(record->previous_secret);
        else
                return;

        application_put_again(a);
}

int application_wait(Application *a, WaitFn fn, void *userdata, Wait **ret) {
        return wait_new(&a->waits, fn, userdata, ret);
}

void applications_remove(Applications *set, const char *client_id) {
        Application *a = applications_find(set, client_id);

        if (!a)
                return;

        save_forget(a->save);
        LIST_REMOVE(a, entry);
        application_free(a);
}

int applications_erase(Applications *set, const char *client_id, VaultDoneFn fn, void *userdata,
                       VaultCall **ret) {
        VaultKey key = { .kind = VAULT_APPLICATION, .id = client_id, .client_id = client_id };
        Application *a = applications_find(set, client_id);

        if (a)
                a->doomed = true;
        return vault_erase(set->vault, &key, VAULT_NO_PROMPT, fn, userdata, ret);
}

/* A locked item may hold the application, and an item that cannot be read is left as it is. */
static bool application_is_among(const Application *a, const VaultItem *items, size_t n_items) {
        for (size_t i = 0; i < n_items; i++)
                if (items[i].key.kind == VAULT_APPLICATION &&
                    (streq(items[i].key.client_id, a->record.client_id) ||
                     str_is_empty(items[i].key.client_id)))
                        return true;
        return false;
}

void applications_rewrite_missing(Applications *set, const VaultItem *items, size_t n_items) {
        Application *a;

        LIST_FOREACH(a, &set->list, entry) {
                if (a->locked || a->doomed || !save_is_done(a->save) ||
                    application_is_among(a, items, n_items))
                        continue;

                log_warning("The keyring no longer holds the application %s; it is written again.",
                            a->record.client_id);
                application_put_again(a);
        }
}

/* An erasure that failed may still have happened. A locked application has nothing to write. */
void applications_end_erasure(Applications *set, const char *client_id, int r, bool used) {
        Application *a = applications_find(set, client_id);

        if (!a)
                return;

        if (!a->locked && (used || !a->doomed))
                application_put_again(a);
        else if (r == 0)
                applications_remove(set, client_id);
}

bool applications_are_busy(const Applications *set) {
        Application *a;

        LIST_FOREACH(a, &set->list, entry)
                if (save_is_under_way(a->save))
                        return true;
        return false;
}

bool applications_await_keyring(const Applications *set) {
        Application *a;

        LIST_FOREACH(a, &set->list, entry)
                if (!save_is_done(a->save))
                        return true;
        return false;
}

void applications_log_unsaved(const Applications *set) {
        Application *a;

        LIST_FOREACH(a, &set->list, entry)
                if (!save_is_done(a->save))
                        log_warning("The application %s is not in the keyring; only the service "
                                    "manager may still hold it.",
                                    a->record.client_id);
}

void applications_retry(Applications *set) {
        Application *a;

        LIST_FOREACH(a, &set->list, entry)
                save_retry(a->save);
}

Secret *application_client_secret(const Application *a) {
        return a->record.client_secret;
}

Secret *applications_client_secret(const Applications *set, const char *client_id) {
        Application *a = applications_find(set, client_id);

        return a ? a->record.client_secret : NULL;
}

Secret *applications_previous_secret(const Applications *set, const char *client_id) {
        Application *a = applications_find(set, client_id);

        return a ? a->record.previous_secret : NULL;
}

int applications_missing(const Applications *set, const char *client_id) {
        return strv_contains(set->newer, client_id) ? CONDITION_RECORD_NEWER
                                                    : CONDITION_CLIENT_SECRET_MISSING;
}

bool application_is_locked(const Application *a) {
        return a->locked;
}

bool application_is_kept(const Application *a) {
        return a->record.kept;
}
