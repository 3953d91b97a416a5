/* SPDX-License-Identifier: MIT */
#pragma once

/* From a ClientID and a client secret that somebody named to an application that Yandex knows and the
 * keyring holds. */

#include "yadiskctl/setup/application-check.h"

typedef struct Enrolment {
        Application application;
        const char *const *scopes; /* wanted; NULL where nobody knows what is */
        bool is_attended;          /* somebody can be asked where something is wrong */

        /* What came of it. */
        bool is_checked;
        char **missing_scopes;
} Enrolment;

/*
 * Asks Yandex about the pair. What is wrong with it is asked for again, and what is missing waited for,
 * where somebody is there; otherwise that is the end: EXIT_STATUS_DENIED for a pair that Yandex does not
 * take. Missing permissions are no reason not to go on.
 */
ExitStatus enrolment_check(Enrolment *e, sd_bus *bus);

/* Puts the pair into the keyring; where that is locked, and somebody is there, as often as they want. */
ExitStatus enrolment_keep(const Enrolment *e, sd_bus *bus);

/* The document of setup --json and its like. */
ExitStatus enrolment_print_json(const Enrolment *e);

void enrolment_done(Enrolment *e);
