/* SPDX-License-Identifier: MIT */

#include "keeper/storage/answer-slot.h"

#include <inttypes.h>
#include <stdio.h>

#define PREFIX  "answer-"
#define HTTP_OK 200

int answer_slot_name(const char *id, uint32_t generation, int64_t asked_at, char **ret) {
        return str_format(ret, PREFIX "%" PRIu32 "-%" PRId64 "-%s", generation, asked_at, id);
}

bool answer_slot_is_name(const char *name) {
        return strncmp(name, PREFIX, strlen(PREFIX)) == 0;
}

int pending_answer_parse(const char *name, Secret *body, PendingAnswer *ret) {
        HttpAnswer http = { .status = HTTP_OK, .body = body, .retry_after = HTTP_NO_RETRY_AFTER };

        *ret = (PendingAnswer){};
        if (sscanf(name, PREFIX "%" SCNu32 "-%" SCNd64 "-%ms", &ret->generation, &ret->asked_at,
                   &ret->id) != 3)
                return -EBADMSG;

        oauth_parse(OAUTH_TOKEN_REFRESH, &http, &ret->parsed);
        return ret->parsed.answer.r == 0 ? 0 : -EBADMSG;
}

void pending_answer_done(PendingAnswer *l) {
        oauth_parsed_done(&l->parsed);
        free(l->id);
        *l = (PendingAnswer){};
}
