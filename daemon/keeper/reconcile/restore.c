/* SPDX-License-Identifier: MIT */

#include "keeper/reconcile/restore.h"

#include <sys/queue.h>

#include "common/condition.h"
#include "common/log.h"
#include "keeper/sign-in/sign-in.h"
#include "keeper/storage/answer-slot.h"
#include "platform/fdstore.h"

typedef struct StoredAccount {
        STAILQ_ENTRY(StoredAccount) entry;
        char *store_name;
        AccountRecord record;
} StoredAccount;

typedef struct StoredApplication {
        STAILQ_ENTRY(StoredApplication) entry;
        char *store_name;
        ApplicationRecord record;
} StoredApplication;

/* An answer that nobody dealt with. */
typedef struct Answer {
        STAILQ_ENTRY(Answer) entry;
        char *store_name;
        PendingAnswer pending;
} Answer;

struct Restore {
        World *world;
        STAILQ_HEAD(, StoredAccount) list;
        STAILQ_HEAD(, StoredApplication) applications;
        STAILQ_HEAD(, Answer) answers;
};

static StoredAccount *stored_account_free(StoredAccount *h) {
        account_record_done(&h->record);
        free(h->store_name);
        free(h);
        return NULL;
}

static StoredApplication *stored_application_free(StoredApplication *d) {
        application_record_done(&d->record);
        free(d->store_name);
        free(d);
        return NULL;
}

static Answer *answer_free(Answer *a) {
        pending_answer_done(&a->pending);
        free(a->store_name);
        free(a);
        return NULL;
}

/* One that is not whole was lost on the way, like one that never came. */
static void on_answer(Restore *i, const char *name, Secret *body) {
        Answer *a = malloc(sizeof(Answer));

        if (!a)
                return;

        *a = (Answer){ .store_name = strdup(name) };
        if (pending_answer_parse(name, body, &a->pending) == 0) {
                STAILQ_INSERT_TAIL(&i->answers, a, entry);
                return;
        }

        (void) fdstore_remove(name);
        answer_free(a);
}

static void warn(void) {
        log_warning("The service manager kept something that is not a grant of ours; it is left "
                    "there.");
}

static void on_application(Restore *i, const char *name, const Secret *document) {
        ApplicationRecord record;
        StoredApplication *d;

        if (application_record_parse(document, &record, NULL) != 0)
                return warn();

        d = malloc(sizeof(StoredApplication));
        if (!d) {
                application_record_done(&record);
                return;
        }

        *d = (StoredApplication){ .store_name = strdup(name), .record = record };
        STAILQ_INSERT_TAIL(&i->applications, d, entry);
}

static void on_document(const char *name, Secret *document, void *userdata) {
        Restore *i = userdata;
        AccountRecord record;
        StoredAccount *h;

        if (sign_ins_take_stored(i->world->sign_ins, name, document))
                return;
        if (answer_slot_is_name(name))
                return on_answer(i, name, document);
        if (application_is_store_name(name))
                return on_application(i, name, document);
        if (account_record_parse(document, &record, NULL) != 0)
                return warn();

        h = malloc(sizeof(StoredAccount));
        if (!h) {
                account_record_done(&record);
                return;
        }

        *h = (StoredAccount){ .store_name = strdup(name), .record = record };
        STAILQ_INSERT_TAIL(&i->list, h, entry);
}

int restore_new(World *world, Restore **ret) {
        _cleanup_(restore_freep) Restore *i = NULL;
        int r;

        i = malloc(sizeof(Restore));
        if (!i)
                return -ENOMEM;

        i->world = world;
        STAILQ_INIT(&i->list);
        STAILQ_INIT(&i->applications);
        STAILQ_INIT(&i->answers);
        r = fdstore_take(on_document, i);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(i);
        return 0;
}

Restore *restore_free(Restore *i) {
        StoredAccount *h;
        Answer *a;
        StoredApplication *d;

        if (!i)
                return NULL;

        while ((a = STAILQ_FIRST(&i->answers))) {
                STAILQ_REMOVE_HEAD(&i->answers, entry);
                answer_free(a);
        }

        while ((d = STAILQ_FIRST(&i->applications))) {
                STAILQ_REMOVE_HEAD(&i->applications, entry);
                stored_application_free(d);
        }

        while ((h = STAILQ_FIRST(&i->list))) {
                STAILQ_REMOVE_HEAD(&i->list, entry);
                stored_account_free(h);
        }
        free(i);
        return NULL;
}

/* What an earlier run could not write: an account's own, or all that is known of one. Takes the record. */
static int inherit_account(World *w, AccountRecord *record, const char *store_name) {
        Account *a = accounts_by_id(w->accounts, record->id);
        int r;

        if (!a) {
                r = accounts_add_locked(w->accounts, record->id, record->client_id, &a);
                if (r < 0) {
                        account_record_done(record);
                        return r;
                }
        }

        return account_restore(a, record, store_name);
}

static void hand_over_accounts(Restore *i, World *w) {
        StoredAccount *h;

        while ((h = STAILQ_FIRST(&i->list))) {
                AccountRecord record = h->record;

                STAILQ_REMOVE_HEAD(&i->list, entry);
                h->record = (AccountRecord){};
                if (inherit_account(w, &record, str_or_empty(h->store_name)) < 0)
                        log_error("A grant that the service manager kept could not be taken over.");
                stored_account_free(h);
        }
}

/* One without an account is of no use, unless it was added by hand. */
static bool is_wanted(const World *w, const ApplicationRecord *record) {
        return record->kept || accounts_use_application(w->accounts, record->client_id);
}

static void hand_over_applications(Restore *i, World *w) {
        StoredApplication *d, *next;

        for (d = STAILQ_FIRST(&i->applications); d; d = next) {
                ApplicationRecord record = d->record;

                next = STAILQ_NEXT(d, entry);
                if (!is_wanted(w, &record))
                        continue;

                STAILQ_REMOVE(&i->applications, d, StoredApplication, entry);
                d->record = (ApplicationRecord){};
                if (applications_restore(w->applications, &record, str_or_empty(d->store_name)) < 0)
                        log_error("An application that the service manager kept could not be taken "
                                  "over.");
                stored_application_free(d);
        }
}

/* What Yandex answered to an earlier run, if it is still news. */
static bool take_leftover(World *w, const PendingAnswer *pending) {
        Account *a = accounts_by_id(w->accounts, pending->id);

        return a && account_take_pending_answer(a, pending);
}

static void hand_over_answers(Restore *i, World *w) {
        Answer *a, *next;

        for (a = STAILQ_FIRST(&i->answers); a; a = next) {
                next = STAILQ_NEXT(a, entry);
                if (!take_leftover(w, &a->pending))
                        continue;

                (void) fdstore_remove(str_or_empty(a->store_name));
                STAILQ_REMOVE(&i->answers, a, Answer, entry);
                answer_free(a);
        }
}

/* An application is nothing without an account, and a record may be what became of an answer. */
void restore_hand_over(Restore *i, World *w) {
        hand_over_accounts(i, w);
        hand_over_applications(i, w);
        hand_over_answers(i, w);
}

void restore_drop_applications(Restore *i) {
        StoredApplication *d;

        while ((d = STAILQ_FIRST(&i->applications))) {
                (void) fdstore_remove(str_or_empty(d->store_name));
                STAILQ_REMOVE_HEAD(&i->applications, entry);
                stored_application_free(d);
        }
}
