/* SPDX-License-Identifier: MIT */

#include "keeper/storage/pending-answer.h"

#include <inttypes.h>
#include <stdio.h>

#define PREFIX  "answer-"
#define HTTP_OK 200

int leftover_name(const char *id, uint32_t generation, int64_t asked_at, char **ret) {
        return str_format(ret, PREFIX "%" PRIu32 "-%" PRId64 "-%s", generation, asked_at, id);
}

bool leftover_is_name(const char *name) {
        return strncmp(name, PREFIX, strlen(PREFIX)) == 0;
}

int leftover_parse(const char *name, Secret *body, Leftover *ret) {
        HttpAnswer http = { .status = HTTP_OK, .body = body, .retry_after = HTTP_NO_RETRY_AFTER };

        *ret = (Leftover){};
        if (sscanf(name, PREFIX "%" SCNu32 "-%" SCNd64 "-%ms", &ret->generation, &ret->asked_at,
                   &ret->id) != 3)
                return -EBADMSG;

        oauth_parse(OAUTH_TOKEN_REFRESH, &http, &ret->parsed);
        return ret->parsed.answer.r == 0 ? 0 : -EBADMSG;
}

void leftover_done(Leftover *l) {
        oauth_parsed_done(&l->parsed);
        free(l->id);
        *l = (Leftover){};
}
