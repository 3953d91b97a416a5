/* SPDX-License-Identifier: MIT */

#include "keeper/reconcile/restore.h"

#include <sys/queue.h>

#include "common/condition.h"
#include "common/log.h"
#include "keeper/storage/pending-answer.h"
#include "platform/fdstore.h"

typedef struct Heirloom {
        STAILQ_ENTRY(Heirloom) entry;
        char *store_name;
        AccountRecord record;
} Heirloom;

typedef struct Dowry {
        STAILQ_ENTRY(Dowry) entry;
        char *store_name;
        ApplicationRecord record;
} Dowry;

/* An answer that nobody dealt with. */
typedef struct Answer {
        STAILQ_ENTRY(Answer) entry;
        char *store_name;
        Leftover leftover;
} Answer;

struct Inheritance {
        STAILQ_HEAD(, Heirloom) list;
        STAILQ_HEAD(, Dowry) applications;
        STAILQ_HEAD(, Answer) answers;
};

static Heirloom *heirloom_free(Heirloom *h) {
        account_record_done(&h->record);
        free(h->store_name);
        free(h);
        return NULL;
}

static Dowry *dowry_free(Dowry *d) {
        application_record_done(&d->record);
        free(d->store_name);
        free(d);
        return NULL;
}

static Answer *answer_free(Answer *a) {
        leftover_done(&a->leftover);
        free(a->store_name);
        free(a);
        return NULL;
}

/* One that is not whole was lost on the way, like one that never came. */
static void on_answer(Inheritance *i, const char *name, Secret *body) {
        Answer *a = malloc(sizeof(Answer));

        if (!a)
                return;

        *a = (Answer){ .store_name = strdup(name) };
        if (leftover_parse(name, body, &a->leftover) == 0) {
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

static void on_application(Inheritance *i, const char *name, const Secret *document) {
        ApplicationRecord record;
        Dowry *d;

        if (application_record_parse(document, &record, NULL) != 0)
                return warn();

        d = malloc(sizeof(Dowry));
        if (!d) {
                application_record_done(&record);
                return;
        }

        *d = (Dowry){ .store_name = strdup(name), .record = record };
        STAILQ_INSERT_TAIL(&i->applications, d, entry);
}

static void on_document(const char *name, Secret *document, void *userdata) {
        Inheritance *i = userdata;
        AccountRecord record;
        Heirloom *h;

        if (leftover_is_name(name))
                return on_answer(i, name, document);
        if (application_is_store_name(name))
                return on_application(i, name, document);
        if (account_record_parse(document, &record, NULL) != 0)
                return warn();

        h = malloc(sizeof(Heirloom));
        if (!h) {
                account_record_done(&record);
                return;
        }

        *h = (Heirloom){ .store_name = strdup(name), .record = record };
        STAILQ_INSERT_TAIL(&i->list, h, entry);
}

int inheritance_new(Inheritance **ret) {
        _cleanup_(inheritance_freep) Inheritance *i = NULL;
        int r;

        i = malloc(sizeof(Inheritance));
        if (!i)
                return -ENOMEM;

        STAILQ_INIT(&i->list);
        STAILQ_INIT(&i->applications);
        STAILQ_INIT(&i->answers);
        r = fdstore_take(on_document, i);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(i);
        return 0;
}

Inheritance *inheritance_free(Inheritance *i) {
        Heirloom *h;
        Answer *a;
        Dowry *d;

        if (!i)
                return NULL;

        while ((a = STAILQ_FIRST(&i->answers))) {
                STAILQ_REMOVE_HEAD(&i->answers, entry);
                answer_free(a);
        }

        while ((d = STAILQ_FIRST(&i->applications))) {
                STAILQ_REMOVE_HEAD(&i->applications, entry);
                dowry_free(d);
        }

        while ((h = STAILQ_FIRST(&i->list))) {
                STAILQ_REMOVE_HEAD(&i->list, entry);
                heirloom_free(h);
        }
        free(i);
        return NULL;
}

/* What an earlier run could not write: an account's own, or all that is known of one. Takes the record. */
static int inherit_account(Keeper *k, AccountRecord *record, const char *store_name) {
        Account *a = keeper_account_by_id(k, record->id);
        int r;

        if (!a) {
                r = keeper_add_locked(k, record->id, record->client_id, &a);
                if (r < 0) {
                        account_record_done(record);
                        return r;
                }
        }

        return account_inherit(a, record, store_name);
}

static void hand_over_accounts(Inheritance *i, Keeper *k) {
        Heirloom *h;

        while ((h = STAILQ_FIRST(&i->list))) {
                AccountRecord record = h->record;

                STAILQ_REMOVE_HEAD(&i->list, entry);
                h->record = (AccountRecord){};
                if (inherit_account(k, &record, str_or_empty(h->store_name)) < 0)
                        log_error("A grant that the service manager kept could not be taken over.");
                heirloom_free(h);
        }
}

/* One without an account is of no use, unless it was added by hand. */
static bool is_wanted(const Keeper *k, const ApplicationRecord *record) {
        return record->kept || keeper_uses_application(k, record->client_id);
}

static void hand_over_applications(Inheritance *i, Keeper *k) {
        Dowry *d, *next;

        for (d = STAILQ_FIRST(&i->applications); d; d = next) {
                ApplicationRecord record = d->record;

                next = STAILQ_NEXT(d, entry);
                if (!is_wanted(k, &record))
                        continue;

                STAILQ_REMOVE(&i->applications, d, Dowry, entry);
                d->record = (ApplicationRecord){};
                if (applications_inherit(keeper_applications(k), &record,
                                         str_or_empty(d->store_name)) < 0)
                        log_error("An application that the service manager kept could not be taken "
                                  "over.");
                dowry_free(d);
        }
}

/* What Yandex answered to an earlier run, if it is still news. */
static bool take_leftover(Keeper *k, const Leftover *leftover) {
        Account *a = keeper_account_by_id(k, leftover->id);

        return a && account_take_leftover(a, leftover);
}

static void hand_over_answers(Inheritance *i, Keeper *k) {
        Answer *a, *next;

        for (a = STAILQ_FIRST(&i->answers); a; a = next) {
                next = STAILQ_NEXT(a, entry);
                if (!take_leftover(k, &a->leftover))
                        continue;

                (void) fdstore_remove(str_or_empty(a->store_name));
                STAILQ_REMOVE(&i->answers, a, Answer, entry);
                answer_free(a);
        }
}

/* An application is nothing without an account, and a record may be what became of an answer. */
void inheritance_hand_over(Inheritance *i, Keeper *k) {
        hand_over_accounts(i, k);
        hand_over_applications(i, k);
        hand_over_answers(i, k);
}

void inheritance_drop_applications(Inheritance *i) {
        Dowry *d;

        while ((d = STAILQ_FIRST(&i->applications))) {
                (void) fdstore_remove(str_or_empty(d->store_name));
                STAILQ_REMOVE_HEAD(&i->applications, entry);
                dowry_free(d);
        }
}
