/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The answer to a refresh that an earlier run of us asked for and did not live to deal with. It
 * arrived in memory that the service manager keeps; the name there says what it answers.
 */

#include "yandex/oauth-answer.h"

typedef struct PendingAnswer {
        char *id;            /* of the account */
        uint32_t generation; /* that was to be renewed */
        int64_t asked_at;    /* UTC seconds */
        OauthParsed parsed;
} PendingAnswer;

/* The caller frees *ret. 0 or -ENOMEM. */
int answer_slot_name(const char *id, uint32_t generation, int64_t asked_at, char **ret);

bool answer_slot_is_name(const char *name);

/* 0 where it is a whole answer with tokens; else negative, and there is nothing to be done about it. */
int pending_answer_parse(const char *name, Secret *body, PendingAnswer *ret);
void pending_answer_done(PendingAnswer *l);
