/* SPDX-License-Identifier: MIT */

#include "yadiskctl/verb/wording.h"

#include "common/i18n.h"

typedef struct WordingRow {
        const char *name, *words;
        Colour colour;
} WordingRow;

/* A locked account that has the trouble of a keyring that cannot be used: its item is not understood. */
#define UNREADABLE "unreadable"

static const WordingRow states[] = {
        { "active", N_("active"), COLOUR_GOOD },
        { "expired", N_("expired; yadisk-tokend keeps trying to renew it"), COLOUR_TROUBLE },
        { "sign-in-needed", N_("sign-in needed"), COLOUR_TROUBLE },
        { "app-refused", N_("application refused; the tokens are kept"), COLOUR_TROUBLE },
        { "locked", N_("locked"), COLOUR_ATTENTION },
        { UNREADABLE, N_("cannot be read from the keyring"), COLOUR_TROUBLE },
        {},
};

static const WordingRow states_in_short[] = {
        { "active", N_("active"), COLOUR_GOOD },
        { "expired", N_("expired"), COLOUR_TROUBLE },
        { "sign-in-needed", N_("sign-in needed"), COLOUR_TROUBLE },
        { "app-refused", N_("application refused"), COLOUR_TROUBLE },
        { "locked", N_("locked"), COLOUR_ATTENTION },
        { UNREADABLE, N_("unreadable"), COLOUR_TROUBLE },
        {},
};

static Wording find(const WordingRow *table, const char *name) {
        for (; table->name; table++)
                if (streq(table->name, name))
                        return (Wording){ _(table->words), table->colour };
        return (Wording){ name, COLOUR_PLAIN };
}

static const char *name_of_state(const Account *a) {
        return account_is_unreadable(a) ? UNREADABLE : a->state;
}

Wording wording_of_state(const Account *a) {
        return find(states, name_of_state(a));
}

Wording wording_of_state_in_short(const Account *a) {
        return find(states_in_short, name_of_state(a));
}

Wording wording_of_keyring(const Snapshot *s) {
        switch (snapshot_keyring_condition(s)) {
        case 0:
                return (Wording){ _("unlocked"), COLOUR_GOOD };
        case CONDITION_KEYRING_LOCKED:
                return (Wording){ _("locked; \"yadiskctl doctor\" tells how to unlock it"),
                                  COLOUR_ATTENTION };
        case CONDITION_KEYRING_ITEMS_LOCKED:
                return (Wording){ _("open, but closed to yadisk-tokend; \"yadiskctl doctor\" tells "
                                    "how to let it in"),
                                  COLOUR_ATTENTION };
        case CONDITION_KEYRING_MISSING:
                return (Wording){
                        _("there is none yet; \"yadiskctl doctor\" tells how to make one"),
                        COLOUR_TROUBLE
                };
        case CONDITION_KEYRING_UNAVAILABLE:
                return (Wording){ _("absent; \"yadiskctl doctor\" tells how to get one"),
                                  COLOUR_TROUBLE };
        default:
                return (Wording){ _("cannot be used; \"yadiskctl doctor\" tells more"),
                                  COLOUR_TROUBLE };
        }
}

Wording wording_of_network(bool online) {
        return online ? (Wording){ _("online"), COLOUR_GOOD }
                      : (Wording){ _("offline; Yandex could not be reached when last tried"),
                                   COLOUR_ATTENTION };
}
