/* SPDX-License-Identifier: MIT */

/* A refusal as the answer to each request. The first byte of the input is which request, the second
 * is the status. */

#include "fuzz.h"
#include "parse-rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const int statuses[] = { 400, 401, 403, 404, 429, 500, 200, 204, 302 };
        Input in = { data, size };
        OauthRequest request = (OauthRequest) (input_take(&in) % _OAUTH_REQUEST_MAX);
        int status = statuses[input_take(&in) % ELEMENTSOF(statuses)];
        _cleanup_(oauth_parsed_done) OauthParsed p = {};

        parse_bytes(request, status, in.at, in.left, &p);
        check_answer(request, status, &p.answer);
        check(!p.answer.error || status / 100 == 4);
        check(p.answer.slow_down == streq(p.answer.error, "slow_down"));
        check(p.answer.r != CONDITION_SIGN_IN_NEEDED || streq(p.answer.error, "invalid_grant"));
        check(!p.answer.reason || (*p.answer.reason && strlen(p.answer.reason) < 1024));
        return 0;
}
