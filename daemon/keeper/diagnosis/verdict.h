/* SPDX-License-Identifier: MIT */
#pragma once

/* What Yandex says of something it was asked about. */

#include <errno.h>

typedef enum Verdict {
        VERDICT_UNKNOWN, /* was not asked, or did not tell */
        VERDICT_ACCEPTED,
        VERDICT_REFUSED,
        _VERDICT_MAX,
        _VERDICT_INVALID = -EINVAL,
} Verdict;
