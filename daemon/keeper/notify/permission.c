/* SPDX-License-Identifier: MIT */

#include "keeper/notify/permission.h"

#include <sys/queue.h>

#include "common/condition.h"
#include "common/i18n.h"
#include "common/log.h"
#include "common/shell.h"
#include "platform/notifier.h"

/* Apps by the dozen must not cover the screen. */
#define QUESTIONS_MAX 16

/* A question that was asked. It stays when it is answered, so that it is not asked again. */
typedef struct Question {
        LIST_ENTRY(Question) entry;
        char *app;        /* also the tag of the note */
        char *account_id; /* NULL: it is answered */
        WaitList waits;
} Question;

struct Permissions {
        World *world;
        Notifier *notifier;
        LIST_HEAD(, Question) questions;
        unsigned n_questions;
};

static Question *question_free(Question *q) {
        wait_list_answer(&q->waits, CONDITION_ACCESS_DENIED);
        free(q->account_id);
        free(q->app);
        free(q);
        return NULL;
}

DEFINE_CLEANUP(Question *, question_free)

static int question_new(const Account *account, const char *app, Question **ret) {
        _cleanup_(question_freep) Question *q = NULL;
        int r;

        q = malloc(sizeof(Question));
        if (!q)
                return -ENOMEM;

        *q = (Question){ .waits = TAILQ_HEAD_INITIALIZER(q->waits) };
        r = str_replace(&q->app, app);
        if (r == 0)
                r = str_replace(&q->account_id, account_id(account));
        if (r < 0)
                return r;

        *ret = TAKE_PTR(q);
        return 0;
}

/* One of those who waited may do anything. */
static void question_end(Question *q, Permissions *p, int r) {
        notifier_withdraw(p->notifier, q->app);
        free(TAKE_PTR(q->account_id));
        wait_list_answer(&q->waits, r);
}

static Question *permissions_find(const Permissions *p, const char *app) {
        Question *q;

        LIST_FOREACH(q, &p->questions, entry)
                if (streq(q->app, app))
                        return q;
        return NULL;
}

static bool question_is_open(const Question *q, const Account *account) {
        return streq(q->account_id, account_id(account));
}

int permission_make_command(const char *app, const char *account, char **ret) {
        _cleanup_free_ char *app_word = NULL, *account_word = NULL;
        int r;

        r = shell_quote_word(app, &app_word);
        if (r < 0)
                return r;
        if (str_is_empty(account))
                return str_format(ret, "yadiskctl allow %s", app_word);
        /* No account has such a name, or it would be taken for an option. */
        if (!label_is_valid(account) || *account == '-')
                return str_format(ret, "yadiskctl allow %s ACCOUNT", app_word);

        r = shell_quote_word(account, &account_word);
        return r < 0 ? r : str_format(ret, "yadiskctl allow %s %s", app_word, account_word);
}

static int question_show(const Question *q, Permissions *p, const Account *account) {
        bool is_default = account == accounts_default(p->world->accounts);
        _cleanup_free_ char *body = NULL, *command = NULL, *sentence = NULL;
        int r;

        r = str_format(&body, _("\"%s\" is in a sandbox and asks for the token of \"%s\"."), q->app,
                       account_record(account)->label);
        if (r == 0)
                r = permission_make_command(q->app, is_default ? NULL : q->account_id, &command);
        if (r == 0)
                r = str_format(&sentence, _("To allow that, run \"%s\" in a terminal."), command);
        if (r < 0)
                return r;

        notifier_show(p->notifier, q->app,
                      &(Note){
                              .summary = _("Yandex Disk: an app asks for access"),
                              .body = body,
                              .action = _("Allow"),
                              .command = sentence,
                              .denial = _("Deny"),
                      });
        return 0;
}

/* While an account is locked, nothing can be recorded in it. */
static bool permissions_can_ask(const Permissions *p, const Account *account, const char *app) {
        return !p->world->stopping && p->n_questions < QUESTIONS_MAX && app_name_is_valid(app) &&
               account_state(account) != ACCOUNT_LOCKED && !account_is_signing_out(account);
}

int permissions_ask(Permissions *p, const Account *account, const char *app, WaitFn fn,
                    void *userdata, Wait **ret) {
        _cleanup_(question_freep) Question *q = NULL;
        _cleanup_(wait_freep) Wait *wait = NULL; /* goes before the question */
        Question *asked = permissions_find(p, app);
        int r;

        if (asked)
                return question_is_open(asked, account) && !TAILQ_EMPTY(&asked->waits)
                               ? wait_new(&asked->waits, fn, userdata, ret)
                               : CONDITION_ACCESS_DENIED;
        if (!permissions_can_ask(p, account, app))
                return CONDITION_ACCESS_DENIED;

        r = question_new(account, app, &q);
        if (r == 0)
                r = wait_new(&q->waits, fn, userdata, &wait);
        if (r == 0)
                r = question_show(q, p, account);
        if (r < 0)
                return r;

        log_event(LOG_NOTICE, &(LogContext){ .account = q->account_id, .app = app },
                  "The user is asked whether a sandboxed app may have the tokens of the account.");
        LIST_INSERT_HEAD(&p->questions, q, entry);
        p->n_questions++;
        TAKE_PTR(q);
        *ret = TAKE_PTR(wait);
        return 0;
}

/* account_allow() announces the change, which ends the question. */
static void permissions_on_button(const char *tag, NoteButton button, void *userdata) {
        Permissions *p = userdata;
        Question *q = permissions_find(p, tag);
        Account *account;
        int r = CONDITION_ACCESS_DENIED;

        if (!q || !q->account_id)
                return;

        account = accounts_by_id(p->world->accounts, q->account_id);
        if (button == NOTE_ACTION && account)
                r = account_allow(account, q->app);
        else
                log_event(LOG_NOTICE, &(LogContext){ .account = q->account_id, .app = q->app },
                          "The user does not allow a sandboxed app to have the tokens of the "
                          "account.");
        if (r != 0)
                question_end(q, p, CONDITION_ACCESS_DENIED);
}

void permissions_update(Permissions *p, const Account *account) {
        Question *q;

        LIST_FOREACH(q, &p->questions, entry)
                if (question_is_open(q, account) && account_allows(account, q->app))
                        question_end(q, p, 0);
}

void permissions_forget(Permissions *p, const Account *account) {
        Question *q;

        LIST_FOREACH(q, &p->questions, entry)
                if (question_is_open(q, account))
                        question_end(q, p, CONDITION_ACCESS_DENIED);
}

int permissions_new(World *world, Permissions **ret) {
        _cleanup_(permissions_freep) Permissions *p = NULL;
        int r;

        p = malloc(sizeof(Permissions));
        if (!p)
                return -ENOMEM;

        *p = (Permissions){
                .world = world,
                .questions = LIST_HEAD_INITIALIZER(p->questions),
        };
        r = notifier_new(world->event, permissions_on_button, p, &p->notifier);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(p);
        return 0;
}

Permissions *permissions_free(Permissions *p) {
        Question *q;

        if (!p)
                return NULL;

        while ((q = LIST_FIRST(&p->questions))) {
                LIST_REMOVE(q, entry);
                question_free(q);
        }
        notifier_free(p->notifier);
        free(p);
        return NULL;
}
