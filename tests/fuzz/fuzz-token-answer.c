/* SPDX-License-Identifier: MIT */

/* The answer to a request for tokens. All three kinds of requests read it alike. */

#include "fuzz.h"
#include "parse-rig.h"

static void check_same(const OauthParsed *a, const OauthParsed *b) {
        check_int(a->answer.r, b->answer.r);
        check_str(a->answer.reason, b->answer.reason);
        check(a->answer.lost == b->answer.lost);
        check(secret_equal(a->token.access_token, b->token.access_token));
        check(secret_equal(a->token.refresh_token, b->token.refresh_token));
        check_int(a->token.expires_in, b->token.expires_in);
        check(strv_same_set(a->scopes, b->scopes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(oauth_parsed_done) OauthParsed refreshed = {}, signed_in = {};

        parse_bytes(OAUTH_TOKEN_REFRESH, 200, data, size, &refreshed);
        check_answer(OAUTH_TOKEN_REFRESH, 200, &refreshed.answer);
        check(refreshed.answer.lost == (refreshed.answer.r != 0));

        parse_bytes(OAUTH_TOKEN_CODE, 200, data, size, &signed_in);
        check_same(&refreshed, &signed_in);
        return 0;
}
