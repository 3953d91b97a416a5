/* SPDX-License-Identifier: MIT */

#include "keeper/herald.h"

#include <stdio.h>

#include "common/condition.h"
#include "platform/notifier.h"

#define TAG_MAX  128
#define BODY_MAX 512

struct Herald {
        Notifier *notifier;
};

/* A trouble, and the words for it: the body names the account between two parts. */
typedef struct Trouble {
        const char *tag;
        bool (*is_there)(const Account *account);
        const char *summary;
        const char *before;
        const char *after;
} Trouble;

static bool needs_sign_in(const Account *account) {
        return account_state(account) == ACCOUNT_SIGN_IN_NEEDED;
}

static bool is_app_refused(const Account *account) {
        return account_state(account) == ACCOUNT_APP_REFUSED;
}

static bool is_unsaved(const Account *account) {
        return account_state(account) != ACCOUNT_LOCKED && !account_is_saved(account) &&
               condition_is_of_keyring(account_trouble(account));
}

static const Trouble troubles[] = {
        {
                "sign-in",
                needs_sign_in,
                "Yandex Disk: sign in again",
                "Yandex no longer accepts the sign-in of",
                ". Run \"yadiskctl login\" in a terminal.",
        },
        {
                "application",
                is_app_refused,
                "Yandex Disk: application refused",
                "Yandex refuses the application of",
                ". Look at it at https://oauth.yandex.ru; the tokens are kept and tried again "
                "every "
                "day.",
        },
        {
                "unsaved",
                is_unsaved,
                "Yandex Disk: a token cannot be saved",
                "The keyring does not take the newest token of",
                ". Unlock or start the keyring; until then do not log out.",
        },
};

static void make_tag(char tag[static TAG_MAX], const Trouble *t, const Account *account) {
        (void) snprintf(tag, TAG_MAX, "%s-%s", t->tag, account_id(account));
}

int herald_new(sd_event *event, Herald **ret) {
        _cleanup_(herald_freep) Herald *h = NULL;
        int r;

        h = malloc(sizeof(Herald));
        if (!h)
                return -ENOMEM;

        *h = (Herald){};
        r = notifier_new(event, &h->notifier);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(h);
        return 0;
}

Herald *herald_free(Herald *h) {
        if (!h)
                return NULL;

        notifier_free(h->notifier);
        free(h);
        return NULL;
}

static void show(Herald *h, const Trouble *t, const Account *account, const char *tag) {
        char body[BODY_MAX];

        (void) snprintf(body, sizeof(body), "%s \"%s\"%s", t->before,
                        account_record(account)->label, t->after);
        notifier_show(h->notifier, tag, t->summary, body);
}

void herald_look(Herald *h, const Account *account) {
        for (size_t i = 0; i < ELEMENTSOF(troubles); i++) {
                char tag[TAG_MAX];

                make_tag(tag, &troubles[i], account);
                if (troubles[i].is_there(account))
                        show(h, &troubles[i], account, tag);
                else
                        notifier_withdraw(h->notifier, tag);
        }
}

void herald_forget(Herald *h, const Account *account) {
        for (size_t i = 0; i < ELEMENTSOF(troubles); i++) {
                char tag[TAG_MAX];

                make_tag(tag, &troubles[i], account);
                notifier_withdraw(h->notifier, tag);
        }
}
