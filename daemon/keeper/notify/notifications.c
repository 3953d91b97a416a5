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

/* One kind of notification about an account. */
typedef struct Notification {
        const char *name;
        bool (*is_due)(const Account *account);
        const char *summary;
        int (*make_body)(const char *label, char **ret);
        const char *action;
        const char *command;
} Notification;

static bool notification_is_sign_in_due(const Account *account) {
        return account_state(account) == ACCOUNT_SIGN_IN_NEEDED;
}

static bool notification_is_app_refused_due(const Account *account) {
        return account_state(account) == ACCOUNT_APP_REFUSED;
}

static bool notification_is_secret_due(const Account *account) {
        return account_state(account) != ACCOUNT_LOCKED &&
               condition_is_of_client_secret(account_last_error(account));
}

static bool notification_is_unsaved_due(const Account *account) {
        return account_state(account) != ACCOUNT_LOCKED && !account_is_saved(account) &&
               condition_is_of_keyring(account_last_error(account));
}

static int notification_say_sign_in(const char *label, char **ret) {
        return str_format(ret, _("Yandex no longer accepts the sign-in of \"%s\"."), label);
}

static int notification_say_app_refused(const char *label, char **ret) {
        return str_format(ret,
                          _("Yandex refuses the application of \"%s\". The tokens are kept, and "
                            "tried again every day. Look at the application at "
                            "https://oauth.yandex.ru."),
                          label);
}

static int notification_say_secret(const char *label, char **ret) {
        return str_format(ret,
                          _("The token of \"%s\" cannot be renewed, since the secret of its "
                            "application is not in the keyring, or cannot be read there. It is "
                            "shown at https://oauth.yandex.ru."),
                          label);
}

static int notification_say_unsaved(const char *label, char **ret) {
        return str_format(ret,
                          _("The newest token of \"%s\" could not be saved in the keyring. Do not "
                            "log out before it is: unlock the keyring, or start it."),
                          label);
}

static const Notification all_notifications[] = {
        {
                SIGN_IN,
                notification_is_sign_in_due,
                N_("Yandex Disk: sign in again"),
                notification_say_sign_in,
                N_("Sign in"),
                N_("To sign in again, run \"yadiskctl login\" in a terminal."),
        },
        {
                "application",
                notification_is_app_refused_due,
                N_("Yandex Disk: application refused"),
                notification_say_app_refused,
                NULL,
                N_("To see what is wrong, run \"yadiskctl doctor\" in a terminal."),
        },
        {
                "secret",
                notification_is_secret_due,
                N_("Yandex Disk: a secret is missing"),
                notification_say_secret,
                NULL,
                N_("To give it again, run \"yadiskctl apps add\" in a terminal."),
        },
        {
                "unsaved",
                notification_is_unsaved_due,
                N_("Yandex Disk: a token cannot be saved"),
                notification_say_unsaved,
                NULL,
                N_("To see what is wrong, run \"yadiskctl doctor\" in a terminal."),
        },
};

static void notification_make_tag(char tag[static TAG_MAX], const char *name,
                                  const Account *account) {
        (void) snprintf(tag, TAG_MAX, "%s-%s", name, account_id(account));
}

/* Only the notification about signing in has a button. */
static void notifications_on_action(const char *tag, NoteButton button, void *userdata) {
        Notifications *n = userdata;

        n->fn(tag + strlen(SIGN_IN "-"), n->userdata);
}

int notifications_new(sd_event *event, NotificationsFn fn, void *userdata, Notifications **ret) {
        _cleanup_(notifications_freep) Notifications *n = NULL;
        int r;

        n = malloc(sizeof(Notifications));
        if (!n)
                return -ENOMEM;

        *n = (Notifications){ .fn = fn, .userdata = userdata };
        r = notifier_new(event, notifications_on_action, n, &n->notifier);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(n);
        return 0;
}

Notifications *notifications_free(Notifications *n) {
        if (!n)
                return NULL;

        notifier_free(n->notifier);
        free(n);
        return NULL;
}

static void notifications_show(Notifications *n, const Notification *what, const Account *account,
                               const char *tag) {
        _cleanup_free_ char *body = NULL;

        if (what->make_body(account_record(account)->label, &body) < 0)
                return;

        notifier_show(n->notifier, tag,
                      &(Note){
                              .summary = _(what->summary),
                              .body = body,
                              .action = _(what->action),
                              .command = _(what->command),
                      });
}

void notifications_update(Notifications *n, const Account *account) {
        for (size_t i = 0; i < ELEMENTSOF(all_notifications); i++) {
                char tag[TAG_MAX];

                notification_make_tag(tag, all_notifications[i].name, account);
                if (all_notifications[i].is_due(account))
                        notifications_show(n, &all_notifications[i], account, tag);
                else
                        notifier_withdraw(n->notifier, tag);
        }
}

bool notifications_replace(Notifications *n, const Account *account, const Note *note) {
        char tag[TAG_MAX];

        if (!notification_is_sign_in_due(account))
                return false;

        notification_make_tag(tag, SIGN_IN, account);
        notifier_change(n->notifier, tag, note);
        return true;
}

void notifications_forget(Notifications *n, const Account *account) {
        for (size_t i = 0; i < ELEMENTSOF(all_notifications); i++) {
                char tag[TAG_MAX];

                notification_make_tag(tag, all_notifications[i].name, account);
                notifier_withdraw(n->notifier, tag);
        }
}
