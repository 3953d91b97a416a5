/* SPDX-License-Identifier: MIT */

#include "keeper/notify/notifications.h"

#include <stdio.h>

#include "common/condition.h"
#include "common/i18n.h"

#define TAG_MAX 128
#define SIGN_IN "sign-in"

struct Notifications {
        Notifier *notifier;
        NotificationsFn fn;
        void *userdata;
};

/* A trouble, and the words for it; the body names the account. */
typedef struct Trouble {
        const char *name;
        bool (*is_there)(const Account *account);
        const char *summary;
        int (*make_body)(const char *label, char **ret);
        const char *action;
        const char *command;
} Trouble;

static bool needs_sign_in(const Account *account) {
        return account_state(account) == ACCOUNT_SIGN_IN_NEEDED;
}

static bool is_app_refused(const Account *account) {
        return account_state(account) == ACCOUNT_APP_REFUSED;
}

static bool lacks_secret(const Account *account) {
        return account_last_error(account) == CONDITION_CLIENT_SECRET_MISSING;
}

static bool is_unsaved(const Account *account) {
        return account_state(account) != ACCOUNT_LOCKED && !account_is_saved(account) &&
               condition_is_of_keyring(account_last_error(account));
}

static int say_sign_in_needed(const char *label, char **ret) {
        return str_format(ret, _("Yandex no longer accepts the sign-in of \"%s\"."), label);
}

static int say_app_refused(const char *label, char **ret) {
        return str_format(ret,
                          _("Yandex refuses the application of \"%s\". The tokens are kept, and "
                            "tried again every day. Look at the application at "
                            "https://oauth.yandex.ru."),
                          label);
}

static int say_secret_missing(const char *label, char **ret) {
        return str_format(ret,
                          _("The keyring has lost the secret of the application of \"%s\", without "
                            "which the token cannot be renewed. It is shown at "
                            "https://oauth.yandex.ru."),
                          label);
}

static int say_unsaved(const char *label, char **ret) {
        return str_format(ret,
                          _("The newest token of \"%s\" could not be saved in the keyring. Do not "
                            "log out before it is: unlock the keyring, or start it."),
                          label);
}

static const Trouble troubles[] = {
        {
                SIGN_IN,
                needs_sign_in,
                N_("Yandex Disk: sign in again"),
                say_sign_in_needed,
                N_("Sign in"),
                N_("To sign in again, run \"yadiskctl login\" in a terminal."),
        },
        {
                "application",
                is_app_refused,
                N_("Yandex Disk: application refused"),
                say_app_refused,
                NULL,
                N_("To see what is wrong, run \"yadiskctl doctor\" in a terminal."),
        },
        {
                "secret",
                lacks_secret,
                N_("Yandex Disk: a secret is missing"),
                say_secret_missing,
                NULL,
                N_("To give it again, run \"yadiskctl apps add\" in a terminal."),
        },
        {
                "unsaved",
                is_unsaved,
                N_("Yandex Disk: a token cannot be saved"),
                say_unsaved,
                NULL,
                N_("To see what is wrong, run \"yadiskctl doctor\" in a terminal."),
        },
};

static void make_tag(char tag[static TAG_MAX], const char *name, const Account *account) {
        (void) snprintf(tag, TAG_MAX, "%s-%s", name, account_id(account));
}

/* Nothing else can be pressed than what is about signing in. */
static void on_action(const char *tag, void *userdata) {
        Notifications *h = userdata;

        h->fn(tag + strlen(SIGN_IN "-"), h->userdata);
}

int notifications_new(sd_event *event, NotificationsFn fn, void *userdata, Notifications **ret) {
        _cleanup_(notifications_freep) Notifications *h = NULL;
        int r;

        h = malloc(sizeof(Notifications));
        if (!h)
                return -ENOMEM;

        *h = (Notifications){ .fn = fn, .userdata = userdata };
        r = notifier_new(event, on_action, h, &h->notifier);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(h);
        return 0;
}

Notifications *notifications_free(Notifications *h) {
        if (!h)
                return NULL;

        notifier_free(h->notifier);
        free(h);
        return NULL;
}

static void show(Notifications *h, const Trouble *t, const Account *account, const char *tag) {
        _cleanup_free_ char *body = NULL;

        if (t->make_body(account_record(account)->label, &body) < 0)
                return;

        notifier_show(h->notifier, tag,
                      &(Note){
                              .summary = _(t->summary),
                              .body = body,
                              .action = _(t->action),
                              .command = _(t->command),
                      });
}

void notifications_update(Notifications *h, const Account *account) {
        for (size_t i = 0; i < ELEMENTSOF(troubles); i++) {
                char tag[TAG_MAX];

                make_tag(tag, troubles[i].name, account);
                if (troubles[i].is_there(account))
                        show(h, &troubles[i], account, tag);
                else
                        notifier_withdraw(h->notifier, tag);
        }
}

bool notifications_replace(Notifications *h, const Account *account, const Note *note) {
        char tag[TAG_MAX];

        if (!needs_sign_in(account))
                return false;

        make_tag(tag, SIGN_IN, account);
        notifier_change(h->notifier, tag, note);
        return true;
}

void notifications_forget(Notifications *h, const Account *account) {
        for (size_t i = 0; i < ELEMENTSOF(troubles); i++) {
                char tag[TAG_MAX];

                make_tag(tag, troubles[i].name, account);
                notifier_withdraw(h->notifier, tag);
        }
}
