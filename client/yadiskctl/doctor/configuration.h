/* SPDX-License-Identifier: MIT */
#pragma once

/* Where the daemon's configuration is; yadiskctl only tells people. */

/* The file that a daemon with our environment reads (yadisk-tokend.conf(5)), or NULL if there is none.
 * Static. */
const char *configuration_path(void);
