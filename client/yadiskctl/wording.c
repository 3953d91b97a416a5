/* SPDX-License-Identifier: MIT */

#include "yadiskctl/wording.h"

#include "common/i18n.h"

typedef struct WordingRow {
        const char *name, *words;
        Colour colour;
} WordingRow;

static const WordingRow states[] = {
        { "active", N_("active"), COLOUR_GOOD },
        { "expired", N_("expired; its renewal is still being tried"), COLOUR_TROUBLE },
        { "sign-in-needed", N_("sign-in needed"), COLOUR_TROUBLE },
        { "app-refused", N_("application refused; the tokens are kept"), COLOUR_TROUBLE },
        { "locked", N_("locked together with the keyring"), COLOUR_ATTENTION },
        {},
};

static const WordingRow keyrings[] = {
        { "unlocked", N_("unlocked"), COLOUR_GOOD },
        { "locked", N_("locked; unlock it to have new tokens kept"), COLOUR_ATTENTION },
        { "absent", N_("absent; install and start one, for example gnome-keyring"),
          COLOUR_TROUBLE },
        {},
};

static Wording find(const WordingRow *table, const char *name) {
        for (; table->name; table++)
                if (streq(table->name, name))
                        return (Wording){ _(table->words), table->colour };
        return (Wording){ name, COLOUR_PLAIN };
}

Wording wording_of_state(const char *name) {
        return find(states, name);
}

Wording wording_of_keyring(const char *name) {
        return find(keyrings, name);
}

Wording wording_of_network(bool online) {
        return online ? (Wording){ _("online"), COLOUR_GOOD }
                      : (Wording){ _("offline; Yandex could not be reached when last tried"),
                                   COLOUR_ATTENTION };
}
