/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * How long things may take, in milliseconds, if one must end before another one.
 *
 * A call is answered in time whatever happens below it: the request to Yandex or the call to the
 * keyring fails first, and its reason becomes the answer.
 */

#define DEADLINE_CONNECT_MS   10000 /* a connection to Yandex */
#define DEADLINE_REQUEST_MS   15000 /* a whole request to Yandex */
#define DEADLINE_KEYRING_MS   10000 /* a call to the keyring that asks the user nothing */
#define DEADLINE_SAVE_MS      2000  /* then a new grant is served unsaved */
#define DEADLINE_LOOK_MS      4000  /* the first look into the keyring */
#define DEADLINE_DIAGNOSIS_MS 15000 /* then a diagnosis has to do without the rest */
#define DEADLINE_OPERATION_MS 15500 /* a call, from when it came */
#define DEADLINE_CALL_MS      20000 /* a call, as io.github.yadiskctl.Tokens1(5) says */
#define DEADLINE_GREETING_MS  5000  /* then the session bus does not answer a client */
#define DEADLINE_CLIENT_MS    25000 /* then a client gives up a call */
#define DEADLINE_STOP_MS      18000 /* the daemon ends, after SIGTERM */
#define DEADLINE_UNIT_MS      30000 /* TimeoutStopSec= of the unit */

_Static_assert(DEADLINE_CONNECT_MS < DEADLINE_REQUEST_MS,
               "A request that cannot connect fails as such.");
_Static_assert(DEADLINE_REQUEST_MS < DEADLINE_OPERATION_MS,
               "A request fails before the call that waits for it.");
_Static_assert(DEADLINE_KEYRING_MS < DEADLINE_OPERATION_MS,
               "The keyring fails before the call that waits for it.");
_Static_assert(DEADLINE_DIAGNOSIS_MS < DEADLINE_OPERATION_MS,
               "A diagnosis ends before the call that asked for it.");
_Static_assert(DEADLINE_LOOK_MS + DEADLINE_OPERATION_MS < DEADLINE_CALL_MS,
               "A call that came during the first look is answered in time, too.");
_Static_assert(DEADLINE_CALL_MS < DEADLINE_CLIENT_MS,
               "A client hears the reason before it gives up.");
_Static_assert(DEADLINE_REQUEST_MS + DEADLINE_SAVE_MS < DEADLINE_STOP_MS,
               "A grant that is under way is received and stored before the daemon ends.");
_Static_assert(DEADLINE_STOP_MS < DEADLINE_UNIT_MS,
               "The daemon ends by itself before it is killed.");
