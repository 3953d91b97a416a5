/* SPDX-License-Identifier: MIT */

#include "keeper/storage/answer-slot.h"

#include <inttypes.h>
#include <stdio.h>

#include "platform/fdstore.h"

#define PREFIX  "answer-"
#define HTTP_OK 200

int answer_slot_name(const char *id, uint32_t generation, int64_t asked_at, char **ret) {
        return str_format(ret, PREFIX "%" PRIu32 "-%" PRId64 "-%s", generation, asked_at, id);
}

bool answer_slot_is_name(const char *name) {
        return str_has_prefix(name, PREFIX);
}

int answer_slot_new(const char *name, AnswerSlot **ret) {
        _cleanup_free_ AnswerSlot *slot = NULL;

        slot = malloc(sizeof(AnswerSlot));
        if (!slot)
                return -ENOMEM;

        *slot = (AnswerSlot){ .name = strdup(name) };
        if (!slot->name)
                return -ENOMEM;

        *ret = TAKE_PTR(slot);
        return 0;
}

int answer_slot_lend(AnswerSlot *slot) {
        if (!slot->body)
                return fdstore_lend(slot->name, HTTP_ANSWER_MAX, &slot->body);

        secret_clear(slot->body);
        return 0;
}

static AnswerSlot *answer_slot_dispose(AnswerSlot *slot) {
        secret_unref(slot->body);
        free(slot->name);
        free(slot);
        return NULL;
}

AnswerSlot *answer_slot_leave(AnswerSlot *slot) {
        if (slot->body)
                (void) fdstore_put(slot->name, slot->body);
        return answer_slot_dispose(slot);
}

AnswerSlot *answer_slot_free(AnswerSlot *slot) {
        if (!slot)
                return NULL;

        (void) fdstore_remove(slot->name);
        return answer_slot_dispose(slot);
}

int answer_slot_parse(Secret *body, OauthParsed *ret) {
        HttpAnswer http = { .status = HTTP_OK, .body = body, .retry_after = HTTP_NO_RETRY_AFTER };

        oauth_parse(OAUTH_TOKEN_REFRESH, NULL, &http, ret);
        return ret->answer.r == 0 ? 0 : -EBADMSG;
}

int pending_answer_parse(const char *name, Secret *body, PendingAnswer *ret) {
        *ret = (PendingAnswer){};
        if (sscanf(name, PREFIX "%" SCNu32 "-%" SCNd64 "-%ms", &ret->generation, &ret->asked_at,
                   &ret->id) != 3)
                return -EBADMSG;

        return answer_slot_parse(body, &ret->parsed);
}

void pending_answer_done(PendingAnswer *pending) {
        oauth_parsed_done(&pending->parsed);
        free(pending->id);
        *pending = (PendingAnswer){};
}
