/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What is between us and Yandex: whether its three hosts answer, prove who they are, and agree with our
 * clock. All are asked at once, without credentials.
 */

#include "keeper/account/accounts.h"
#include "keeper/world.h"

typedef struct NetworkDiagnosis NetworkDiagnosis;

/* Valid during the callback. */
typedef struct NetworkFindings {
        bool reachable;      /* all hosts */
        bool trusted;        /* all that were reached */
        const char *reason;  /* what is wrong, a static clause; "" where nothing is */
        const char *host;    /* with which of them: its address; "" where nothing is */
        int64_t server_time; /* UTC seconds; 0: no host told */
        int64_t local_time;  /* at the same moment */
} NetworkFindings;

/* From the loop, once; may free the diagnosis. findings only where r = 0; else r is a negative errno. */
typedef void (*NetworkDiagnosisFn)(int r, const NetworkFindings *findings, void *userdata);

/* 0 or a negative errno. It takes 15 s at most, as any request. */
int network_diagnosis_start(World *w, NetworkDiagnosisFn fn, void *userdata,
                            NetworkDiagnosis **ret);

/* Cancels. Takes NULL, returns NULL. */
NetworkDiagnosis *network_diagnosis_free(NetworkDiagnosis *d);
DEFINE_CLEANUP(NetworkDiagnosis *, network_diagnosis_free)
