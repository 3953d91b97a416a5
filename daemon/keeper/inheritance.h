/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What an earlier run left in the service manager's descriptor store: grants and applications that never
 * reached the keyring. Taken in early, handed over once the keyring has been asked.
 */

#include "common/util.h"
#include "keeper/leftover.h"
#include "model/record.h"

typedef struct Inheritance Inheritance;

/* Once, early in main. 0 or a negative errno. */
int inheritance_new(Inheritance **ret);
Inheritance *inheritance_free(Inheritance *i);
DEFINE_CLEANUP(Inheritance *, inheritance_free)

/* Calls fn for each record, which is then fn's, also where it fails; once. */
void inheritance_hand_over(Inheritance *i,
                           int (*fn)(AccountRecord *record, const char *store_name, void *userdata),
                           void *userdata);

/* The same for each application that is wanted by now; the others wait for the next time. Accounts come
 * first, since an application is nothing without one. */
void inheritance_hand_over_applications(
        Inheritance *i, bool (*is_wanted)(const ApplicationRecord *record, void *userdata),
        int (*fn)(ApplicationRecord *record, const char *store_name, void *userdata),
        void *userdata);

/* Everything in the keyring was seen, so the others never will be wanted: they leave the store. */
void inheritance_drop_applications(Inheritance *i);

/* Calls fn for each answer that nobody dealt with, until it returns true: then it is done with, and
 * leaves the store. Records come first, since one of them may be what became of the answer. */
void inheritance_hand_over_answers(Inheritance *i,
                                   bool (*fn)(const Leftover *leftover, void *userdata),
                                   void *userdata);
