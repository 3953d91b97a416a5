/* SPDX-License-Identifier: MIT */
#pragma once

/* What Yandex says about an application, before anything of it is kept. */

#include <stdbool.h>

#include <systemd/sd-bus.h>

#include "yadiskctl/setup/application-choice.h"

typedef struct ApplicationCheck {
        bool is_known;
        bool secret_fits;      /* of one that is known */
        char **missing_scopes; /* those asked about that it was not registered with */
} ApplicationCheck;

/* scopes ends with NULL, or is NULL. EXIT_STATUS_TRY_LATER where Yandex cannot be asked now. */
ExitStatus application_check(sd_bus *bus, const Application *a, const char *const *scopes,
                             ApplicationCheck *ret);

void application_check_done(ApplicationCheck *check);
