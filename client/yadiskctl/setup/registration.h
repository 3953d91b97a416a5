/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The registration of an application: what the form of Yandex wants, and the way of the ClientID
 * and the client secret from there into the keyring, past a check by Yandex.
 */

#include <stdbool.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/setup/application.h"

#define REGISTRATION_FORM_URL "https://oauth.yandex.ru/client/new"

/* Permissions of an application that make sense together. */
typedef struct PermissionSet {
        const char *name;          /* as on the command line */
        const char *summary;       /* for people; to be translated */
        const char *const *scopes; /* ends with NULL */
} PermissionSet;

/* Ends with a row without a name. The first is what most people want. */
extern const PermissionSet permission_sets[];

/* What Yandex says about an application (Manager.CheckApplication). */
typedef struct ApplicationCheck {
        bool is_known;
        bool is_swapped;       /* if it is not known: it is, the other way round */
        bool secret_fits;      /* if it is known */
        char **missing_scopes; /* those asked about that it was not registered with */
} ApplicationCheck;

typedef struct Registration {
        Application application;
        const char *const *scopes; /* wanted; NULL if that is not known */
        bool can_ask;              /* the user is at a terminal and can correct what is wrong */
        bool replace;              /* an account may use another client secret */

        /* The result. */
        bool is_checked;
        char **missing_scopes;
} Registration;

void registration_done(Registration *reg);

/* Shows people the way through the form, in numbered steps of 80 columns at most, from its address
 * to the ClientID. The form (Yandex ID docs) is in Russian, so its words are shown as they stand
 * there, in any language of ours. */
void registration_show_form(const PermissionSet *wanted);

/*
 * Asks Yandex about the ClientID and the client secret. If the user can be asked, what is wrong is
 * asked for again, and what is missing is waited for. Otherwise that is the end: EXIT_STATUS_DENIED
 * if Yandex does not take them. Missing permissions are no reason not to go on.
 */
ExitStatus registration_check(Registration *reg, sd_bus *bus);

/* One step of that, without the bus: says what is wrong with an answer of Yandex and asks for it
 * again, unless is_last is set. Takes the missing scopes out of the check. *ret_again tells whether
 * Yandex is to be asked again. */
ExitStatus registration_judge(Registration *reg, ApplicationCheck *check, bool is_last,
                              bool *ret_again);

/* Saves ClientID and client secret in the keyring. If that fails, the user may try again. If an
 * account uses another client secret, and Yandex has not accepted this one now, the user is asked
 * whether to replace it. */
ExitStatus registration_keep(Registration *reg, sd_bus *bus);

/* The document of setup --json and of apps add --json. */
ExitStatus registration_print_json(const Registration *reg);
