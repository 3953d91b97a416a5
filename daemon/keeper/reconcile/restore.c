/* SPDX-License-Identifier: MIT */

#include "keeper/reconcile/restore.h"

#include <sys/queue.h>

#include "common/log.h"
#include "keeper/sign-in/sign-in.h"
#include "keeper/storage/answer-slot.h"
#include "platform/fdstore.h"

typedef enum StoredKind {
        STORED_ACCOUNT,
        STORED_APPLICATION,
        STORED_ANSWER,
} StoredKind;

/* One document of the descriptor store. */
typedef struct Stored {
        TAILQ_ENTRY(Stored) entry;
        StoredKind kind;
        char *name;
        union {
                AccountRecord account;
                ApplicationRecord application;
                PendingAnswer answer;
        };
} Stored;

struct Restore {
        World *world;
        TAILQ_HEAD(, Stored) list;
};

static Stored *stored_free(Stored *s) {
        switch (s->kind) {
        case STORED_ACCOUNT:
                account_record_done(&s->account);
                break;
        case STORED_APPLICATION:
                application_record_done(&s->application);
                break;
        case STORED_ANSWER:
                pending_answer_done(&s->answer);
                break;
        }
        free(s->name);
        free(s);
        return NULL;
}

/* Returns 0 if the document is whole. */
static int stored_parse(Stored *s, Secret *document) {
        if (answer_slot_is_name(s->name)) {
                s->kind = STORED_ANSWER;
                return pending_answer_parse(s->name, document, &s->answer);
        }
        if (application_is_store_name(s->name)) {
                s->kind = STORED_APPLICATION;
                return application_record_parse(document, &s->application, NULL);
        }
        return account_record_parse(document, &s->account, NULL);
}

static void restore_on_document(const char *name, Secret *document, void *userdata) {
        Restore *restore = userdata;
        Stored *s;

        if (sign_ins_take_stored(restore->world->sign_ins, name, document))
                return;

        s = malloc(sizeof(Stored));
        if (!s)
                return;

        *s = (Stored){ .name = strdup(name) };
        if (s->name && stored_parse(s, document) == 0) {
                TAILQ_INSERT_TAIL(&restore->list, s, entry);
                return;
        }

        /* An answer that is not whole was lost on the way. */
        if (s->kind == STORED_ANSWER)
                (void) fdstore_remove(name);
        else
                log_warning("The service manager kept something that is not a grant of ours; it is "
                            "left there.");
        stored_free(s);
}

int restore_new(World *world, Restore **ret) {
        _cleanup_(restore_freep) Restore *restore = NULL;
        int r;

        restore = malloc(sizeof(Restore));
        if (!restore)
                return -ENOMEM;

        restore->world = world;
        TAILQ_INIT(&restore->list);
        r = fdstore_take(restore_on_document, restore);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(restore);
        return 0;
}

static void restore_remove(Restore *restore, Stored *s) {
        TAILQ_REMOVE(&restore->list, s, entry);
        stored_free(s);
}

Restore *restore_free(Restore *restore) {
        if (!restore)
                return NULL;

        while (!TAILQ_EMPTY(&restore->list))
                restore_remove(restore, TAILQ_FIRST(&restore->list));
        free(restore);
        return NULL;
}

/* The record may be newer than the account's, or all that is known of the account. */
static bool restore_account(World *w, Stored *s) {
        Account *a = accounts_by_id(w->accounts, s->account.id);
        int r = 0;

        if (!a)
                r = accounts_add_locked(w->accounts, s->account.id, s->account.client_id, &a);
        if (r == 0)
                r = account_restore(a, &s->account, s->name);
        if (r < 0)
                log_error("A grant that the service manager kept could not be taken over.");
        return true;
}

/* An application without an account is of no use, unless it was added by hand. */
static bool restore_application(World *w, Stored *s) {
        if (!s->application.kept &&
            !accounts_use_application(w->accounts, s->application.client_id))
                return false;

        if (applications_restore(w->applications, &s->application, s->name) < 0)
                log_error("An application that the service manager kept could not be taken over.");
        return true;
}

/* An answer whose account this keyring does not know is kept: another one may be opened that does,
 * and the refresh token in it is the only one that Yandex still takes. */
static bool restore_answer(World *w, Stored *s) {
        Account *a = accounts_by_id(w->accounts, s->answer.id);

        if (!a || !account_take_pending_answer(a, &s->answer))
                return false;

        (void) fdstore_remove(s->name);
        return true;
}

static void restore_hand_over_kind(Restore *restore, World *w, StoredKind kind,
                                   bool (*fn)(World *w, Stored *s)) {
        Stored *s, *next;

        for (s = TAILQ_FIRST(&restore->list); s; s = next) {
                next = TAILQ_NEXT(s, entry);
                if (s->kind == kind && fn(w, s))
                        restore_remove(restore, s);
        }
}

/* Applications are of use only with an account, and a stored record may be what came of a stored
 * answer. */
void restore_hand_over(Restore *restore, World *w) {
        restore_hand_over_kind(restore, w, STORED_ACCOUNT, restore_account);
        restore_hand_over_kind(restore, w, STORED_APPLICATION, restore_application);
        restore_hand_over_kind(restore, w, STORED_ANSWER, restore_answer);
}

static bool restore_drop(World *w, Stored *s) {
        (void) fdstore_remove(s->name);
        return true;
}

void restore_drop_applications(Restore *restore) {
        restore_hand_over_kind(restore, NULL, STORED_APPLICATION, restore_drop);
}
