/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * An answer slot: memory for one answer of Yandex, which the service manager keeps as well. The
 * answer may hold the only refresh token there is, so it must outlive a crash of ours. The name in
 * the descriptor store says what was asked; after a crash the next run finds the answer there and
 * deals with it.
 */

#include "yandex/oauth-answer.h"

typedef struct AnswerSlot {
        char *name;   /* in the descriptor store */
        Secret *body; /* empty, with room for HTTP_ANSWER_MAX bytes; NULL if nothing is lent */
} AnswerSlot;

/* What the name and the body of a slot tell the next run. */
typedef struct PendingAnswer {
        char *id;            /* of the account */
        uint32_t generation; /* of the grant that was to be renewed */
        int64_t asked_at;    /* UTC seconds */
        OauthParsed parsed;
} PendingAnswer;

/* The name of the slot for a refresh. The caller frees *ret. Returns 0 or -ENOMEM. */
int answer_slot_name(const char *id, uint32_t generation, int64_t asked_at, char **ret);

bool answer_slot_is_name(const char *name);

/* Creates a slot without memory. Returns 0 or -ENOMEM. */
int answer_slot_new(const char *name, AnswerSlot **ret);

/* Lends memory to the slot, or erases it for the next request. Returns 0, or a negative errno, in
 * which case the body is NULL and the answer has to arrive elsewhere. */
int answer_slot_lend(AnswerSlot *slot);

/* Leaves the answer to the next run. What was lent is erased with its last reference, so a copy
 * goes into the descriptor store beside it. Returns NULL. */
AnswerSlot *answer_slot_leave(AnswerSlot *slot);

/* The answer was dealt with: removes it from the descriptor store. Takes NULL, returns NULL. */
AnswerSlot *answer_slot_free(AnswerSlot *slot);
DEFINE_CLEANUP(AnswerSlot *, answer_slot_free)

/* Parses what arrived in a slot. The caller frees *ret with oauth_parsed_done(). Returns 0 if it is
 * a whole answer with tokens; otherwise -EBADMSG, and the answer is lost. */
int answer_slot_parse(Secret *body, OauthParsed *ret);

/* The same for a refresh, whose slot has a name that tells what was asked. */
int pending_answer_parse(const char *name, Secret *body, PendingAnswer *ret);
void pending_answer_done(PendingAnswer *pending);
